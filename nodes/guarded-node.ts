/** Calls from a node into Node-RED. None throws; a result that cannot be delivered goes to the log. */
import { errorText, printable } from '../src/printable';
import type { Done, Message, Node, Send, Status } from './red';
import { copyMessage } from './unsafe-values';

/**
 * `send`, `done`, `status` and `error` throw for messages that cannot be cloned or read. Most calls come from timers,
 * sockets and promises, where an exception would end the Node-RED process.
 */
export class GuardedNode {
  /** Results that could not be delivered since the node started. */
  private undelivered = 0;

  constructor(private readonly node: Node) {}

  /** Sends messages; if that fails, `result` goes to the log in their place. Returns whether they were sent. */
  send(send: Send, messages: Message | (Message | null)[], result: () => string): boolean {
    try {
      send(messages);
      return true;
    } catch (error) {
      this.notDelivered(result(), error);
      return false;
    }
  }

  /** Ends the handling of a message. */
  done(done: Done): void {
    try {
      done();
    } catch (error) {
      this.notDelivered('a Complete node could not be notified', error);
    }
  }

  /**
   * Ends the handling of a message with an error; a Catch node receives the message with `details` added.
   * Returns whether it was raised.
   */
  fail(msg: Message, done: Done, error: Error, details: object = {}): boolean {
    try {
      if (assigned(msg, details) || !this.node._complete) done(error);
      // A Catch node receives the message that completes, so a message that can't be extended is completed as a copy.
      else this.node._complete(Object.assign(copyMessage(msg), details), error);
      return true;
    } catch (cause) {
      this.notDelivered(error.message, cause);
      return false;
    }
  }

  status(status: Status | Record<string, never>): void {
    this.attempt(() => this.node.status(status));
  }

  /** Logs an error that belongs to no message. */
  error(text: string): void {
    this.attempt(() => this.node.error(text));
  }

  warn(text: string): void {
    this.attempt(() => this.node.warn(text));
  }

  log(text: string): void {
    this.attempt(() => this.node.log(text));
  }

  debug(text: string): void {
    this.attempt(() => this.node.debug(text));
  }

  private notDelivered(result: string, cause: unknown): void {
    this.undelivered += 1;
    this.error(`not delivered (${this.undelivered} so far): ${printable(result)} (${errorText(cause)})`);
  }

  private attempt(call: () => void): void {
    try {
      call();
    } catch (error) {
      // Node-RED's own log failed; only standard error remains.
      process.emitWarning(`${this.node.type} ${this.node.id}: ${errorText(error)}`);
    }
  }
}

/** Whether all details could be put on the message. */
function assigned(msg: Message, details: object): boolean {
  try {
    Object.assign(msg, details);
    return true;
  } catch {
    return false;
  }
}
