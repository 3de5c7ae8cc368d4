/** Median and spread of what was measured in several rounds. */

export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function summaryOf(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, low: at(0), high: at(sorted.length - 1) };
}

/** Compares rounds one by one: what else the machine did in a round fell on both. */
export function summaryOfPairs(
  values: readonly number[],
  others: readonly number[],
  compare: (value: number, other: number) => number,
): Summary {
  return summaryOf(values.map((value, index) => compare(value, others[index] ?? NaN)));
}

/** With so many digits as the figure deserves. */
export function shown(value: number): string {
  if (value >= 1000) return String(Math.round(value / 10) * 10).replace(/\B(?=(\d{3})+$)/g, ' ');
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

export function shownWithSpread({ median, low, high }: Summary): string {
  return `${shown(median)} (${shown(low)}–${shown(high)})`;
}

/** Columns as wide as their widest cell; the first one is text, the others are figures. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n');
}
