/** Random numbers of the user: a share of 1 is taken as it is, anything else is replaced by one. */
import assert from 'node:assert/strict';
import { guardedRandom } from '../../src/device/guarded-random';

describe('guarded random', () => {
  it('passes on a share of 1, both ends included', () => {
    for (const share of [0, 0.25, 1]) assert.equal(guardedRandom(() => share)(), share);
  });

  for (const value of [-0.5, 1.5, Number.NaN, Infinity, '0.5', undefined, Promise.reject(new Error('late'))]) {
    it(`replaces ${typeof value} ${String(value)}`, () => {
      const share = guardedRandom(() => value as number)();
      assert.ok(typeof share === 'number' && share >= 0 && share < 1, String(share));
      assert.notEqual(share, value);
    });
  }
});
