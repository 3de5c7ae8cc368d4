/** Owns readings that cost much: one at a time. Whoever asks meanwhile shares the next one, so that nobody gets an old one. */
import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from '../clock';

/**
 * Time between two readings, in ms. A loop that is held up by one accepts a single connection a turn; without a pause
 * each scraper of a crowd would come in for a reading of its own, and toggles would wait for all of them.
 */
const PAUSE_MS = 20;

/** Reads once for all who ask in the same turn of the event loop, while another reading is under way, or soon after. */
export function shared<T>(read: () => Promise<T>, clock: Clock = systemClock): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  let endedAt = -Infinity;
  const begin = async (before: Promise<unknown>): Promise<T> => {
    // Those who share a reading that fails are told; the next one is tried all the same.
    await before.catch(() => undefined);
    const leftMs = endedAt + PAUSE_MS - clock.now();
    if (leftMs > 0) await new Promise<void>((resolve) => clock.after(leftMs, resolve));
    else await setImmediate();
    next = undefined;
    try {
      return await read();
    } finally {
      endedAt = clock.now();
    }
  };
  return () => {
    if (next) return next;
    next = begin(last);
    last = next;
    return next;
  };
}
