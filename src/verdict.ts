/** Verdicts on toggles, and their description as text. */
import { causeWords, type Address } from './causes';
import type { Cause, CircuitState, DropReason, VerdictOutcome, VerdictReason } from './outcomes';
import { printable } from './printable';

/** The final result of one toggle (protocol, section 5). */
export interface Verdict {
  readonly outcome: VerdictOutcome;
  /** Absent only when `confirmed`. */
  readonly reason?: VerdictReason;
  readonly deviceId: string;
  /** Empty when the toggle was dropped before it had an id. */
  readonly msgId: string;
  /** The requested state; absent when the request was not a valid state. */
  readonly state?: boolean;
  /** The state that the device reported, if it did. */
  readonly reportedState?: boolean;
  /** Attempts made; 0 when dropped. */
  readonly attempts: number;
  /** From send to reply of the confirming attempt, in ms. */
  readonly latencyMs?: number;
  /** Hex of the first 64 bytes of the reply that decided the outcome, if one came. */
  readonly received?: string;
  /** From the request to the verdict, in ms. */
  readonly elapsedMs: number;
  /** The reason as text. */
  readonly error?: string;
  /** What most likely went wrong, where that can be told; absent when `confirmed`. */
  readonly cause?: Cause;
  /** State of the lane's circuit after this verdict; absent without a breaker, or when the toggle reached no lane. */
  readonly circuit?: CircuitState;
  /** Of a fleet: the worker whose verdict this is, by its index. */
  readonly worker?: string;
}

/** What is known about a toggle that is dropped. */
export interface Dropped {
  readonly reason: DropReason;
  readonly error: string;
  readonly deviceId: string;
  readonly msgId?: string;
  readonly state?: boolean;
  readonly elapsedMs?: number;
  /** Who asked for it, and by which request of theirs; only observers get it. */
  readonly requester?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The verdict on a toggle that was never attempted. */
export function droppedVerdict({ reason, error, deviceId, msgId = '', state, elapsedMs = 0 }: Dropped): Verdict {
  return {
    outcome: 'dropped',
    reason,
    deviceId,
    msgId,
    ...(state === undefined ? {} : { state }),
    attempts: 0,
    elapsedMs,
    error,
    cause: reason,
  };
}

/** The state that a verdict confirms: the reported state, else the requested one; undefined unless confirmed. */
export function confirmedState({ outcome, reportedState, state }: Verdict): boolean | undefined {
  return outcome === 'confirmed' ? (reportedState ?? state) : undefined;
}

/** What each outcome means for the device. */
const CONSEQUENCES: Readonly<Record<VerdictOutcome, string>> = {
  confirmed: 'the device did it',
  rejected: 'the device did not switch',
  unknown: 'the device may have switched',
  failed: 'the device did not switch',
  dropped: 'nothing was sent',
};

/** What a description of a verdict is made of, in the language of its reader. */
export interface VerdictWords {
  /** What happened and what to do; absent when the cause is not known. */
  readonly cause?: string;
  readonly attempts: string;
  readonly consequence: string;
}

export function englishWords({ cause, attempts, outcome }: Verdict, address: Address): VerdictWords {
  const words = cause && causeWords(cause, address);
  return {
    ...(words && { cause: `${words.what} ${words.advice}` }),
    attempts: `${attempts} attempts`,
    consequence: CONSEQUENCES[outcome],
  };
}

/**
 * A verdict as text: cause, advice, then the technical error and the consequence, such as `lamp-1: 10.0.0.5 refuses
 * connections on port 9000: … (connect ECONNREFUSED 10.0.0.5:9000; 2 attempts; the device did not switch)`. What may hold
 * text from outside is made printable.
 */
export function describeVerdict({ deviceId, error, reason, attempts, outcome }: Verdict, words: VerdictWords): string {
  const device = deviceId === '' ? '' : `${printable(deviceId)}: `;
  const reasonText = printable(error ?? reason ?? outcome);
  const details = [
    words.cause && error !== undefined && reasonText,
    attempts > 1 && words.attempts,
    words.consequence,
  ].filter(Boolean);
  return `${device}${words.cause ?? reasonText} (${details.join('; ')})`;
}
