/** When the next connection to an address may begin. */
import assert from 'node:assert/strict';
import { StopSignal } from '../../src/stop-signal';
import { ConnectionTurns, type Addresses, type Turn } from '../../src/transport/connection-turns';
import { fakeClock } from '../support/fixtures';

const never = new StopSignal();

function scene() {
  const clock = fakeClock();
  const addresses: Addresses = new Map();
  const turns = new ConnectionTurns({ host: 'device.test', port: 1 }, clock, addresses);
  const next = (lane: string, signal = never) => {
    const asked: { turn?: Turn } = {};
    void turns.next(lane, signal).then((turn) => {
      asked.turn = turn;
    });
    return clock.advance(0).then(() => asked);
  };
  /** The device refuses a second connection while it serves a first one. */
  const learnOneAtATime = async () => {
    const first = await next('x');
    first.turn?.connected();
    const second = await next('y');
    second.turn?.refused();
    second.turn?.end();
    return first.turn;
  };
  return { clock, addresses, next, learnOneAtATime };
}

describe('connection turns', () => {
  it('lets a lane wait for the end of its last connection', async () => {
    const { clock, next } = scene();
    const first = await next('a');
    const second = await next('a');
    assert.equal(second.turn, undefined);
    first.turn?.end();
    await clock.advance(0);
    assert.ok(second.turn);
    assert.equal(clock.pendingTimers, 0);
  });

  it('lets lanes connect at the same time', async () => {
    const { next } = scene();
    await next('a');
    assert.ok((await next('b')).turn);
  });

  it('waits for the last connection although an attempt in between was cancelled while it waited', async () => {
    const { clock, next } = scene();
    const first = await next('a');
    const signal = new StopSignal();
    const second = await next('a', signal);
    signal.stop('cancelled');
    await clock.advance(0);
    second.turn?.end();
    const third = await next('a');
    assert.equal(third.turn, undefined);
    first.turn?.end();
    await clock.advance(0);
    assert.ok(third.turn);
  });

  it('waits for its own last connection, too, once the device takes one at a time', async () => {
    const { clock, next, learnOneAtATime } = scene();
    const first = await learnOneAtATime();
    const second = await next('x');
    assert.equal(second.turn, undefined);
    first?.end();
    await clock.advance(0);
    assert.ok(second.turn);
  });

  it('waits for 500 ms at most', async () => {
    const { clock, next } = scene();
    await next('a');
    const second = await next('a');
    await clock.advance(499);
    assert.equal(second.turn, undefined);
    await clock.advance(1);
    assert.ok(second.turn);
  });

  it('ends the wait when the attempt is cancelled', async () => {
    const { clock, next } = scene();
    await next('a');
    const signal = new StopSignal();
    const second = await next('a', signal);
    signal.stop('cancelled');
    await clock.advance(0);
    assert.ok(second.turn);
    assert.equal(clock.pendingTimers, 0);
  });

  it('does not wait at all for an attempt that is cancelled already', async () => {
    const { next } = scene();
    await next('a');
    const stopped = new StopSignal();
    stopped.stop('cancelled');
    assert.ok((await next('a', stopped)).turn);
  });

  it('lets all lanes take turns once the device refused a connection while it served another one', async () => {
    const { clock, next, learnOneAtATime } = scene();
    const serving = await learnOneAtATime();
    serving?.end();
    const first = await next('a');
    const second = await next('b');
    assert.ok(first.turn);
    assert.equal(second.turn, undefined);
    first.turn.end();
    await clock.advance(0);
    assert.ok(second.turn);
  });

  it('lets all lanes take turns when two began together, and the refusal of one came before the other was connected', async () => {
    const { clock, next } = scene();
    const first = await next('a');
    const second = await next('b');
    second.turn?.refused();
    second.turn?.end();
    first.turn?.connected();
    const again = await next('b');
    assert.equal(again.turn, undefined);
    first.turn?.end();
    await clock.advance(0);
    assert.ok(again.turn);
  });

  it('lets lanes connect at the same time after a device that refused is back', async () => {
    const { next } = scene();
    const first = await next('a');
    first.turn?.refused();
    first.turn?.end();
    const second = await next('a');
    second.turn?.connected();
    assert.ok((await next('b')).turn);
  });

  it('tries a second connection again after ten minutes', async () => {
    const { clock, next, learnOneAtATime } = scene();
    const serving = await learnOneAtATime();
    await clock.advance(599_999);
    assert.equal((await next('a')).turn, undefined);
    await clock.advance(1);
    assert.ok((await next('b')).turn);
    serving?.end();
    assert.ok((await next('c')).turn);
  });

  it('ignores a refusal while no other connection is open', async () => {
    const { next } = scene();
    const first = await next('a');
    const second = await next('b');
    second.turn?.refused();
    first.turn?.end();
    second.turn?.end();
    await next('a');
    assert.ok((await next('b')).turn);
  });

  it('forgets an address without connections, except while it takes one at a time', async () => {
    const { addresses, clock, next, learnOneAtATime } = scene();
    const { turn } = await next('a');
    assert.equal(addresses.size, 1);
    turn?.connected();
    turn?.end();
    turn?.end();
    assert.equal(addresses.size, 0);
    const serving = await learnOneAtATime();
    serving?.end();
    assert.equal(addresses.size, 1);
    const another = await next('a');
    await clock.advance(600_000);
    another.turn?.end();
    assert.equal(addresses.size, 0);
  });

  it('keeps an address while any connection to it is open, be another one ended twice', async () => {
    const { addresses, next } = scene();
    const first = await next('a');
    const second = await next('b');
    first.turn?.end();
    first.turn?.end();
    assert.equal(addresses.size, 1);
    second.turn?.end();
    assert.equal(addresses.size, 0);
  });

  it('leaves nothing on the signal of an attempt: neither after a wait, nor where none is needed', async () => {
    const { clock, next } = scene();
    const signal = new StopSignal();
    const listeners = new Set<() => void>();
    let waits = 0;
    signal.onStop = (listener) => {
      waits += 1;
      listeners.add(listener);
    };
    signal.removeListener = (listener) => listeners.delete(listener);
    const first = await next('a', signal);
    const second = await next('a', signal);
    assert.equal(listeners.size, 1);
    first.turn?.end();
    await clock.advance(0);
    second.turn?.end();
    await clock.advance(0);
    // Both have ended, so that the lane is forgotten.
    assert.ok((await next('a', signal)).turn);
    assert.deepEqual([waits, listeners.size], [1, 0]);
  });

  it('ignores a connection that comes about after its end', async () => {
    const { next } = scene();
    // Keeps what is known of the address.
    await next('other');
    const { turn } = await next('a');
    turn?.end();
    turn?.connected();
    const second = await next('b');
    second.turn?.refused();
    second.turn?.end();
    await next('c');
    assert.ok((await next('d')).turn);
  });

  it('keeps the newest connection of a lane in mind when an older one ends', async () => {
    const { clock, next } = scene();
    const first = await next('a');
    const second = await next('a');
    first.turn?.end();
    await clock.advance(0);
    const third = await next('a');
    assert.ok(second.turn);
    assert.equal(third.turn, undefined);
  });
});
