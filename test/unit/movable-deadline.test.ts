/** A deadline that moves: it passes when it was set to last, with as few timers as that takes. */
import assert from 'node:assert/strict';
import { MovableDeadline } from '../../src/transport/persistent/movable-deadline';
import { fakeClock } from '../support/fixtures';

describe('movable deadline', () => {
  function start() {
    const clock = fakeClock();
    const passed: string[] = [];
    const deadline = new MovableDeadline(clock);
    const set = (ms: number, name: string) => deadline.set(ms, () => passed.push(`${name} at ${clock.now()}`));
    return { clock, passed, deadline, set };
  }

  it('passes once, when it is due', async () => {
    const { clock, passed, set } = start();
    set(100, 'reply');
    await clock.advance(99);
    assert.deepEqual(passed, []);
    await clock.advance(500);
    assert.deepEqual(passed, ['reply at 100']);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is put off without another timer', async () => {
    const { clock, passed, set } = start();
    set(100, 'send');
    await clock.advance(60);
    set(100, 'reply');
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(99);
    assert.deepEqual(passed, []);
    await clock.advance(500);
    assert.deepEqual(passed, ['reply at 160']);
  });

  it('costs a timer when it is first set, and one for the rest when that fires', async () => {
    const clock = fakeClock();
    const waits: number[] = [];
    const after = (ms: number, fire: () => void) => (waits.push(ms), clock.after(ms, fire));
    const deadline = new MovableDeadline({ ...clock, after });
    for (const ms of [100, 100, 300, 200]) deadline.set(ms, () => undefined);
    assert.deepEqual(waits, [100]);
    await clock.advance(100);
    assert.deepEqual(waits, [100, 100]);
  });

  it('can be set to an earlier time', async () => {
    const { clock, passed, set } = start();
    set(1000, 'connect');
    set(100, 'send');
    await clock.advance(2000);
    assert.deepEqual(passed, ['send at 100']);
    assert.equal(clock.pendingTimers, 0);
  });

  it('can be put off while what has arrived is being read', async () => {
    const clock = fakeClock();
    const passed: string[] = [];
    const reading = new Set<() => void>();
    const afterReading = (fire: () => void) => {
      reading.add(fire);
      return () => reading.delete(fire);
    };
    const deadline = new MovableDeadline({ ...clock, afterReading });
    deadline.set(100, () => passed.push('send'));
    await clock.advance(100);
    assert.equal(reading.size, 1);
    deadline.set(50, () => passed.push(`reply at ${clock.now()}`));
    assert.equal(reading.size, 0);
    await clock.advance(50);
    for (const fire of reading) fire();
    assert.deepEqual(passed, ['reply at 150']);
  });

  it('does not pass once it is cleared, and leaves no timer', async () => {
    const { clock, passed, deadline, set } = start();
    set(100, 'send');
    deadline.clear();
    assert.equal(clock.pendingTimers, 0);
    set(50, 'reply');
    await clock.advance(50);
    assert.deepEqual(passed, ['reply at 50']);
    set(100, 'again');
    await clock.advance(100);
    deadline.clear();
    assert.deepEqual(passed, ['reply at 50', 'again at 150']);
  });

  it('passes early by a time at which it is due, once', async () => {
    const { clock, passed, deadline, set } = start();
    set(100, 'reply');
    deadline.passBy(99);
    assert.deepEqual(passed, []);
    deadline.passBy(100);
    deadline.passBy(100);
    assert.deepEqual(passed, ['reply at 0']);
    assert.equal(clock.pendingTimers, 0);
    set(200, 'next');
    await clock.advance(500);
    assert.deepEqual(passed, ['reply at 0', 'next at 200']);
  });
});
