/**
 * A process of its own that lets entries come and go in a Map and in a TransientMap. Sends how many bytes, that only a
 * collection of everything can free, each of them has added. Alone, because what else grows old would be counted as well.
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { TransientMap } from '../../src/transient';

export interface OldBytesReport {
  readonly map: number;
  readonly transientMap: number;
  /** Of everything that came and went. */
  readonly all: number;
}

const ENTRIES = 5000;
const ENTRY_BYTES = 1600;

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith('old') || name === 'large_object_space')
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

/** At most two entries at a time, each with something that it refers to. */
function growth(map: Pick<TransientMap<string, unknown>, 'set' | 'delete'>): number {
  const collect = globalThis.gc as (options?: { type: 'minor' }) => void;
  const collectYoung = () => collect({ type: 'minor' });
  // A pause: what is there grows old.
  map.set('first', {});
  collect();
  for (let round = 0; round < 3; round += 1) collectYoung();
  const before = oldBytes();
  for (let index = 0; index < ENTRIES; index += 1) {
    map.set(
      `key-${index}`,
      Array.from({ length: ENTRY_BYTES / 8 }, () => index),
    );
    map.delete(index === 0 ? 'first' : `key-${index - 1}`);
    if (index % 100 === 99) collectYoung();
  }
  collectYoung();
  return oldBytes() - before;
}

const report: OldBytesReport = {
  map: growth(new Map()),
  transientMap: growth(new TransientMap()),
  all: ENTRIES * ENTRY_BYTES,
};
process.send?.(report);
