/** Owns the client's sockets: dial, send, receive, close, each under its deadline. Knows no retries and no protocol. */
import { connect, type Socket } from 'node:net';
import type { Clock } from './clock';
import type { AttemptFailure } from './errors';

/** Where a device listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Why a step did not come to its end. */
export interface StepFailure {
  readonly failure: AttemptFailure;
  readonly error: string;
}

/** Reads a reply from bytes as they come; see ReplyReader. */
export interface Reader<Answer> {
  push(chunk: Uint8Array): Answer | undefined;
  /** The peer closed: the answer, if that settles a reply that was under way. */
  end(): Answer | undefined;
}

/** Thrown away what a peer still says after its reply, for so long at most; then the socket is destroyed. */
const LINGER_MS = 500;

type Settle<T> = (end: T | StepFailure) => void;

/** One TCP connection; its steps are taken one after the other. Expected failure is a value, never a throw. */
export class Connection {
  private readonly socket: Socket;
  private lost: string | undefined;
  private onLost: ((why: string) => void) | undefined;
  private onCancel: (() => void) | undefined;

  /** Starts to dial at once. `onGone` is called when nothing of the connection is left. */
  constructor(
    { host, port }: Endpoint,
    private readonly clock: Clock,
    onGone: (connection: Connection) => void,
  ) {
    this.socket = connect({ host, port, noDelay: true });
    this.socket.on('error', (error) => this.lose(describe(error)));
    this.socket.on('end', () => this.lose('the device closed the connection'));
    this.socket.on('close', () => {
      this.lose('the connection was closed');
      onGone(this);
    });
  }

  /** Waits for name look-up and handshake. */
  dialled(timeoutMs: number): Promise<StepFailure | undefined> {
    const late = { failure: 'connection_failed', error: `no connection within ${timeoutMs} ms` } as const;
    return this.step<undefined>(timeoutMs, late, (settle) => {
      this.onLost = (error) => settle({ failure: 'connection_failed', error });
      this.socket.once('connect', () => settle(undefined));
    });
  }

  /** Hands all of `bytes` to the system. */
  send(bytes: Uint8Array, timeoutMs: number): Promise<StepFailure | undefined> {
    const late = { failure: 'send_failed', error: `not sent within ${timeoutMs} ms` } as const;
    return this.step<undefined>(timeoutMs, late, (settle) => {
      this.onLost = (error) => settle({ failure: 'send_failed', error });
      this.socket.write(bytes, (error) => {
        // A failed write is told by the error event, with the reason that the system gave.
        if (!error) settle(undefined);
      });
    });
  }

  /** Waits until `reader` has its answer; bytes that trickle in do not move the deadline. */
  receive<Answer>(reader: Reader<Answer>, timeoutMs: number): Promise<Answer | StepFailure> {
    const late = { failure: 'timeout', error: `no reply within ${timeoutMs} ms` } as const;
    return this.step<Answer>(timeoutMs, late, (settle) => {
      this.onLost = (error) => settle(reader.end() ?? { failure: 'connection_closed', error });
      this.socket.on('data', (chunk) => {
        const answer = reader.push(chunk);
        if (answer === undefined) return;
        this.socket.removeAllListeners('data');
        settle(answer);
      });
    });
  }

  /** Ends the step under way as `cancelled`; the socket is gone at once. */
  cancel(): void {
    this.onCancel?.();
    this.destroy();
  }

  /** Says goodbye and lets the peer finish: one that is still writing must not be met with a reset. */
  close(): void {
    if (this.socket.destroyed) return;
    const cancelTimer = this.clock.after(LINGER_MS, () => this.destroy());
    this.socket.once('close', cancelTimer);
    this.socket.removeAllListeners('data').resume();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private step<T>(timeoutMs: number, late: StepFailure, begin: (settle: Settle<T>) => void): Promise<T | StepFailure> {
    return new Promise((resolve) => {
      let open = true;
      const settle: Settle<T> = (end) => {
        if (!open) return;
        open = false;
        cancelTimer();
        this.onLost = undefined;
        this.onCancel = undefined;
        resolve(end);
      };
      // Timers run before sockets are read: a loop that was held up must look for the reply before it gives up.
      const cancelTimer = this.clock.after(timeoutMs, () => setImmediate(settle, late));
      this.onCancel = () => settle({ failure: 'cancelled', error: 'cancelled' });
      begin(settle);
      if (this.lost !== undefined) this.onLost?.(this.lost);
    });
  }

  private lose(why: string): void {
    this.lost ??= why;
    this.onLost?.(why);
  }
}

/** A name with several addresses fails with an AggregateError, whose own message is empty. */
function describe(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((each: Error) => each.message).join('; ');
}
