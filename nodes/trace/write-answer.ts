/** Answers that may be large: put together entry by entry, so that toggles go on in between. */
import { setImmediate } from 'node:timers/promises';
import { jsonLine } from '../../src/printable';
import type { AdminResponse } from '../red';

/** Pieces that are put together at once, about half a millisecond of work. */
const SLICE = 25;
/** Characters that are handed over to the system at once; each time takes it a call. */
const PART_CHARACTERS = 64 * 1024;

/** Sends an object as JSON; its lists entry by entry. Texts from outside are harmless on a terminal as well. */
export async function writeAnswer(response: AdminResponse, answer: object): Promise<void> {
  let isClosed = false;
  response.on('close', () => {
    isClosed = true;
  });
  response.set({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  let part = '';
  let count = 0;
  for (const piece of piecesOf(answer)) {
    part += piece;
    count += 1;
    if (part.length >= PART_CHARACTERS) {
      response.write(part);
      part = '';
    }
    if (count % SLICE === 0) await setImmediate();
    if (isClosed) return;
  }
  response.write(part);
  response.end();
}

function* piecesOf(answer: object): Generator<string> {
  let separator = '{';
  for (const [name, value] of Object.entries(answer) as [string, unknown][]) {
    yield `${separator}${JSON.stringify(name)}:`;
    if (isList(value)) yield* listPieces(value);
    else yield jsonLine(value);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function* listPieces(list: Iterable<unknown>): Generator<string> {
  let separator = '[';
  for (const entry of list) {
    yield `${separator}${jsonLine(entry)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
