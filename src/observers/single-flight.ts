/** Single-flight wrapper for expensive reads: one at a time, and concurrent callers share the next one. */
import { systemClock, type Clock } from '../clock';

/**
 * How long a reading waits for other callers, in ms. The event loop accepts one connection per turn; without the wait
 * each of many concurrent scrapers would start its own reading, and toggles would wait for all of them.
 */
const GATHER_MS = 15;

/** Wraps `read` so that calls within {@link GATHER_MS}, or during another read, share one result. */
export function singleFlight<T>(read: () => Promise<T>, clock: Clock = systemClock): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = async (before: Promise<unknown>): Promise<T> => {
    // A failed read rejects for its own callers only; the next read still runs.
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
