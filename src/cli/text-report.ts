/** Report of one toggle for people: a line for each attempt that is repeated, and one for a confirmed state. */
import { CAUSE_NAMES } from '../cause-names';
import type { Observer } from '../observer';
import { printable } from '../printable';
import { confirmedState } from '../verdict';

/** A toggle that was not confirmed is described on standard error, in every format. */
export function textReport(write: (line: string) => void): Observer {
  return {
    attemptEnded: ({ attempt, maxAttempts, willRetry, retryInMs, outcome, cause }) => {
      if (!willRetry) return;
      const why = cause ? CAUSE_NAMES[cause] : outcome;
      write(`attempt ${attempt}/${maxAttempts}: ${why}, next in ${(retryInMs / 1000).toFixed(1)} s`);
    },
    verdict: (verdict) => {
      const { outcome, deviceId, latencyMs = 0, attempts } = verdict;
      if (outcome !== 'confirmed') return;
      const count = attempts > 1 ? `, attempt ${attempts}` : '';
      write(
        `${printable(deviceId)} is ${confirmedState(verdict) ? 'on' : 'off'} (${Math.round(latencyMs)} ms${count})`,
      );
    },
  };
}
