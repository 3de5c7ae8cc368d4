/** The verdict on a toggle, and the one place that describes a verdict in words. */
import type { CircuitState, DropReason, VerdictOutcome, VerdictReason } from './outcomes';

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

/** The state that the device is in as far as a verdict tells: the reported one, else the one asked for; only if confirmed. */
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

/** One sentence for people, such as `lamp-1: no reply within 1500 ms (2 attempts, the device may have switched)`. */
export function describeVerdict({ deviceId, error, reason, attempts, outcome }: Verdict): string {
  const device = deviceId === '' ? '' : `${deviceId}: `;
  const tries = attempts > 1 ? `${attempts} attempts, ` : '';
  return `${device}${error ?? reason ?? outcome} (${tries}${CONSEQUENCES[outcome]})`;
}
