/** A verdict on its way to the requester and into the record: written by workers, and read as what anybody may have sent. */
import { CAUSES, CIRCUIT_STATES, VERDICT_OUTCOMES, VERDICT_REASONS } from '../outcomes';
import { printable } from '../printable';
import type { Verdict } from '../verdict';

function oneOf<T extends string>(all: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => (all as readonly unknown[]).includes(value);
}

const isOutcome = oneOf(VERDICT_OUTCOMES);
const isCircuit = oneOf(CIRCUIT_STATES);
const isReason = oneOf(VERDICT_REASONS);
const isCause = oneOf(CAUSES);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity;
const isWorker = (value: unknown): value is string => typeof value === 'string' && /^\d{1,4}$/.test(value);
const isHex = (value: unknown): value is string => typeof value === 'string' && /^[\da-f ]{0,200}$/.test(value);

const MAX_VERDICT_BYTES = 16_384;
/** An id that was not valid in a command comes back printable, which makes it longer. */
const MAX_ID_LENGTH = 200;

/** The names are those of the lines in the log. */
export function encodeVerdict(verdict: Verdict, worker: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      msg_id: verdict.msgId,
      device_id: verdict.deviceId,
      state: verdict.state,
      reported_state: verdict.reportedState,
      outcome: verdict.outcome,
      reason: verdict.reason,
      attempts: verdict.attempts,
      latency_ms: verdict.latencyMs,
      elapsed_ms: verdict.elapsedMs,
      received: verdict.received,
      circuit: verdict.circuit,
      cause: verdict.cause,
      error: verdict.error === undefined ? undefined : printable(verdict.error),
      worker,
    }),
  );
}

/** Undefined for anything that is not a verdict. Never throws. */
export function decodeVerdict(body: unknown): Verdict | undefined {
  const fields = fieldsOf(body);
  if (!fields) return undefined;
  const { msg_id: msgId, device_id: deviceId, outcome, attempts, elapsed_ms: elapsedMs } = fields;
  const areIds = [msgId, deviceId].every((id) => typeof id === 'string' && id.length <= MAX_ID_LENGTH);
  if (!areIds || !isOutcome(outcome) || !isDuration(attempts) || !isDuration(elapsedMs)) return undefined;
  const {
    reason,
    cause,
    error,
    circuit,
    state,
    received,
    latency_ms: latencyMs,
    reported_state: reported,
    worker,
  } = fields;
  if (reason !== undefined && !isReason(reason)) return undefined;
  return {
    outcome,
    ...(isReason(reason) && { reason }),
    deviceId: deviceId as string,
    msgId: msgId as string,
    ...(isFlag(state) && { state }),
    ...(isFlag(reported) && { reportedState: reported }),
    attempts,
    ...(isDuration(latencyMs) && { latencyMs }),
    ...(isHex(received) && { received }),
    elapsedMs,
    ...(typeof error === 'string' && { error: printable(error) }),
    ...(isCause(cause) && { cause }),
    ...(isCircuit(circuit) && { circuit }),
    ...(isWorker(worker) && { worker }),
  };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> | undefined {
  let value = body;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    if (body.length > MAX_VERDICT_BYTES) return undefined;
    try {
      value = JSON.parse(body.toString());
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
