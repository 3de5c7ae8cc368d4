/** Maps and sets for what comes and goes: they do what a Map does, and let go of what is gone. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { TransientMap, TransientSet } from '../../src/transient';
import type { OldBytesReport } from '../support/old-bytes-process';

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

  it('keeps nothing of what is gone, also after a pause', async () => {
    const child = fork(require.resolve('../support/old-bytes-process'), { execArgv: ['--expose-gc'] });
    const [{ map, transientMap, all }] = (await once(child, 'message')) as [OldBytesReport];
    assert.ok(map > all / 4, 'a Map does not keep it any more: the class is not needed');
    assert.ok(transientMap < all / 20, `${transientMap} of ${all} bytes`);
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
