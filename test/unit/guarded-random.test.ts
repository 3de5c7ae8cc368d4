/** Random numbers of the user: a share of 1 is taken as it is, anything else is replaced by one. */
import assert from 'node:assert/strict';
import { guardedRandom } from '../../src/device/guarded-random';

describe('guarded random', () => {
  it('passes on a share of 1, both ends included', () => {
    for (const share of [0, 0.25, 1]) assert.equal(guardedRandom(() => share)(), share);
  });

  for (const [name, value] of [
    ['less', -0.5],
    ['more', 1.5],
    ['what is not a number', Number.NaN],
    ['a text', '0.5'],
    ['nothing', undefined],
    ['an object', {}],
  ] as const) {
    it(`replaces ${name}`, () => {
      const share = guardedRandom(() => value as number)();
      assert.ok(typeof share === 'number' && share >= 0 && share < 1, `${share}`);
      assert.notEqual(share, value);
    });
  }
});
