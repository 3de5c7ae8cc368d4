/** Results of attempts, and the packet events that go with them. */
import type { Observer, PacketEvent } from '../observer';
import type { Cause } from '../outcomes';
import { printable } from '../printable';
import { asBuffer } from '../protocol/as-buffer';
import type { ProtocolError } from '../protocol/protocol-error';
import { causeAfterGreeting, replyCause } from '../protocol/reply-cause';
import type { Answer } from '../protocol/reply-stream';
import type { Attempt, AttemptResult, StepFailure } from './transport';

/** Bytes of a reply that a result carries. */
const RECEIVED_BYTES = 64;

/**
 * Turns what happened to an attempt into its result, and reports each packet to the observer. What may be missing is
 * assigned: on Node.js 20 it takes 1 µs and more to add to what a spread has made.
 */
export class AttemptReporter {
  constructor(private readonly observer: Observer) {}

  /** The packet was not sent, or only in part; `elapsedMs` is from the start of the attempt. */
  notSent(attempt: Attempt, failed: StepFailure, elapsedMs: number, maybeDelivered: boolean): AttemptResult {
    const { failure: outcome, error, cause, nonRetryable } = failed;
    if (outcome !== 'cancelled') this.report(attempt, 'send', 'error', elapsedMs, attempt.packet);
    return Object.assign({ outcome, error, maybeDelivered }, cause && { cause }, nonRetryable && { nonRetryable });
  }

  sent(attempt: Attempt, elapsedMs: number): void {
    this.report(attempt, 'send', 'success', elapsedMs, attempt.packet);
  }

  /** No reply came; `elapsedMs` is from the end of the send, `greeting` what came before it. */
  noReply(attempt: Attempt, failed: StepFailure, elapsedMs: number, greeting: Uint8Array = NONE): AttemptResult {
    const { failure: outcome, error, nonRetryable } = failed;
    if (outcome !== 'cancelled') this.report(attempt, 'recv', missed(outcome), elapsedMs);
    const result = Object.assign({ outcome, error, maybeDelivered: true }, nonRetryable && { nonRetryable });
    return withCause(result, failed.cause, greeting);
  }

  /** A reply came, good or bad, `latencyMs` after the end of the send. */
  replied(attempt: Attempt, answer: Answer, latencyMs: number, greeting: Uint8Array = NONE): AttemptResult {
    this.report(attempt, 'recv', answer.kind === 'bad' ? 'error' : 'success', latencyMs, answer.bytes);
    const result = resultOf(answer, latencyMs);
    return withCause(result, result.cause, greeting);
  }

  /** Bytes that are not a valid reply; `msgId` is the toggle that waited, if exactly one did. */
  decodeError(deviceId: string, { reason }: ProtocolError, msgId?: string): void {
    this.observer.decodeError?.({ deviceId, reason, ...(msgId !== undefined && { msgId }) });
  }

  private report(
    { request: { deviceId, msgId }, attempt }: Attempt,
    direction: PacketEvent['direction'],
    outcome: PacketEvent['outcome'],
    elapsedMs: number,
    bytes?: Uint8Array,
  ): void {
    const event = { direction, outcome, deviceId, msgId, attempt, elapsedMs };
    this.observer.packet?.(Object.assign(event, bytes && { bytes }));
  }
}

const NONE = new Uint8Array();

/** `result` is nobody else's yet. */
function withCause(result: AttemptResult, cause: Cause | undefined, greeting: Uint8Array): AttemptResult {
  const known = causeAfterGreeting(cause, greeting);
  return known ? Object.assign(result, { cause: known }) : result;
}

function missed(failure: StepFailure['failure']): PacketEvent['outcome'] {
  if (failure === 'timeout') return 'timeout';
  return failure === 'connection_closed' ? 'closed' : 'error';
}

function resultOf(answer: Answer, latencyMs: number): AttemptResult {
  const { bytes } = answer;
  const received = bytes.length > 0 && { received: asBuffer(bytes).toString('hex', 0, RECEIVED_BYTES) };
  return Object.assign(meaningOf(answer, latencyMs), { maybeDelivered: true }, received);
}

function meaningOf(answer: Answer, latencyMs: number): Omit<AttemptResult, 'maybeDelivered'> {
  if (answer.kind === 'bad') {
    const { error, bytes } = answer;
    return { outcome: 'bad_reply', error: error.message, cause: replyCause(bytes, error.reason) };
  }
  if (answer.kind === 'raw') return { outcome: 'success', latencyMs };
  const { reply } = answer;
  if (reply.kind === 'nack') {
    const error = reply.error === undefined ? 'the device refused' : `the device refused: ${printable(reply.error)}`;
    return { outcome: 'rejected', error, cause: 'refused_by_device' };
  }
  const { state: reportedState } = reply;
  return reportedState === undefined
    ? { outcome: 'success', latencyMs }
    : { outcome: 'success', latencyMs, reportedState };
}
