/** The wait for the reading of a table: whatever a drive does, it ends. */
import assert from 'node:assert/strict';
import { readOrLate } from '../../nodes/phase0-inventory/reading-wait';
import { READ_TIMEOUT_MS } from '../../nodes/property';
import { fakeClock } from '../support/fixtures';

function setUp() {
  const clock = fakeClock();
  const closing = new AbortController();
  let read = (): void => undefined;
  const reading = new Promise<void>((resolve) => (read = resolve));
  let late = 0;
  let hasEnded = false;
  const ended = readOrLate(reading, closing.signal, () => (late += 1), clock).then(() => (hasEnded = true));
  return { clock, closing, read, ended, late: () => late, hasEnded: () => hasEnded };
}

describe('the wait for a reading', () => {
  it('ends with the reading', async () => {
    const { clock, read, ended, late, hasEnded } = setUp();
    await clock.advance(READ_TIMEOUT_MS - 1);
    assert.equal(hasEnded(), false);
    read();
    await ended;
    assert.deepEqual([late(), clock.pendingTimers], [0, 0]);
  });

  it('ends after its time, which is told', async () => {
    const { clock, ended, late } = setUp();
    await clock.advance(READ_TIMEOUT_MS);
    await ended;
    assert.deepEqual([late(), clock.pendingTimers], [1, 0]);
  });

  it('ends with a close, without a word', async () => {
    const { clock, closing, ended, late } = setUp();
    closing.abort();
    await clock.advance(0);
    await ended;
    assert.deepEqual([late(), clock.pendingTimers], [0, 0]);
  });
});
