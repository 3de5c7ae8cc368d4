/** Owns one attempt on a connection of its own: dial, send, receive, close. Decides nothing about retries. */
import type { Clock } from './clock';
import { Connection, type Endpoint, type StepFailure } from './connection';
import type { AttemptOutcome, ProtocolError } from './errors';
import type { Observer, PacketEvent } from './packet-event';
import { ReplyReader, type Answer } from './protocol/reply-reader';
import type { ToggleRequest } from './protocol/toggle';
import type { ReplyPolicy } from './settings';

/** One attempt to deliver a request. */
export interface Attempt {
  readonly request: ToggleRequest;
  /** The request as on the wire. */
  readonly packet: Uint8Array;
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** What one attempt came to. */
export interface Exchange {
  readonly outcome: AttemptOutcome;
  /** Whether the device may have got the packet. */
  readonly packetLeft: boolean;
  readonly error?: string;
  readonly reportedState?: boolean;
  /** From the end of the send to the reply, in ms. */
  readonly latencyMs?: number;
}

/** A way to reach a device. */
export interface Transport {
  exchange(attempt: Attempt): Promise<Exchange>;
  /** Destroys every socket that is left. */
  close(): void;
}

export interface TransportSettings extends Endpoint {
  readonly reply: ReplyPolicy;
  readonly connectTimeoutMs: number;
  readonly ioTimeoutMs: number;
}

/** `connection: per-toggle`: what a Phase 0 lab device expects. */
export class PerToggleTransport implements Transport {
  private readonly connections = new Set<Connection>();

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    private readonly observer: Observer,
  ) {}

  async exchange(attempt: Attempt): Promise<Exchange> {
    const { deviceId } = attempt.request;
    const connection = new Connection(this.settings, this.clock, (gone) => this.connections.delete(gone));
    this.connections.add(connection);
    const cancel = () => connection.cancel();
    attempt.signal.addEventListener('abort', cancel, { once: true });
    this.observer.connectionState?.(deviceId, 'connecting');
    try {
      return await this.talk(connection, attempt);
    } finally {
      attempt.signal.removeEventListener('abort', cancel);
      this.observer.connectionState?.(deviceId, 'disconnected');
    }
  }

  close(): void {
    for (const connection of this.connections) connection.destroy();
  }

  private async talk(connection: Connection, attempt: Attempt): Promise<Exchange> {
    const { connectTimeoutMs, ioTimeoutMs } = this.settings;
    const startedAt = this.clock.now();
    const undialled = await connection.dialled(connectTimeoutMs);
    if (undialled) return this.unsent(connection, attempt, startedAt, undialled, false);
    this.observer.connectionState?.(attempt.request.deviceId, 'connected');

    const unsent = await connection.send(attempt.packet, ioTimeoutMs);
    // What a write that failed or hung has passed on is not known: the device may have got it.
    if (unsent) return this.unsent(connection, attempt, startedAt, unsent, true);
    const sentAt = this.clock.now();
    this.tell(attempt, 'send', 'success', sentAt - startedAt, attempt.packet);

    const answer = await connection.receive(this.reader(attempt), ioTimeoutMs);
    return this.received(connection, attempt, answer, this.clock.now() - sentAt);
  }

  private reader({ request }: Attempt): ReplyReader {
    return new ReplyReader(this.settings.reply, request.msgId, (error) => this.decodeError(request, error));
  }

  private unsent(
    connection: Connection,
    attempt: Attempt,
    startedAt: number,
    { failure, error }: StepFailure,
    packetLeft: boolean,
  ): Exchange {
    connection.destroy();
    if (failure !== 'cancelled') this.tell(attempt, 'send', 'error', this.clock.now() - startedAt, attempt.packet);
    return { outcome: failure, error, packetLeft };
  }

  private received(
    connection: Connection,
    attempt: Attempt,
    answer: Answer | StepFailure,
    latencyMs: number,
  ): Exchange {
    if ('failure' in answer) {
      connection.destroy();
      const { failure, error } = answer;
      if (failure !== 'cancelled') this.tell(attempt, 'recv', missed(failure), latencyMs);
      return { outcome: failure, error, packetLeft: true };
    }
    if (answer.kind === 'bad') {
      connection.destroy();
      this.decodeError(attempt.request, answer.error);
      this.tell(attempt, 'recv', 'error', latencyMs, answer.bytes);
      return { outcome: 'bad_reply', error: answer.error.message, packetLeft: true };
    }
    connection.close();
    this.tell(attempt, 'recv', 'success', latencyMs, answer.bytes);
    return judged(answer, latencyMs);
  }

  private decodeError({ deviceId }: ToggleRequest, { reason }: ProtocolError): void {
    this.observer.decodeError?.({ deviceId, reason });
  }

  private tell(
    { request: { deviceId, msgId }, attempt }: Attempt,
    direction: PacketEvent['direction'],
    outcome: PacketEvent['outcome'],
    elapsedMs: number,
    bytes?: Uint8Array,
  ): void {
    this.observer.packet?.({ direction, outcome, deviceId, msgId, attempt, elapsedMs, ...(bytes && { bytes }) });
  }
}

function missed(failure: StepFailure['failure']): PacketEvent['outcome'] {
  if (failure === 'timeout') return 'timeout';
  return failure === 'connection_closed' ? 'closed' : 'error';
}

function judged(answer: Exclude<Answer, { kind: 'bad' }>, latencyMs: number): Exchange {
  if (answer.kind === 'raw') return { outcome: 'success', packetLeft: true, latencyMs };
  const { reply } = answer;
  if (reply.kind === 'nack') {
    const error = reply.error === undefined ? 'the device refused' : `the device refused: ${reply.error}`;
    return { outcome: 'rejected', error, packetLeft: true };
  }
  const reported = reply.state === undefined ? {} : { reportedState: reply.state };
  return { outcome: 'success', packetLeft: true, latencyMs, ...reported };
}
