/** The small codings that the sidebar reads: sparklines, and bytes in pieces. */
import assert from 'node:assert/strict';
import type { TraceStep } from '../../src/trace/toggle-timeline';
import { attemptBytes } from '../../src/trace/attempt-bytes';
import { durationCode, OUTCOMES, readSpark } from '../../src/trace/spark';

describe('spark', () => {
  it('keeps every outcome, and durations from nothing to an hour', () => {
    const durationsUs = [0, 1, 99, 1500, 3_600_000_000];
    const bytes = durationsUs.flatMap((us, index) => [index, durationCode(us) >> 8, durationCode(us) & 0xff]);
    const points = readSpark(Buffer.from(bytes).toString('base64'));
    assert.deepEqual(
      points.map(({ outcome }) => outcome),
      OUTCOMES,
    );
    for (const [index, us] of durationsUs.entries()) {
      const { us: read = NaN } = points[index] ?? {};
      assert.ok(Math.abs(read - us) <= us / 2500, `${read} is not ${us}`);
    }
  });

  it('reads an empty one, and leaves out a point that is not whole', () => {
    assert.deepEqual(readSpark(''), []);
    assert.deepEqual(readSpark(Buffer.of(1, 2).toString('base64')), []);
  });

  it('limits a duration that is out of range', () => {
    assert.equal(durationCode(1e300), 0xffff);
    assert.equal(durationCode(-5), 0);
  });
});

describe('attemptBytes', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const steps: readonly TraceStep[] = [
    { kind: 'asked', at: 0 },
    { kind: 'bytes_out', at: 1, attempt: 1, bytes: base64('out') },
    { kind: 'bytes_in', at: 2, attempt: 1, bytes: base64('A') },
    { kind: 'bytes_in', at: 3, attempt: 1, bytes: base64('CK'), length: 70 },
    { kind: 'bytes_in', at: 4, attempt: 2, bytes: base64('other') },
  ];

  it('joins the pieces of one attempt and direction', () => {
    const { bytes, length } = attemptBytes(steps, 1, 'bytes_in');
    assert.equal(Buffer.from(bytes).toString(), 'ACK');
    assert.equal(length, 71);
    assert.equal(attemptBytes(steps, 1, 'bytes_out').length, 3);
    assert.equal(attemptBytes(steps, 3, 'bytes_in').length, 0);
  });
});
