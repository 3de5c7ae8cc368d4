/** Confirmed states of a device node, with a real device core and a context store that answers when the test says so. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { ConfirmedStates, ContextStore, type ConfirmedState } from '../../nodes/phase0-device/confirmed-states';
import type { Context } from '../../nodes/red';
import { StopSignal } from '../../src/stop-signal';
import { KnownStates } from '../../src/device/known-states';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';

/** A context whose first read waits for `answer`. */
function contextWith(saved: unknown) {
  let answer = () => {};
  const writes: unknown[] = [];
  const context: Context = {
    get: (_key, done) => {
      answer = () => done(undefined, saved);
    },
    set: (_key, value, done) => {
      writes.push(value);
      done();
    },
  };
  return { context, writes, answer: () => answer() };
}

const NOBODY = { stateChanged: () => undefined };

/** What a device does with its states. */
function deviceWith(states: ConfirmedStates, context: Context) {
  const onError = (error: unknown) => assert.fail(error as Error);
  const clock = fakeClock();
  const known = new KnownStates(clock, states, onError, new ContextStore(states, context));
  return {
    clock,
    known,
    confirm(deviceId: string, state: boolean): void {
      const verdict: Verdict = { outcome: 'confirmed', deviceId, msgId: 'm', state, attempts: 1, elapsedMs: 1 };
      known.record(verdict);
      states.verdict(verdict);
    },
  };
}

describe('confirmed states of a device node', () => {
  it('are from before the restart until a toggle confirms, be it the same state', async () => {
    const { context, answer } = contextWith({ a: true, b: true });
    const heard: [string, ConfirmedState | undefined][] = [];
    const states: ConfirmedStates = new ConfirmedStates({
      stateChanged: (deviceId) => void heard.push([deviceId, states.get(deviceId)]),
    });
    const device = deviceWith(states, context);
    device.confirm('b', false);
    answer();
    await device.known.whenLoaded(new StopSignal());
    assert.deepEqual(states.get('a'), { state: true, beforeRestart: true });
    assert.deepEqual(states.get('b'), { state: false, beforeRestart: false }, 'a verdict is newer than the store');
    device.confirm('a', true);
    assert.deepEqual(heard, [
      // The device reports that the state changed, and then the verdict.
      ['b', { state: false, beforeRestart: false }],
      ['b', { state: false, beforeRestart: false }],
      ['a', { state: true, beforeRestart: true }],
      ['a', { state: true, beforeRestart: false }],
    ]);
  });

  it('outlive the device and its context, and are written when it closes', async () => {
    const states = new ConfirmedStates(NOBODY);
    const first = contextWith(undefined);
    const device = deviceWith(states, first.context);
    first.answer();
    await device.known.whenLoaded(new StopSignal());
    device.confirm('a', true);
    device.known.close();
    await states.written();
    assert.deepEqual(first.writes, [{ a: true }]);
    const next = deviceWith(states, contextWith({}).context);
    await next.known.whenLoaded(new StopSignal());
    assert.equal(next.known.opposite('a'), false);
    assert.deepEqual(states.get('a'), { state: true, beforeRestart: false });
  });

  it('are written to the last one before the node has closed, be the store slow', async () => {
    const writes: { value: unknown; done: () => void }[] = [];
    const context: Context = {
      get: (_key, done) => done(undefined, undefined),
      set: (_key, value, done) => writes.push({ value, done }),
    };
    const states = new ConfirmedStates(NOBODY);
    const device = deviceWith(states, context);
    await device.known.whenLoaded(new StopSignal());
    device.confirm('a', true);
    await device.clock.advance(1000);
    device.confirm('a', false);
    device.known.close();
    device.confirm('b', true);
    let isWritten = false;
    const written = states.written().then(() => (isWritten = true));
    for (let n = 0; n < 3; n += 1) {
      await setImmediate();
      await setImmediate();
      assert.equal(isWritten, false, `${n} of 3 writes have ended`);
      writes[n]?.done();
    }
    await written;
    assert.deepEqual(
      writes.map(({ value }) => value),
      [{ a: true }, { a: false }, { a: false, b: true }],
    );
  });

  it('are read once for all devices, one of which may be replaced meanwhile', async () => {
    const first = contextWith({ a: false, b: true, c: 'on' });
    const states = new ConfirmedStates(NOBODY);
    const before = deviceWith(states, first.context);
    before.confirm('a', true);
    before.known.close();
    const isWritten = states.written();
    const next = deviceWith(states, contextWith({}).context);
    first.answer();
    await Promise.all([isWritten, next.known.whenLoaded(new StopSignal())]);
    assert.deepEqual(first.writes, [{ a: true, b: true }], 'before the node has closed');
    assert.deepEqual([next.known.get('a'), next.known.get('b')], [true, true]);
    assert.deepEqual(states.get('a'), { state: true, beforeRestart: false });
    assert.deepEqual(states.get('b'), { state: true, beforeRestart: true });
  });

  it('are read again by the next device if that failed', async () => {
    const states = new ConfirmedStates(NOBODY);
    const failing: Context = {
      get: (_key, done) => done(new Error('away'), undefined),
      set: (_key, _value, done) => done(),
    };
    await assert.rejects(states.load(failing), /away/);
    const { context, answer } = contextWith({ a: true });
    const loaded = states.load(context);
    answer();
    assert.deepEqual(await loaded, { a: true });
  });

  it('are those of rows that the inventory has', async () => {
    const heard: string[] = [];
    const states = new ConfirmedStates({ stateChanged: (deviceId) => void heard.push(deviceId) });
    states.confirmedState('lamp', true);
    states.forget('lamp');
    states.forget('lamp');
    assert.deepEqual([states.get('lamp'), heard], [undefined, ['lamp', 'lamp']]);
    const { context, answer } = contextWith(undefined);
    const loaded = states.load(context);
    answer();
    assert.deepEqual(await loaded, {});
  });

  it('are bounded: those confirmed longest ago go', () => {
    const states = new ConfirmedStates(NOBODY);
    for (let id = 0; id <= 11_000; id += 1) states.confirmedState(`lamp-${id}`, true);
    assert.equal(states.get('lamp-0'), undefined);
    assert.equal(states.get('lamp-1000'), undefined);
    assert.equal(states.get('lamp-1001')?.state, true);
  });
});
