/**
 * The one place where nodes call `send`, `done` and `error`. These clone the message, and throw for one that is nested
 * too deeply, or that has getters or proxies that throw. Thrown in a promise, that would end the Node-RED process.
 */
import { printable } from '../src/printable';
import type { Done, Message, Node, Send } from './red';

export class GuardedNode {
  constructor(private readonly node: Node) {}

  get id(): string {
    return this.node.id;
  }

  /** The node as a Catch node names it. */
  get source(): { readonly id: string; readonly type: string; readonly name: string } {
    const { id, type, name = '' } = this.node;
    return { id, type, name };
  }

  hasWire(output: number): boolean {
    return (this.node.wires[output]?.length ?? 0) > 0;
  }

  /** Sends what `outputs` makes; if it cannot be sent, `content` is logged in its place. */
  send(send: Send, outputs: () => Message | (Message | null)[], content: string): void {
    try {
      send(outputs());
    } catch (error) {
      this.log(`a message could not be sent (${reasonOf(error)}): ${content}`);
    }
  }

  /** Completes a message, with the error that it ends with if there is one. */
  done(done: Done, error?: Error): void {
    try {
      done(error);
    } catch (thrown) {
      this.log(`a message could not be completed (${reasonOf(thrown)})${error ? `: ${error.message}` : ''}`);
      // The runtime throws before it counts the message as done; without an error there is less to clone.
      if (error) this.done(done);
    }
  }

  /** Raises an error with its message, to which `withDetails` adds what a Catch node is to see. */
  raise(done: Done, error: Error, msg: Message, withDetails: () => Message): void {
    try {
      Object.assign(msg, withDetails());
    } catch {
      // A message that cannot be extended, or not read: the error goes out with a copy, if there can be one.
      return this.raiseWithCopy(done, error, withDetails);
    }
    this.done(done, error);
  }

  private raiseWithCopy(done: Done, error: Error, copy: () => Message): void {
    try {
      this.node.error(error, copy());
    } catch (thrown) {
      this.log(`an error could not be raised (${reasonOf(thrown)}): ${error.message}`);
    }
    this.done(done);
  }

  private log(text: string): void {
    try {
      this.node.warn(text);
    } catch {
      process.emitWarning(`${this.node.type} ${this.node.id}: ${text}`);
    }
  }
}

function reasonOf(error: unknown): string {
  try {
    return printable(String((error as { message?: unknown } | undefined)?.message ?? error));
  } catch {
    return 'unknown reason';
  }
}
