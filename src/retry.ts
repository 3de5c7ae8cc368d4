/** Retry policy: which outcomes are retried, and the delay before each retry. */
import type { AttemptOutcome } from './outcomes';

/** How often and how soon a failed attempt is tried again (protocol, section 4). */
export interface RetryPolicy {
  /** Attempts in all, the first one included; 1–10. */
  readonly maxAttempts: number;
  /** Wait after the first failed attempt, in ms; doubles with each further one. */
  readonly backoffBaseMs: number;
  /** Most that the doubling reaches, in ms. */
  readonly backoffMaxMs: number;
  /** Upper bound of the uniform random share added to each wait, in ms. */
  readonly jitterMs: number;
}

/** Yields numbers in [0, 1), like Math.random. */
export type Random = () => number;

const RETRIED: ReadonlySet<AttemptOutcome> = new Set([
  'connection_failed',
  'send_failed',
  'timeout',
  'connection_closed',
  'bad_reply',
]);

/** Whether an attempt that ended so is worth another one. */
export function isRetried(outcome: AttemptOutcome): boolean {
  return RETRIED.has(outcome);
}

/** Milliseconds to wait after attempt number `failedAttempt` (from 1) failed. */
export function delayAfterMs(policy: RetryPolicy, failedAttempt: number, random: Random): number {
  const backoffMs = Math.min(policy.backoffBaseMs * 2 ** (failedAttempt - 1), policy.backoffMaxMs);
  return backoffMs + random() * policy.jitterMs;
}
