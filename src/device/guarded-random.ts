/** A `random` of the user, made to keep its contract: what is no share of 1 is replaced, since a back-off must end. */
import { ignoreRejection } from '../call-safely';
import type { Random } from '../retry';

export function guardedRandom(random: Random): Random {
  return () => {
    try {
      const share: unknown = random();
      if (typeof share === 'number' && share >= 0 && share <= 1) return share;
      ignoreRejection(share);
    } catch {
      // Jitter of any size will do, so the failure needs no report.
    }
    return Math.random();
  };
}
