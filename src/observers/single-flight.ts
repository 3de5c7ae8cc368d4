/** Owns readings that cost much: one at a time. Whoever asks meanwhile shares the next one, so that nobody gets an old one. */
import { systemClock, type Clock } from '../clock';

/**
 * How long a reading waits for others to ask as well, in ms. A loop accepts a single connection a turn; without this
 * each scraper of a crowd would come in for a reading of its own, and toggles would wait for all of them.
 */
const GATHER_MS = 15;

/** Reads once for all who ask within a moment, or while another reading is under way. */
export function shared<T>(read: () => Promise<T>, clock: Clock = systemClock): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (before: Promise<unknown>): Promise<T> => {
    // Those who share a reading that fails are told; the next one is tried all the same.
    await before.catch(() => undefined);
    await new Promise<void>((resolve) => clock.after(GATHER_MS, resolve));
    next = undefined;
    return read();
  };
  return () => {
    if (next) return next;
    next = begin(last);
    last = next;
    return next;
  };
}
