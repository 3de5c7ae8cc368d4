import assert from 'node:assert/strict';
import fc from 'fast-check';
import { delayAfterMs, isRetried, type RetryPolicy } from '../../src/retry';

const DEFAULTS: RetryPolicy = { maxAttempts: 2, backoffBaseMs: 250, backoffMaxMs: 5000, jitterMs: 100 };

describe('retry policy', () => {
  it('waits 250 ms, then doubles, up to 5 s, before jitter', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => delayAfterMs(DEFAULTS, attempt, () => 0));
    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  it('adds a uniform share of the jitter, never all of it', () => {
    assert.equal(
      delayAfterMs(DEFAULTS, 1, () => 0.5),
      300,
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), (random) => {
        const delayMs = delayAfterMs(DEFAULTS, 1, () => random);
        assert.ok(delayMs >= 250 && delayMs < 350, `${delayMs}`);
      }),
    );
  });

  it('caps a base that is above the cap', () => {
    assert.equal(
      delayAfterMs({ ...DEFAULTS, backoffBaseMs: 9000 }, 1, () => 0),
      5000,
    );
  });

  it('does not wait if base and jitter are 0', () => {
    assert.equal(
      delayAfterMs({ ...DEFAULTS, backoffBaseMs: 0, jitterMs: 0 }, 3, () => 0.9),
      0,
    );
  });

  it('retries temporary failures, never an answer or a cancel', () => {
    for (const outcome of ['connection_failed', 'send_failed', 'timeout', 'connection_closed', 'bad_reply'] as const) {
      assert.ok(isRetried(outcome), outcome);
    }
    for (const outcome of ['success', 'rejected', 'cancelled'] as const) assert.ok(!isRetried(outcome), outcome);
  });
});
