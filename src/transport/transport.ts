/** Owns what one attempt is and what it came to, and tells observers of its packets. Does no I/O. */
import type { StepFailure } from './connection';
import type { Endpoint } from './socket';
import type { AttemptOutcome } from '../outcomes';
import type { ProtocolError } from '../protocol/protocol-error';
import type { Observer, PacketEvent } from '../observer';
import type { Answer } from '../protocol/reply-stream';
import type { ToggleRequest } from '../protocol/toggle';
import type { ReplyPolicy } from '../settings/device';

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
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** Whether the device may have got the packet. */
  readonly maybeDelivered: boolean;
  /** Another attempt would fail the same way. */
  readonly nonRetryable?: true;
  readonly error?: string;
  readonly reportedState?: boolean;
  /** From the end of the send to the reply, in ms. */
  readonly latencyMs?: number;
  /** Hex of the first 64 bytes of the reply, if one came. */
  readonly received?: string;
}

/** A way to reach a device. */
export interface Transport {
  exchange(attempt: Attempt): Promise<AttemptResult>;
  /** Closes what is kept open for later; the next exchange opens it again. */
  closeIdle(): void;
  /** Destroys every socket that is left. */
  close(): void;
}

export interface TransportSettings extends Endpoint {
  readonly reply: ReplyPolicy;
  readonly connectTimeoutMs: number;
  readonly ioTimeoutMs: number;
}

export const CANCELLED: StepFailure = { failure: 'cancelled', error: 'cancelled' };

/** Turns the steps of attempts into exchanges, each packet told on the way. */
export class AttemptReporter {
  constructor(private readonly observer: Observer) {}

  /** The packet was not sent, or only in part; `elapsedMs` is from the start of the attempt. */
  unsent(attempt: Attempt, failed: StepFailure, elapsedMs: number, maybeDelivered: boolean): AttemptResult {
    const { failure: outcome, error, nonRetryable } = failed;
    if (outcome !== 'cancelled') this.tell(attempt, 'send', 'error', elapsedMs, attempt.packet);
    return { outcome, error, maybeDelivered, ...(nonRetryable && { nonRetryable }) };
  }

  sent(attempt: Attempt, elapsedMs: number): void {
    this.tell(attempt, 'send', 'success', elapsedMs, attempt.packet);
  }

  /** No reply came; `elapsedMs` is from the end of the send. */
  unanswered(attempt: Attempt, { failure: outcome, error }: StepFailure, elapsedMs: number): AttemptResult {
    if (outcome !== 'cancelled') this.tell(attempt, 'recv', missed(outcome), elapsedMs);
    return { outcome, error, maybeDelivered: true };
  }

  /** A reply came, good or bad, `latencyMs` after the end of the send. */
  answered(attempt: Attempt, answer: Answer, latencyMs: number): AttemptResult {
    this.tell(attempt, 'recv', answer.kind === 'bad' ? 'error' : 'success', latencyMs, answer.bytes);
    return judged(answer, latencyMs);
  }

  decodeError(deviceId: string, { reason }: ProtocolError): void {
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

function judged(answer: Answer, latencyMs: number): AttemptResult {
  if (answer.kind === 'bad') return { outcome: 'bad_reply', error: answer.error.message, maybeDelivered: true };
  if (answer.kind === 'raw') return { outcome: 'success', maybeDelivered: true, latencyMs };
  const { reply } = answer;
  if (reply.kind === 'nack') {
    const error = reply.error === undefined ? 'the device refused' : `the device refused: ${reply.error}`;
    return { outcome: 'rejected', error, maybeDelivered: true };
  }
  const reported = reply.state === undefined ? {} : { reportedState: reply.state };
  return { outcome: 'success', maybeDelivered: true, latencyMs, ...reported };
}
