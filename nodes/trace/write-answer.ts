/** Answers that may be large: put together in slices, so that toggles go on in between. */
import { setImmediate } from 'node:timers/promises';
import { jsonLine } from '../../src/printable';
import type { AdminResponse } from '../red';

/** Entries that are turned into JSON at once, about half a millisecond of work. */
const SLICE = 25;

/** Sends an object as JSON; its lists entry by entry. Texts from outside are harmless on a terminal as well. */
export async function writeAnswer(response: AdminResponse, answer: object): Promise<void> {
  const members: string[] = [];
  for (const [name, value] of Object.entries(answer) as [string, unknown][]) {
    const json = Array.isArray(value) ? await listJson(value) : jsonLine(value);
    members.push(`${JSON.stringify(name)}:${json}`);
  }
  response.set({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  // At once: a write for each slice would be a call of the system each.
  response.write(`{${members.join(',')}}`);
  response.end();
}

async function listJson(list: readonly unknown[]): Promise<string> {
  const slices: string[] = [];
  for (let at = 0; at < list.length; at += SLICE) {
    if (at > 0) await setImmediate();
    const slice = list.slice(at, at + SLICE).map((entry) => jsonLine(entry));
    slices.push(slice.join(','));
  }
  return `[${slices.join(',')}]`;
}
