/** Owns readings that cost much: one at a time. Whoever asks meanwhile shares the next one, so that nobody gets an old one. */
import { setImmediate } from 'node:timers/promises';

/** Reads once for all who ask in the same turn of the event loop, or while another reading is under way. */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (before: Promise<unknown>): Promise<T> => {
    // Those who share a reading that fails are told; the next one is tried all the same.
    await before.catch(() => undefined);
    await setImmediate();
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
