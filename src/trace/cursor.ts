/** Cursors: how far a reader has come, in the recorder that it has read. */
import type { Cursor } from './answers';

export function cursorOf(instance: string, position: number): Cursor {
  return `${instance}.${position}`;
}

/** The position; undefined for none, and for one of another recorder, or that it has not reached yet. */
export function positionOf(instance: string, cursor: unknown, last: number): number | undefined {
  if (typeof cursor !== 'string' || !cursor.startsWith(`${instance}.`)) return undefined;
  const position = Number(cursor.slice(instance.length + 1));
  return Number.isInteger(position) && position >= 0 && position <= last ? position : undefined;
}
