import assert from 'node:assert/strict';
import { BoundedMap } from '../../src/simulator/bounded-map';

describe('bounded map', () => {
  it('lets the entry set longest ago go when there are too many', () => {
    const map = new BoundedMap<number>(2, Infinity);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    assert.deepEqual(
      [...map],
      [
        ['a', 3],
        ['c', 4],
      ],
    );
  });

  it('lets as many go as their keys take memory, but never the newest', () => {
    const map = new BoundedMap<number>(10, 1000);
    for (const key of ['a', 'b', 'c']) map.set(key, 0);
    map.set('x'.repeat(468), 0);
    assert.deepEqual(
      [...map.keys()].map(({ length }) => length),
      [468],
    );
    map.set('y'.repeat(5000), 0);
    assert.deepEqual(
      [...map.keys()].map(({ length }) => length),
      [5000],
    );
    map.set('a', 0);
    assert.deepEqual([...map.keys()], ['a']);
  });

  it('has room again for what was deleted', () => {
    const map = new BoundedMap<number>(10, 1000);
    map.set('x'.repeat(400), 0);
    assert.equal(map.delete('x'.repeat(400)), true);
    assert.equal(map.delete('x'.repeat(400)), false);
    for (const key of ['a', 'b', 'c', 'd']) map.set(key, 0);
    assert.equal(map.size, 4);
  });
});
