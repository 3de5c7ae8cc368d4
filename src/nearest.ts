/** Suggestions for a mistyped name: the known names closest to it. Browser-safe. */

/** Letters that may differ: more, and the suggestion would be a guess. */
const MAX_DISTANCE = 2;
const MAX_LENGTH = 128;

/** The closest names, the best one first; none if none is close. */
export function nearest(typed: string, names: Iterable<string>, count = 1): readonly string[] {
  if (typed.length > MAX_LENGTH) return [];
  const close: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names) {
    if (Math.abs(name.length - typed.length) > MAX_DISTANCE) continue;
    // In any case: who wrote it otherwise is told at once.
    const distance = distanceBetween(typed.toLowerCase(), name.toLowerCase());
    if (distance <= MAX_DISTANCE) close.push({ name, distance });
  }
  close.sort((a, b) => a.distance - b.distance);
  return close.slice(0, count).map(({ name }) => name);
}

/** What both begin and end with costs nothing: the names of one plant often differ in a digit or two. */
function distanceBetween(a: string, b: string): number {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  return alignment(a.slice(start, endA), b.slice(start, endB));
}

/** Letters to insert, remove or replace, or neighbours to swap (optimal string alignment). */
function alignment(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced);
      rows[i]?.push(swapped ? Math.min(least, at(i - 2, j - 2) + 1) : least);
    }
    // No later row is below the least of this one and the one before.
    if (i > 1 && Math.min(...(rows[i] ?? []), ...(rows[i - 1] ?? [])) > MAX_DISTANCE) return MAX_DISTANCE + 1;
  }
  return at(a.length, b.length);
}
