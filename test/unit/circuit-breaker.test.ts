/** Circuit breaker alone: states, counting, probes and messages. Lanes with a breaker are in lane.test.ts. */
import assert from 'node:assert/strict';
import { CircuitBreaker } from '../../src/device/circuit-breaker';
import type { VerdictOutcome, VerdictReason } from '../../src/outcomes';
import { fakeClock } from '../support/fixtures';

function setUp(breakerFailures = 2) {
  const clock = fakeClock();
  const states: string[] = [];
  const breaker = new CircuitBreaker({ breakerFailures, breakerResetMs: 1000 }, clock, (state) => states.push(state));
  const record = (outcome: VerdictOutcome, reason?: VerdictReason) =>
    breaker.record({ outcome, ...(reason && { reason }), deviceId: 'lamp', msgId: 'm', attempts: 1, elapsedMs: 0 });
  const open = () => {
    for (let i = 0; i < breakerFailures; i += 1) record('failed');
  };
  return { clock, states, breaker, record, open };
}

describe('circuit breaker', () => {
  it('opens after consecutive failures, not before', () => {
    const { breaker, record, states } = setUp();
    record('failed');
    assert.deepEqual([breaker.state, breaker.tryAcquire(), breaker.hasNoFailures], ['closed', true, false]);
    record('unknown');
    assert.deepEqual([breaker.state, breaker.tryAcquire()], ['open', false]);
    assert.deepEqual(states, ['open']);
  });

  it('forgets failures when the device answers', () => {
    for (const answer of ['confirmed', 'rejected'] as const) {
      const { breaker, record, states } = setUp();
      record('failed');
      record(answer);
      assert.ok(breaker.hasNoFailures);
      record('failed');
      assert.deepEqual([breaker.state, states], ['closed', []]);
    }
  });

  it('allows exactly one probe after breakerResetMs', async () => {
    const { breaker, clock, open } = setUp();
    open();
    await clock.advance(999);
    assert.equal(breaker.tryAcquire(), false);
    assert.match(breaker.rejectionMessage(), /open after 2 consecutive failures; the next probe is allowed in 1 ms/);
    await clock.advance(1);
    assert.match(breaker.rejectionMessage(), /in 0 ms/);
    assert.deepEqual([breaker.tryAcquire(), breaker.tryAcquire()], [true, false]);
    assert.match(breaker.rejectionMessage(), /a probe is in progress/);
  });

  it('closes after a probe that is answered, and opens again after one that fails', async () => {
    const { breaker, clock, open, record, states } = setUp();
    open();
    await clock.advance(1000);
    breaker.tryAcquire();
    record('unknown');
    assert.match(breaker.rejectionMessage(), /open after 3 consecutive failures; .* in 1000 ms/);
    await clock.advance(1000);
    breaker.tryAcquire();
    record('confirmed');
    assert.deepEqual(states, ['open', 'half_open', 'open', 'half_open', 'closed']);
    assert.ok(breaker.hasNoFailures);
  });

  it('releases a probe that was stopped, so the next toggle may probe at once', async () => {
    for (const reason of ['cancelled', 'closed'] as const) {
      const { breaker, clock, open, record } = setUp();
      open();
      await clock.advance(1000);
      breaker.tryAcquire();
      record('unknown', reason);
      assert.equal(breaker.state, 'open');
      assert.ok(breaker.tryAcquire());
    }
  });

  it('does not count a toggle that was stopped', () => {
    const { breaker, record } = setUp(1);
    record('unknown', 'cancelled');
    assert.deepEqual([breaker.state, breaker.hasNoFailures], ['closed', true]);
  });

  it('is off with breakerFailures 0', () => {
    const { breaker, record, states } = setUp(0);
    for (let i = 0; i < 50; i += 1) record('failed');
    assert.deepEqual([breaker.state, breaker.hasNoFailures, states], ['closed', true, []]);
  });
});
