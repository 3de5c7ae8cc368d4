/** Maps and sets for what comes and goes: they do what a Map does, and let go of what is gone. */
import assert from 'node:assert/strict';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { TransientMap, TransientSet } from '../../src/transient';

/** Bytes that only a collection of everything can free. */
function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith('old') || name === 'large_object_space')
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

const ENTRIES = 5000;
const ENTRY_BYTES = 1600;

/** How much older bytes there are after entries came and went, at most two at a time, each with something that it refers to. */
function growth(map: Pick<TransientMap<string, unknown>, 'set' | 'delete'>): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
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

describe('a map for what comes and goes', () => {
  it('does what a Map does', () => {
    const key = fc.integer({ min: 0, max: 9 }).map(String);
    const step = fc.oneof(
      fc.tuple(fc.constant('set' as const), key, fc.integer()),
      fc.tuple(fc.constant('delete' as const), key),
      fc.tuple(fc.constant('clear' as const)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const map = new TransientMap<string, number>();
        const expected = new Map<string, number>();
        for (const [what, name = '', value = 0] of steps) {
          if (what === 'set') {
            map.set(name, value);
            expected.set(name, value);
          } else if (what === 'delete') assert.equal(map.delete(name), expected.delete(name));
          else {
            map.clear();
            expected.clear();
          }
          assert.deepEqual([...map], [...expected]);
          assert.deepEqual([...map.keys()], [...expected.keys()]);
          assert.deepEqual([...map.values()], [...expected.values()]);
          assert.equal(map.size, expected.size);
          assert.equal(map.get(name), expected.get(name));
          assert.equal(map.has(name), expected.has(name));
        }
      }),
    );
  });

  it('keeps nothing of what is gone, also after a pause', () => {
    const bytes = ENTRIES * ENTRY_BYTES;
    assert.ok(growth(new Map()) > bytes / 5, 'a Map does not let go any more: the class is not needed');
    assert.ok(growth(new TransientMap()) < bytes / 8);
  });
});

describe('a set for what comes and goes', () => {
  it('has each member once, in the order in which they were added', () => {
    const set = new TransientSet<string>();
    for (const member of ['b', 'a', 'b', 'c']) set.add(member);
    assert.equal(set.delete('a'), true);
    assert.equal(set.delete('a'), false);
    assert.deepEqual(
      [[...set], [...set.keys()], set.size, set.has('a'), set.has('c')],
      [['b', 'c'], ['b', 'c'], 2, false, true],
    );
  });
});
