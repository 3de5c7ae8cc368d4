/** Suggestion for a mistyped name: the known name closest to it. */

/** Letters that may differ: more, and the suggestion would be a guess. */
const MAX_DISTANCE = 2;
const MAX_LENGTH = 64;

/** Undefined if none is close. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > MAX_LENGTH) return undefined;
  const distances = names.map((name) => ({ name, distance: distanceBetween(typed, name) }));
  const [best] = distances.toSorted((a, b) => a.distance - b.distance);
  return best && best.distance <= MAX_DISTANCE ? best.name : undefined;
}

/** Letters to insert, remove or replace, or neighbours to swap (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
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
  }
  return at(a.length, b.length);
}
