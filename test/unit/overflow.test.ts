/** What leaves a full map. */
import assert from 'node:assert/strict';
import { overflow } from '../../src/overflow';

describe('overflow', () => {
  const mapOf = (size: number) => new Map(Array.from({ length: size }, (_, index) => [`id-${index}`, index]));

  it('is empty until the limit is exceeded by more than a tenth', () => {
    assert.deepEqual(overflow(mapOf(0), 10), []);
    assert.deepEqual(overflow(mapOf(11), 10), []);
  });

  it('is the oldest, so that as many as the limit are left', () => {
    assert.deepEqual(overflow(mapOf(12), 10), ['id-0', 'id-1']);
    assert.deepEqual(overflow(new Set(mapOf(13).keys()), 10), ['id-0', 'id-1', 'id-2']);
    assert.deepEqual(overflow(mapOf(2), 1), ['id-0']);
    assert.equal(overflow(mapOf(11_001), 10_000).length, 1001);
  });
});
