import assert from 'node:assert/strict';
import { StopSignal } from '../../src/stop-signal';
import type { AttemptOutcome } from '../../src/outcomes';
import type { Attempt, AttemptResult } from '../../src/transport/transport';
import type { AttemptReport } from '../../src/observer';
import { runToggle } from '../../src/device/attempts';
import { fakeClock } from '../support/fixtures';

const REQUEST = { deviceId: 'lamp', msgId: '8f14e45fceea167a', state: true };

type Step = AttemptResult | ((attempt: Attempt) => Promise<AttemptResult>);

const ended = (outcome: AttemptOutcome, more: Partial<AttemptResult> = {}): AttemptResult => ({
  outcome,
  maybeDelivered: outcome !== 'connection_failed',
  ...(outcome === 'success' ? { latencyMs: 5 } : { error: outcome }),
  ...more,
});

function setUp(steps: Step[], maxAttempts = steps.length) {
  const clock = fakeClock();
  const wakers = new Set<() => void>();
  const attempts: Attempt[] = [];
  const startedAt: number[] = [];
  const reports: AttemptReport[] = [];
  const stop = new StopSignal();
  const verdict = runToggle(
    {
      policy: { maxAttempts, backoffBaseMs: 250, backoffMaxMs: 5000, jitterMs: 100 },
      transport: {
        exchange(attempt) {
          attempts.push(attempt);
          startedAt.push(clock.now());
          const step = steps[attempts.length - 1];
          assert.ok(step, 'one attempt too many');
          return typeof step === 'function' ? step(attempt) : Promise.resolve(step);
        },
        onceAnswering(wake) {
          wakers.add(wake);
          return () => wakers.delete(wake);
        },
      },
      clock,
      random: () => 0.5,
      observer: { attemptEnded: (report) => reports.push(report) },
    },
    REQUEST,
    clock.now(),
    stop,
  );
  return { clock, attempts, startedAt, reports, stop, verdict, wakers };
}

describe('attempt loop', () => {
  it('confirms on the first reply', async () => {
    const { verdict, attempts } = setUp([ended('success', { reportedState: true })], 2);
    assert.deepEqual(await verdict, {
      outcome: 'confirmed',
      ...REQUEST,
      reportedState: true,
      attempts: 1,
      latencyMs: 5,
      elapsedMs: 0,
    });
    assert.equal(attempts.length, 1);
  });

  it('retries after the back-off, with the same packet', async () => {
    const { verdict, attempts, startedAt, clock, reports } = setUp([ended('timeout'), ended('success')]);
    await clock.advance(299);
    assert.equal(attempts.length, 1);
    await clock.advance(1);
    assert.equal((await verdict).outcome, 'confirmed');
    assert.equal((startedAt[1] ?? 0) - (startedAt[0] ?? 0), 300);
    assert.deepEqual(attempts[0]?.packet, attempts[1]?.packet);
    assert.deepEqual(
      reports.map(({ attempt, outcome, willRetry, retryInMs }) => ({ attempt, outcome, willRetry, retryInMs })),
      [
        { attempt: 1, outcome: 'timeout', willRetry: true, retryInMs: 300 },
        { attempt: 2, outcome: 'success', willRetry: false, retryInMs: 0 },
      ],
    );
  });

  it('found no connection: goes on as soon as the device answers another toggle, and leaves nothing behind', async () => {
    const { verdict, startedAt, clock, wakers } = setUp([ended('connection_failed'), ended('success')]);
    await clock.advance(100);
    for (const wake of wakers) wake();
    assert.equal((await verdict).outcome, 'confirmed');
    assert.deepEqual(startedAt, [0, 100]);
    assert.deepEqual([wakers.size, clock.pendingTimers], [0, 0]);
  });

  it('found no connection: leaves nothing behind when its wait is over, or when it is stopped', async () => {
    const { verdict, clock, wakers, stop } = setUp([ended('connection_failed'), ended('connection_failed')], 3);
    await clock.advance(300);
    assert.equal(wakers.size, 1);
    stop.stop('cancelled');
    assert.equal((await verdict).attempts, 2);
    assert.deepEqual([wakers.size, clock.pendingTimers], [0, 0]);
  });

  it('had a connection: waits for its back-off, whoever is answered', async () => {
    const { verdict, clock, wakers } = setUp([ended('timeout'), ended('success')]);
    await clock.advance(100);
    assert.equal(wakers.size, 0);
    await clock.advance(200);
    assert.equal((await verdict).outcome, 'confirmed');
  });

  for (const [outcomes, expected] of [
    [['connection_failed', 'connection_failed'], 'failed/connection_failed'],
    [['timeout', 'connection_failed'], 'unknown/connection_failed'],
    [['connection_failed', 'timeout'], 'unknown/timeout'],
    [['bad_reply', 'bad_reply'], 'unknown/bad_reply'],
    [['connection_closed', 'send_failed'], 'unknown/send_failed'],
    [['timeout', 'rejected'], 'rejected/rejected'],
  ] as const) {
    it(`judges ${outcomes.join(', ')} as ${expected}`, async () => {
      const { verdict, clock } = setUp(outcomes.map((outcome) => ended(outcome)));
      await clock.advance(10_000);
      const { outcome, reason, attempts } = await verdict;
      assert.equal(`${outcome}/${reason}`, expected);
      assert.equal(attempts, 2);
    });
  }

  it('reports what an attempt failed with, and nothing that it did not say', async () => {
    const told = ended('bad_reply', { error: 'not a frame', cause: 'replied_http' });
    const { verdict, reports, clock } = setUp([told, { outcome: 'timeout', maybeDelivered: true }]);
    await clock.advance(300);
    await verdict;
    const shared = { ...REQUEST, maxAttempts: 2, elapsedMs: 0 };
    assert.deepEqual(reports, [
      {
        ...shared,
        attempt: 1,
        outcome: 'bad_reply',
        willRetry: true,
        retryInMs: 300,
        error: 'not a frame',
        cause: 'replied_http',
      },
      { ...shared, attempt: 2, outcome: 'timeout', willRetry: false, retryInMs: 0 },
    ]);
  });

  it('does not retry a rejection', async () => {
    const { verdict, attempts } = setUp([ended('rejected', { error: 'the device refused: interlock open' })], 5);
    const { outcome, error } = await verdict;
    assert.equal(outcome, 'rejected');
    assert.match(error ?? '', /interlock open/);
    assert.equal(attempts.length, 1);
  });

  it('ends at once when stopped between two attempts, with the stop as the reason', async () => {
    const { verdict, clock, stop, attempts } = setUp([ended('timeout')], 2);
    await clock.advance(100);
    stop.stop('cancelled');
    const { outcome, reason } = await verdict;
    assert.equal(`${outcome}/${reason}`, 'unknown/cancelled');
    assert.equal(attempts.length, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('distinguishes a stop while connecting from one after sending', async () => {
    for (const [maybeDelivered, expected] of [
      [false, 'failed/closed'],
      [true, 'unknown/closed'],
    ] as const) {
      const { verdict, stop } = setUp(
        [
          ({ signal }) =>
            new Promise((resolve) => {
              signal.onStop(() => resolve(ended('cancelled', { maybeDelivered })));
            }),
        ],
        2,
      );
      stop.stop('closed');
      const { outcome, reason } = await verdict;
      assert.equal(`${outcome}/${reason}`, expected);
    }
  });

  it('does not retry what would fail the same way', async () => {
    const { verdict, attempts } = setUp([ended('connection_failed', { nonRetryable: true })], 5);
    assert.equal((await verdict).outcome, 'failed');
    assert.equal(attempts.length, 1);
  });

  it('keeps an answer that arrived together with a stop', async () => {
    const { verdict, stop } = setUp([ended('success')]);
    stop.stop('cancelled');
    assert.equal((await verdict).outcome, 'confirmed');
  });
});

describe('attempt verdict', () => {
  it('carries the bytes of the deciding reply', async () => {
    const { verdict } = setUp([ended('bad_reply', { received: '485454502f312e31' })]);
    assert.equal((await verdict).received, '485454502f312e31');
  });

  it('has no error text when the attempt gave none', async () => {
    const { verdict } = setUp([{ outcome: 'rejected', maybeDelivered: true }]);
    // Nor any other field: who prints or stores a verdict sees all of them.
    const expected = { outcome: 'rejected', reason: 'rejected', ...REQUEST, attempts: 1, elapsedMs: 0 };
    assert.deepEqual(await verdict, expected);
  });

  it('makes no connection when an observer of its start stops it', async () => {
    const stop = new StopSignal();
    const clock = fakeClock();
    const verdict = await runToggle(
      {
        policy: { maxAttempts: 2, backoffBaseMs: 0, backoffMaxMs: 0, jitterMs: 0 },
        transport: { exchange: () => assert.fail('an attempt was made') },
        clock,
        random: () => 0,
        observer: { attemptStarted: () => stop.stop('cancelled') },
      },
      REQUEST,
      clock.now(),
      stop,
    );
    assert.equal(`${verdict.outcome}/${verdict.reason}`, 'failed/cancelled');
  });
});
