/** The places of the built core that mutation testing changes, and which of them are argued in test/mutation.json. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutationsOf } from './mutations.mjs';

const FOLDERS = ['protocol', 'device', 'transport', 'transport/persistent'];

/** Every place, in the order of the files. `nth` tells equal changes in equal lines of a file apart. */
export function placesOf(dist) {
  return filesOf(dist).flatMap((file) => {
    const source = readFileSync(join(dist, 'src', file), 'utf8');
    const seen = new Map();
    return mutationsOf(source).map(({ start, end, replacement, what }) => {
      const line = source.slice(source.lastIndexOf('\n', start) + 1, source.indexOf('\n', start)).trim();
      const nth = (seen.get(`${what} ${line}`) ?? 0) + 1;
      seen.set(`${what} ${line}`, nth);
      const mutated = source.slice(0, start) + replacement + source.slice(end);
      return { file, line, what, nth, start, mutated };
    });
  });
}

/** Marks what is argued; an entry that fits no place, or has no reason, is an error. */
export function markArgued(places, argued) {
  const byName = new Map(places.map((place) => [nameOf(place), place]));
  for (const entry of argued) {
    const place = byName.get(nameOf(entry));
    if (!place) throw new Error(`test/mutation.json: no such place: ${nameOf(entry)}`);
    if (!entry.why) throw new Error(`test/mutation.json: say why: ${nameOf(entry)}`);
    if (place.isArgued) throw new Error(`test/mutation.json: twice: ${nameOf(entry)}`);
    place.isArgued = true;
  }
}

export function nameOf({ file, line, what, nth = 1 }) {
  return `${file}: ${what} in: ${line}${nth > 1 ? ` (number ${nth})` : ''}`;
}

export function grouped(some, keyOf) {
  const groups = {};
  for (const each of some) (groups[keyOf(each)] ??= []).push(each);
  return groups;
}

function filesOf(dist) {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(dist, 'src', folder)).flatMap((name) => (name.endsWith('.js') ? [`${folder}/${name}`] : [])),
  );
  return [...inFolders, 'retry.js'];
}
