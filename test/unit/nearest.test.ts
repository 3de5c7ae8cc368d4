/** Suggestions for mistyped names. */
import assert from 'node:assert/strict';
import { nearest } from '../../src/nearest';

describe('nearest', () => {
  const names = ['device_id', 'host', 'port', 'reply', 'tags'];

  for (const [typed, expected] of [
    ['hots', ['host']],
    ['porrt', ['port']],
    ['tag', ['tags']],
    ['deviceid', ['device_id']],
    ['device', []],
    ['hosting', []],
    ['x'.repeat(200), []],
  ] as const) {
    it(`${typed.slice(0, 20)}: ${expected.join() || 'none'}`, () => assert.deepEqual(nearest(typed, names), expected));
  }

  it('gives several, the closest first', () => {
    const lamps = ['lamp-0117', 'lamp-0111', 'lamp-0222', 'lamp-0017'];
    assert.deepEqual(nearest('lamp-0171', lamps, 2), ['lamp-0117', 'lamp-0111']);
    assert.deepEqual(nearest('lamp-0170', lamps, 3).toSorted(), ['lamp-0017', 'lamp-0111', 'lamp-0117']);
  });

  it('counts swapped neighbours as one letter, also where the rest is equal', () => {
    assert.deepEqual(nearest('abdc', ['abcd', 'abxx']), ['abcd']);
    assert.deepEqual(nearest('ab', ['ba', 'xab']), ['ba']);
  });
});
