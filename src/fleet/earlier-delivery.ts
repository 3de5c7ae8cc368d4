/** What is said of a command that was delivered before, and that a worker which is gone may have carried out. */
import type { Verdict } from '../verdict';
import type { FleetCommand } from './command-message';

/** Verdict on a flip that was delivered before. */
export function undecided({ deviceId, msgId }: FleetCommand): Verdict {
  const error = 'a flip that was delivered before is not tried again: another worker may have switched the device';
  return { outcome: 'unknown', deviceId, msgId, attempts: 0, elapsedMs: 0, error };
}

/** Reasons that every worker would have had, so that no earlier delivery was tried either. */
const NEVER_TRIED: ReadonlySet<string | undefined> = new Set(['unknown_device', 'invalid_state', 'invalid_settings']);

/** `failed` and `dropped` promise that the device did not switch; after an earlier delivery nobody knows. */
export function afterEarlierDelivery(verdict: Verdict): Verdict {
  const isPromise = verdict.outcome === 'failed' || verdict.outcome === 'dropped';
  return isPromise && !NEVER_TRIED.has(verdict.reason) ? { ...verdict, outcome: 'unknown' } : verdict;
}
