/** Figures of a long run as lines of text: one row for each, from left to right through time. */

const LEVELS = '▁▂▃▄▅▆▇█';

/** `name  ▁▂▃…  least to most unit`, from 0 to the highest value. */
export function chart(name: string, values: readonly number[], unit: string): string {
  const most = Math.max(...values, Number.MIN_VALUE);
  const bars = values.map((value) => LEVELS[Math.min(LEVELS.length - 1, Math.floor((value / most) * LEVELS.length))]);
  const range = `${shown(Math.min(...values))} to ${shown(Math.max(...values))} ${unit}`;
  return `${name.padEnd(12)} ${bars.join('')}  ${range}`;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
