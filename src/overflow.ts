/** Which entries leave a map or set that is full; its keys come from outside, so nothing else bounds their number. */

const NONE: never[] = [];
/** Share of a limit that is added or removed at once. */
export const STEP = 0.1;

/**
 * The keys to remove from `entries`: the oldest, so that `max` are left, once there are a tenth more than that. A Map goes
 * past everything that was deleted at its front each time it is iterated, so that removing a single entry each time would
 * take 10 µs with 10,000 entries, and 50 µs with 100,000.
 */
export function overflow<K>(entries: { readonly size: number; keys(): Iterable<K> }, max: number): K[] {
  if (entries.size <= max * (1 + STEP)) return NONE;
  const removed: K[] = [];
  for (const key of entries.keys()) {
    removed.push(key);
    if (entries.size - removed.length === max) break;
  }
  return removed;
}
