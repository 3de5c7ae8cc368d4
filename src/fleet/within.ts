/** A limit for what a broker may never answer: while it has too little memory or disk, it reads nothing. */
import type { Clock } from '../clock';

/** Resolves with `work`, which must not reject, or after `ms`, whichever comes first. */
export function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
