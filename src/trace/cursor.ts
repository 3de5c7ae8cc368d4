/** Cursors: how far a reader has come, in the recorder that it has read. */
import type { Cursor } from './answers';

export function cursorOf(instance: string, ...positions: readonly number[]): Cursor {
  return [instance, ...positions].join('.');
}

/** The position; undefined for none, and for one of another recorder, or that it has not reached yet. */
export function positionOf(instance: string, cursor: unknown, last: number): number | undefined {
  return positionsOf(instance, cursor, last)?.[0];
}

/** All positions that the cursor was made of. */
export function positionsOf(instance: string, cursor: unknown, last: number): [number, ...number[]] | undefined {
  if (typeof cursor !== 'string') return undefined;
  const [name, first, ...others] = cursor.split('.', 3);
  const positions: [number, ...number[]] = [Number(first || NaN), ...others.map((text) => Number(text || NaN))];
  const areReached = positions.every((each) => Number.isInteger(each) && each >= 0 && each <= last);
  return name === instance && areReached ? positions : undefined;
}
