/** Owns the verdict: the one answer that every toggle gets. Decides nothing about attempts. */
import type { CircuitState, DropReason, VerdictOutcome, VerdictReason } from './errors';

/** What became of one toggle (protocol, section 5). */
export interface Verdict {
  readonly outcome: VerdictOutcome;
  /** Absent only when `confirmed`. */
  readonly reason?: VerdictReason;
  readonly deviceId: string;
  /** Empty when the toggle was dropped before it had an id. */
  readonly msgId: string;
  /** The state asked for; absent when what was asked for is no state. */
  readonly state?: boolean;
  /** The state that the device reported, if it did. */
  readonly reportedState?: boolean;
  /** Packets tried; 0 when dropped. */
  readonly attempts: number;
  /** From send to reply of the confirming attempt, in ms. */
  readonly latencyMs?: number;
  /** From asked to verdict, in ms. */
  readonly elapsedMs: number;
  /** The reason in words. */
  readonly error?: string;
  /** The lane's circuit after this verdict; absent without a breaker, and when no lane was reached. */
  readonly circuit?: CircuitState;
}

/** What is known of a toggle that is dropped. */
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
