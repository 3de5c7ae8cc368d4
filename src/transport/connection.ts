/** Owns one connection to a device: dial, send, receive, close, each under its deadline. Knows no retries and no protocol. */
import type { Socket } from 'node:net';
import { deadline, type Clock } from '../clock';
import { dial, distrust, wordsFor, type Endpoint } from './socket';
import type { AttemptFailure } from '../outcomes';

/** Why a step did not come to its end. */
export interface StepFailure {
  readonly failure: AttemptFailure;
  readonly error: string;
  /** Another attempt would fail the same way. */
  readonly nonRetryable?: true;
}

/** Reads a reply from bytes as they come. */
export interface Reader<Answer> {
  push(chunk: Uint8Array): Answer | undefined;
  /** The peer closed: the answer, if that settles a reply that was under way. */
  end(): Answer | undefined;
}

/** Thrown away what a peer still says after its reply, for so long at most; then the socket is destroyed. */
const LINGER_MS = 500;
/** A connection that nothing crosses for so long is probed by the system, so that one whose peer is gone gets noticed. */
const KEEP_ALIVE_MS = 30_000;

type Settle<T> = (end: T | StepFailure) => void;

/** A step under way, and how it ends before its time. */
interface Step {
  lost(why: string): void;
  cancelled(): void;
}

/** One TCP or TLS connection. Expected failure is a value, never a throw. */
export class Connection {
  private readonly socket: Socket;
  private readonly steps = new Set<Step>();
  private lost: string | undefined;

  /** Starts to dial at once. `onGone` is called when nothing of the connection is left. */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly clock: Clock,
    onGone: (connection: Connection) => void,
  ) {
    this.socket = dial(endpoint);
    this.socket.on('error', (error) => this.lose(wordsFor(error)));
    this.socket.on('end', () => this.lose('the device closed the connection'));
    this.socket.on('close', () => {
      this.lose('the connection was closed');
      onGone(this);
    });
  }

  /** Bytes handed to send() that the system has not taken yet. */
  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  /** Waits for name look-up and handshakes. */
  dialled(timeoutMs: number): Promise<StepFailure | undefined> {
    const late = { failure: 'connection_failed', error: `no connection within ${timeoutMs} ms` } as const;
    const lost = (error: string): StepFailure => this.distrusted() ?? { failure: 'connection_failed', error };
    return this.step<undefined>(timeoutMs, late, lost, (settle) => {
      this.socket.once(this.endpoint.security ? 'secureConnect' : 'connect', () => settle(undefined));
    });
  }

  /** Hands all of `bytes` to the system; several may be under way. */
  send(bytes: Uint8Array, timeoutMs: number): Promise<StepFailure | undefined> {
    const late = { failure: 'send_failed', error: `not sent within ${timeoutMs} ms` } as const;
    const lost = (error: string): StepFailure => ({ failure: 'send_failed', error });
    return this.step<undefined>(timeoutMs, late, lost, (settle) => {
      this.socket.write(bytes, (error) => {
        // A failed write is told by the error event, with the reason that the system gave.
        if (!error) settle(undefined);
      });
    });
  }

  /** Waits until `reader` has its answer; bytes that trickle in do not move the deadline. */
  receive<Answer>(reader: Reader<Answer>, timeoutMs: number): Promise<Answer | StepFailure> {
    const late = { failure: 'timeout', error: `no reply within ${timeoutMs} ms` } as const;
    const lost = (error: string) => reader.end() ?? ({ failure: 'connection_closed', error } as const);
    return this.step<Answer>(timeoutMs, late, lost, (settle) => {
      this.socket.on('data', (chunk) => {
        const answer = reader.push(chunk);
        if (answer === undefined) return;
        this.socket.removeAllListeners('data');
        settle(answer);
      });
    });
  }

  /** In place of receive(), for a connection that is kept: all that comes, and once, why no more will. */
  converse(onData: (chunk: Uint8Array) => void, onLost: (why: string) => void): void {
    this.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.steps.add({ lost: onLost, cancelled() {} });
    this.socket.on('data', onData);
    if (this.lost !== undefined) onLost(this.lost);
  }

  /** Ends the steps under way as `cancelled`; the socket is gone at once. */
  cancel(): void {
    for (const step of this.steps) step.cancelled();
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

  /**
   * Resets, where it can be: after a plain close the system would go on trying to deliver what the peer has not taken,
   * and an old command could arrive after a newer one.
   */
  destroy(): void {
    const { connecting, writableEnded, destroyed } = this.socket;
    // Node.js can't reset over TLS; and one that is shut down already would never be freed.
    if (this.endpoint.security || connecting || writableEnded || destroyed) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  private step<T>(
    timeoutMs: number,
    late: StepFailure,
    lost: (why: string) => T | StepFailure,
    begin: (settle: Settle<T>) => void,
  ): Promise<T | StepFailure> {
    return new Promise((resolve) => {
      const settle: Settle<T> = (end) => {
        if (!this.steps.delete(step)) return;
        cancelTimer();
        resolve(end);
      };
      const step: Step = {
        lost: (why) => settle(lost(why)),
        cancelled: () => settle({ failure: 'cancelled', error: 'cancelled' }),
      };
      this.steps.add(step);
      const cancelTimer = deadline(this.clock, timeoutMs, () => settle(late));
      begin(settle);
      if (this.lost !== undefined) step.lost(this.lost);
    });
  }

  private lose(why: string): void {
    if (this.lost !== undefined) return;
    this.lost = why;
    for (const step of this.steps) step.lost(why);
  }

  private distrusted(): StepFailure | undefined {
    const error = distrust(this.socket, this.endpoint, this.lost ?? '');
    return error === undefined ? undefined : { failure: 'connection_failed', error, nonRetryable: true };
  }
}
