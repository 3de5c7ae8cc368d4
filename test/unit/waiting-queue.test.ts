/** The queue of a lane: when its one timer is set. */
import assert from 'node:assert/strict';
import { WaitingQueue } from '../../src/device/waiting-queue';
import { fakeClock } from '../support/fixtures';

describe('waiting queue', () => {
  it('keeps its timer when the first entry goes: set anew, it would be late once more for the next one', async () => {
    const clock = fakeClock();
    const expired: string[] = [];
    let timers = 0;
    // A timer that fires late, as those of Node.js do by up to a millisecond.
    const after = (ms: number, fire: () => void) => {
      timers += 1;
      return clock.after(ms + 1, fire);
    };
    const queue = new WaitingQueue<{ readonly name: string; readonly requestedAt: number }>(
      { ...clock, now: () => clock.now(), after },
      { ttlMs: 30, onLength: () => undefined, onExpired: ({ name }) => expired.push(name) },
    );
    queue.push({ name: 'first', requestedAt: clock.now() });
    await clock.advance(0.5);
    queue.push({ name: 'second', requestedAt: clock.now() });
    await clock.advance(30.2);
    queue.remove(({ name }) => name === 'first');
    assert.equal(timers, 1);
    await clock.advance(0.3);
    assert.deepEqual(expired, ['second']);
    assert.equal(clock.pendingTimers, 0);
  });
});
