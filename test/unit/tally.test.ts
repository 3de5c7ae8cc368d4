import assert from 'node:assert/strict';
import { Tally } from '../../src/cli/tally';
import type { Verdict } from '../../src/verdict';

const BASE = { deviceId: 'lamp', msgId: 'm', attempts: 1, elapsedMs: 1 } as const;
const confirmed = (latencyMs: number): Verdict => ({ ...BASE, outcome: 'confirmed', latencyMs });
const TIMEOUT: Verdict = { ...BASE, outcome: 'unknown', reason: 'timeout' };
const REJECTED: Verdict = { ...BASE, outcome: 'rejected', reason: 'rejected' };

function tallyOf(...verdicts: Verdict[]): Tally {
  const tally = new Tally();
  for (const verdict of verdicts) tally.add(verdict);
  return tally;
}

describe('tally', () => {
  it('counts outcomes with their reasons', () => {
    const tally = tallyOf(confirmed(1), TIMEOUT, confirmed(1), REJECTED);
    assert.deepEqual(Object.fromEntries(tally.outcomes), { confirmed: 2, 'unknown/timeout': 1, rejected: 1 });
    assert.deepEqual([tally.toggles, tally.confirmed], [4, 2]);
  });

  it('has the percentiles of the confirmed ones, within a thousandth', () => {
    const { latencyMs } = tallyOf(TIMEOUT, ...Array.from({ length: 1000 }, (_, index) => confirmed(index + 1)));
    for (const [name, expected] of [
      ['p50', 500],
      ['p95', 950],
      ['p99', 990],
      ['max', 1000],
    ] as const) {
      assert.ok(Math.abs((latencyMs?.[name] ?? 0) - expected) <= expected / 1000, `${name}: ${latencyMs?.[name]}`);
    }
  });

  it('has no percentiles while nothing is confirmed, and accepts a latency of 0', () => {
    assert.equal(tallyOf(TIMEOUT).latencyMs, undefined);
    assert.equal(tallyOf(confirmed(0)).latencyMs?.p50, 0);
  });

  it('is a table, the most frequent outcome first', () => {
    const rows = tallyOf(TIMEOUT, confirmed(2), confirmed(2), confirmed(2)).table(4, 2000).split('\n');
    assert.deepEqual(rows, [
      '4 toggles in 2.00 s, 2 per second',
      '',
      'outcome           toggles     share',
      'confirmed               3    75.0 %',
      'unknown/timeout         1    25.0 %',
      '',
      'latency, ms           p50       p95       p99       max',
      'confirmed            2.00      2.00      2.00      2.00',
    ]);
  });

  it('shows the requested number if it was stopped early, and no latencies without confirmed toggles', () => {
    assert.equal(
      tallyOf(TIMEOUT).table(9, 1000),
      '1 of 9 toggles in 1.00 s, 1 per second\n\noutcome           toggles     share\nunknown/timeout         1   100.0 %',
    );
    assert.match(tallyOf().table(9, 1000), /^0 of 9 toggles/);
  });
});
