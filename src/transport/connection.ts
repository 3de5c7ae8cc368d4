/** One connection for one attempt: connect, send, receive, each under its deadline. */
import { deadline, type Clock } from '../clock';
import type { Cause } from '../outcomes';
import { firstBytes } from '../protocol/reply-cause';
import type { ClientSocket, Connect, SocketFailure } from './socket';
import { lateCause } from './socket-cause';
import { CANCELLED, type StepFailure, type TransportSettings } from './transport';

/** Reads a reply from bytes as they come. */
export interface Reader<Answer> {
  push(chunk: Uint8Array): Answer | undefined;
  /** The peer closed: the answer, if that decides a reply that had begun. */
  end(): Answer | undefined;
  /** Why no answer came in time. */
  lateCause(): Cause;
}

interface ConnectionEvents {
  /** Bytes came, at any time. */
  received?(chunk: Uint8Array): void;
  /** Bytes came before anything was sent. */
  unsolicited(): void;
  /** The socket is freed. */
  closed(): void;
}

/** The step under way, and how it ends early. */
interface Step {
  failed(failure: SocketFailure): void;
  cancelled(): void;
  data?(chunk: Uint8Array): void;
}

/** Expected failure is a value, never an exception. Steps come one after the other. */
export class Connection {
  /** The first bytes that came before anything was sent. */
  greeting: Uint8Array = new Uint8Array();
  private readonly socket: ClientSocket;
  private step: Step | undefined;
  private failure: SocketFailure | undefined;
  private connected = false;
  private isCancelled = false;
  private onConnected: (() => void) | undefined;

  /** Begins to connect at once. */
  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    connect: Connect,
    events: ConnectionEvents,
  ) {
    this.socket = connect(settings, {
      connected: () => {
        this.connected = true;
        this.onConnected?.();
      },
      data: (chunk) => {
        events.received?.(chunk);
        if (this.step?.data) this.step.data(chunk);
        else this.greeted(chunk, events);
      },
      failed: (failure) => {
        this.failure = failure;
        this.step?.failed(failure);
      },
      closed: () => events.closed(),
    });
  }

  /** Waits for name look-up and handshakes. */
  connect(): Promise<StepFailure | undefined> {
    const { connectTimeoutMs } = this.settings;
    return this.run<undefined>({
      timeoutMs: connectTimeoutMs,
      late: () => ({
        failure: 'connection_failed',
        error: `no connection within ${connectTimeoutMs} ms`,
        cause: lateCause(this.socket.step),
      }),
      failed: (failure) => ({ failure: 'connection_failed', ...failure }),
      begin: (settle) => {
        this.onConnected = () => settle(undefined);
        if (this.connected) settle(undefined);
      },
    });
  }

  /** Hands all of `bytes` to the operating system. */
  send(bytes: Uint8Array): Promise<StepFailure | undefined> {
    const { ioTimeoutMs } = this.settings;
    return this.run<undefined>({
      timeoutMs: ioTimeoutMs,
      late: () => ({ failure: 'send_failed', error: `not sent within ${ioTimeoutMs} ms`, cause: 'send_stuck' }),
      failed: (failure) => ({ failure: 'send_failed', ...failure }),
      begin: (settle) => this.socket.write(bytes, () => settle(undefined)),
    });
  }

  /** Waits until `reader` has its answer; bytes that trickle in do not extend the deadline. */
  receive<Answer>(reader: Reader<Answer>): Promise<Answer | StepFailure> {
    const { ioTimeoutMs } = this.settings;
    return this.run<Answer>({
      timeoutMs: ioTimeoutMs,
      late: () => ({ failure: 'timeout', error: `no reply within ${ioTimeoutMs} ms`, cause: reader.lateCause() }),
      failed: (failure) => reader.end() ?? { failure: 'connection_closed', ...failure },
      data: (chunk, settle) => {
        const answer = reader.push(chunk);
        if (answer !== undefined) settle(answer);
      },
    });
  }

  /** Ends the step under way, or else the next one, as `cancelled`, and resets. */
  cancel(): void {
    this.isCancelled = true;
    this.step?.cancelled();
    this.socket.reset();
  }

  /** Closes in order: nothing that was sent is waiting for an answer. */
  close(): void {
    this.socket.end();
  }

  /**
   * Resets: after an orderly close the operating system would go on delivering what the peer has not taken, and an old
   * command could arrive after a newer one.
   */
  reset(): void {
    this.socket.reset();
  }

  private greeted(chunk: Uint8Array, events: ConnectionEvents): void {
    this.greeting = firstBytes(this.greeting, chunk);
    events.unsolicited();
  }

  private run<T>(options: {
    readonly timeoutMs: number;
    late(): StepFailure;
    failed(failure: SocketFailure): T | StepFailure;
    begin?(settle: (end: T | StepFailure) => void): void;
    readonly data?: (chunk: Uint8Array, settle: (end: T | StepFailure) => void) => void;
  }): Promise<T | StepFailure> {
    if (this.isCancelled) return Promise.resolve(CANCELLED);
    return new Promise((resolve) => {
      const settle = (end: T | StepFailure): void => {
        if (this.step !== step) return;
        this.step = undefined;
        cancelDeadline();
        resolve(end);
      };
      const { data } = options;
      const step: Step = {
        failed: (failure) => settle(options.failed(failure)),
        cancelled: () => settle(CANCELLED),
        ...(data && { data: (chunk: Uint8Array) => data(chunk, settle) }),
      };
      this.step = step;
      const cancelDeadline = deadline(this.clock, options.timeoutMs, () => settle(options.late()));
      if (this.failure) step.failed(this.failure);
      else options.begin?.(settle);
    });
  }
}
