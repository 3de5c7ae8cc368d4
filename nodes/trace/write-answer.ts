/** Answers that may be large: written in slices, so that toggles go on in between. */
import { setImmediate } from 'node:timers/promises';
import type { AdminResponse } from '../red';

/** Entries that are turned into JSON at once, about half a millisecond of work. */
const SLICE = 25;

/** Writes an object as JSON; its lists entry by entry. */
export async function writeAnswer(response: AdminResponse, answer: object): Promise<void> {
  response.set({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  let separator = '{';
  for (const [name, value] of Object.entries(answer) as [string, unknown][]) {
    response.write(`${separator}${JSON.stringify(name)}:`);
    separator = ',';
    if (Array.isArray(value)) await writeList(response, value);
    else response.write(JSON.stringify(value));
  }
  response.write('}');
  response.end();
}

async function writeList(response: AdminResponse, list: readonly unknown[]): Promise<void> {
  response.write('[');
  for (let at = 0; at < list.length; at += SLICE) {
    if (at > 0) await setImmediate();
    const slice = list.slice(at, at + SLICE).map((entry) => JSON.stringify(entry));
    response.write(`${at > 0 ? ',' : ''}${slice.join(',')}`);
  }
  response.write(']');
}
