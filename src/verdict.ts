/** Verdicts on toggles, and their description as text. */
import type { CircuitState, DropReason, VerdictOutcome, VerdictReason } from './outcomes';
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
  /** State of the lane's circuit after this verdict; absent without a breaker, or when the toggle reached no lane. */
  readonly circuit?: CircuitState;
}

/** What is known about a toggle that is dropped. */
export interface Dropped {
  readonly reason: DropReason;
  readonly error: string;
  readonly deviceId: string;
  readonly msgId?: string;
  readonly state?: boolean;
  readonly elapsedMs?: number;
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
  };
}

/** The state that a verdict confirms: the reported state, else the requested one; undefined unless confirmed. */
export function confirmedState({ outcome, reportedState, state }: Verdict): boolean | undefined {
  return outcome === 'confirmed' ? (reportedState ?? state) : undefined;
}

const CONSEQUENCES: Readonly<Record<VerdictOutcome, string>> = {
  confirmed: 'the device did it',
  rejected: 'the device did not switch',
  unknown: 'the device may have switched',
  failed: 'the device did not switch',
  dropped: 'nothing was sent',
};

/**
 * A one-line summary, such as `lamp-1: no reply within 1500 ms (2 attempts, the device may have switched)`. Device id and
 * error may hold text from outside, so they are made printable.
 */
export function describeVerdict({ deviceId, error, reason, attempts, outcome }: Verdict): string {
  const device = deviceId === '' ? '' : `${printable(deviceId)}: `;
  const count = attempts > 1 ? `${attempts} attempts, ` : '';
  return `${device}${printable(error ?? reason ?? outcome)} (${count}${CONSEQUENCES[outcome]})`;
}
