/** Last confirmed states: what is remembered, bounded, loaded and saved, and stores that misbehave. */
import assert from 'node:assert/strict';
import { StopSignal } from '../../src/stop-signal';
import { KnownStates, LOAD_TIMEOUT_MS, MAX_KNOWN_STATES, type StateStore } from '../../src/device/known-states';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';

const verdict = (deviceId: string, state: boolean, more: Partial<Verdict> = {}): Verdict => ({
  outcome: 'confirmed',
  deviceId,
  msgId: 'm',
  state,
  attempts: 1,
  elapsedMs: 0,
  ...more,
});

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(store?: StateStore, onError?: (error: unknown) => void) {
  const clock = fakeClock();
  const changes: string[] = [];
  const errors: unknown[] = [];
  const observer = {
    confirmedState: (deviceId: string, state: boolean, isRestored: boolean) =>
      void changes.push(`${deviceId} ${state}${isRestored ? ' restored' : ''}`),
  };
  const states = new KnownStates(clock, observer, onError ?? ((error) => errors.push(error)), store);
  return { clock, states, changes, errors };
}

function deferred() {
  let resolve!: (value: unknown) => void;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

/** A store in memory, whose calls the test can let wait. */
function memoryStore(saved?: unknown) {
  const saves: Readonly<Record<string, boolean>>[] = [];
  const loading = deferred();
  const store: StateStore = {
    load: () => loading.promise,
    save(states) {
      saves.push(states);
      return Promise.resolve();
    },
  };
  return { store, saves, finishLoad: (value = saved) => loading.resolve(value) };
}

describe('known states', () => {
  it('remembers the reported state, else the requested one, of confirmed toggles only', () => {
    const { states, changes } = setUp();
    assert.deepEqual([states.get('lamp'), states.opposite('lamp')], [undefined, true]);
    states.record(verdict('lamp', true));
    states.record(verdict('lamp', false, { outcome: 'unknown' }));
    assert.deepEqual([states.get('lamp'), states.opposite('lamp')], [true, false]);
    states.record(verdict('lamp', true, { reportedState: false }));
    states.record(verdict('lamp', false));
    assert.equal(states.get('lamp'), false);
    assert.deepEqual(changes, ['lamp true', 'lamp false']);
    states.close();
  });

  it('forgets the ids that were confirmed longest ago when there are too many', () => {
    const { states } = setUp();
    const many = MAX_KNOWN_STATES * 1.1;
    for (let i = 0; i < many; i += 1) states.record(verdict(`d${i}`, true));
    states.record(verdict('d0', true));
    states.record(verdict('new', true));
    assert.deepEqual([states.get('d0'), states.get('d1'), states.get('new')], [true, undefined, true]);
    const kept = Array.from({ length: many }, (_, i) => states.get(`d${i}`)).filter((state) => state !== undefined);
    assert.equal(kept.length, MAX_KNOWN_STATES - 1);
  });

  it('loads what was saved, and ignores what is not a state', async () => {
    const { store, finishLoad } = memoryStore({ lamp: true, pump: 'on', door: false });
    const { states, changes, errors } = setUp(store);
    finishLoad();
    await states.whenLoaded(new StopSignal());
    assert.deepEqual([states.get('lamp'), states.get('pump'), states.get('door')], [true, undefined, false]);
    assert.deepEqual([changes, errors], [['lamp true restored', 'door false restored'], []]);
  });

  for (const saved of [undefined, null, 'text', 7, []]) {
    it(`starts empty from ${JSON.stringify(saved)}`, async () => {
      const { store, finishLoad } = memoryStore();
      const { states, errors } = setUp(store);
      finishLoad(saved);
      await states.whenLoaded(new StopSignal());
      assert.deepEqual([states.opposite('lamp'), errors], [true, []]);
    });
  }

  it('keeps a state confirmed while the store loads, and counts it as newer', async () => {
    const { store, finishLoad } = memoryStore();
    const { states, changes } = setUp(store);
    states.record(verdict('lamp', false));
    const saved = Object.fromEntries(Array.from({ length: MAX_KNOWN_STATES + 5 }, (_, i) => [`d${i}`, true]));
    finishLoad({ lamp: true, ...saved });
    await states.whenLoaded(new StopSignal());
    assert.equal(states.get('lamp'), false);
    assert.deepEqual([states.get('d4'), states.get('d5')], [undefined, true]);
    // Only what is remembered is reported.
    assert.equal(changes.length, MAX_KNOWN_STATES + 1);
    states.close();
  });

  it('reports no saved state that those confirmed while the store loads leave no room for', async () => {
    const { store, finishLoad } = memoryStore();
    const { states, changes } = setUp(store);
    const newer = MAX_KNOWN_STATES / 10 + 1;
    for (let i = 0; i < newer; i += 1) states.record(verdict(`new${i}`, true));
    finishLoad(Object.fromEntries(Array.from({ length: MAX_KNOWN_STATES }, (_, i) => [`d${i}`, true])));
    await states.whenLoaded(new StopSignal());
    assert.deepEqual([states.get('d0'), changes.includes('d0 true restored')], [undefined, false]);
    assert.equal(changes.length, MAX_KNOWN_STATES);
    states.close();
  });

  it('saves once per second, everything at once, and not before the store has been read', async () => {
    const { store, saves, finishLoad } = memoryStore({ door: true });
    const { states, clock } = setUp(store);
    states.record(verdict('lamp', true));
    await clock.advance(5000);
    assert.deepEqual(saves, []);
    finishLoad();
    await settled();
    assert.deepEqual(saves, [{ door: true, lamp: true }]);
    states.record(verdict('lamp', false));
    states.record(verdict('pump', true));
    states.record(verdict('pump', true));
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(999);
    assert.equal(saves.length, 1);
    await clock.advance(1);
    assert.deepEqual(saves[1], { door: true, lamp: false, pump: true });
    states.close();
    await settled();
    assert.equal(saves.length, 2);
  });

  it('saves on close what has not been saved, and at once what is confirmed after it', async () => {
    const { store, saves, finishLoad } = memoryStore();
    const { states, clock } = setUp(store);
    finishLoad();
    await settled();
    states.record(verdict('lamp', true));
    states.close();
    // In the call itself: the next device with this store may be made, and load, before anything else runs.
    assert.deepEqual(saves, [{ lamp: true }]);
    states.record(verdict('lamp', false));
    await settled();
    assert.deepEqual(saves[1], { lamp: false });
    assert.equal(clock.pendingTimers, 0);
  });

  it('writes one at a time, and once more after a slow write however much changed', async () => {
    const writes: { states: Readonly<Record<string, boolean>>; done: () => void }[] = [];
    const store: StateStore = {
      load: () => Promise.resolve(undefined),
      save: (states) => new Promise((done) => writes.push({ states, done })),
    };
    const { states, clock } = setUp(store);
    for (let i = 0; i < 20; i += 1) {
      states.record(verdict('lamp', i % 2 === 0));
      await clock.advance(1000);
    }
    assert.deepEqual(
      writes.map((write) => write.states),
      [{ lamp: true }],
    );
    writes[0]?.done();
    await settled();
    assert.deepEqual(writes[1]?.states, { lamp: false });
    writes[1]?.done();
    await settled();
    assert.equal(writes.length, 2);
  });

  it('saves on close what changed during a slow write, and does not wait for its end', async () => {
    const writes: { states: Readonly<Record<string, boolean>>; done: () => void }[] = [];
    const store: StateStore = {
      load: () => Promise.resolve(undefined),
      save: (states) => new Promise((done) => writes.push({ states, done })),
    };
    const saved = () => writes.map(({ states }) => states);
    for (const isDue of [false, true]) {
      writes.length = 0;
      const { states, clock } = setUp(store);
      await settled();
      states.record(verdict('lamp', true));
      await clock.advance(1000);
      states.record(verdict('lamp', false));
      if (isDue) await clock.advance(1000);
      assert.deepEqual(saved(), [{ lamp: true }]);
      states.close();
      // In the call itself, as without a write.
      assert.deepEqual(saved(), [{ lamp: true }, { lamp: false }]);
      states.record(verdict('pump', true));
      assert.equal(writes.length, 2, 'what comes after it is written once, after a write');
      for (let n = 0; n < 2; n += 1) {
        writes[n]?.done();
        await settled();
      }
      assert.deepEqual(saved().slice(2), [{ lamp: false, pump: true }]);
      assert.equal(clock.pendingTimers, 0);
    }
  });

  it('saves once what is confirmed while the store loads, if it closes meanwhile', async () => {
    const { store, saves, finishLoad } = memoryStore();
    const { states, clock } = setUp(store);
    states.record(verdict('lamp', true));
    await clock.advance(1000);
    states.record(verdict('lamp', false));
    states.close();
    finishLoad();
    await settled();
    assert.deepEqual(saves, [{ lamp: false }]);
    assert.equal(clock.pendingTimers, 0);
  });

  it('saves a state that was loaded when it is confirmed, since the device before may have saved another one', async () => {
    const { store, saves, finishLoad } = memoryStore({ lamp: true, pump: true, door: true });
    const { states, clock, changes } = setUp(store);
    finishLoad();
    await states.whenLoaded(new StopSignal());
    states.record(verdict('lamp', true));
    await clock.advance(1000);
    assert.deepEqual(saves, [{ lamp: true, pump: true, door: true }]);
    assert.equal(changes.length, 3, 'none of it changed');
    states.record(verdict('lamp', true));
    states.record(verdict('pump', false));
    await clock.advance(1000);
    states.record(verdict('pump', false));
    assert.equal(clock.pendingTimers, 0, 'known from its own toggles now');
    states.close();
    assert.equal(saves.length, 2);
  });

  it('reads a store that failed once more before it writes, so that nothing is lost', async () => {
    const { store, saves } = memoryStore();
    const answers = [() => Promise.reject(new Error('away')), () => Promise.resolve({ door: true, lamp: true })];
    const { states, clock, changes } = setUp({
      ...store,
      load: () => answers.shift()?.() ?? assert.fail('a third time'),
    });
    await settled();
    states.record(verdict('lamp', false));
    await clock.advance(1000);
    await settled();
    assert.deepEqual(saves, [{ door: true, lamp: false }]);
    assert.deepEqual(changes, ['lamp false', 'door true restored']);
    // The store was read: not a third time.
    states.record(verdict('lamp', true));
    states.close();
    assert.equal(saves.length, 2);
  });

  it('stores again at the end what could not be stored', async () => {
    const { store, saves, finishLoad } = memoryStore();
    let isAway = true;
    const save = (states: Readonly<Record<string, boolean>>) =>
      isAway ? Promise.reject(new Error('away')) : store.save(states);
    const { states, clock, errors } = setUp({ ...store, save });
    finishLoad();
    await settled();
    states.record(verdict('lamp', true));
    await clock.advance(1000);
    isAway = false;
    states.flush();
    await settled();
    states.close();
    assert.deepEqual([saves, errors.length], [[{ lamp: true }], 1], 'once');
  });

  it('stores at once when asked to, and goes on', async () => {
    const { store, saves, finishLoad } = memoryStore();
    const { states, clock } = setUp(store);
    finishLoad();
    await settled();
    states.flush();
    states.record(verdict('lamp', true));
    states.flush();
    assert.deepEqual(saves, [{ lamp: true }]);
    assert.equal(clock.pendingTimers, 0);
    await settled();
    states.record(verdict('lamp', false));
    assert.equal(clock.pendingTimers, 1, 'within a second, as usual');
    states.close();
  });

  it('reports nothing that it loads after it was closed, and stores it all the same', async () => {
    const { store, saves, finishLoad } = memoryStore({ door: true });
    const { states, changes } = setUp(store);
    states.record(verdict('lamp', true));
    states.close();
    finishLoad();
    await settled();
    assert.deepEqual(saves, [{ door: true, lamp: true }]);
    assert.deepEqual(changes, ['lamp true']);
  });

  it('waits for the store no longer than its time limit, and says so', async () => {
    const { states, clock, errors } = setUp(memoryStore().store);
    let loaded = false;
    void states.whenLoaded(new StopSignal()).then(() => (loaded = true));
    await clock.advance(LOAD_TIMEOUT_MS - 1);
    assert.equal(loaded, false);
    await clock.advance(1);
    await settled();
    assert.equal(loaded, true);
    assert.match(String(errors[0]), /did not load within 10000 ms/);
  });

  it('stops waiting for the store when stopped', async () => {
    const { states, clock } = setUp(memoryStore().store);
    const stop = new StopSignal();
    const waited = states.whenLoaded(stop);
    stop.stop('cancelled');
    await waited;
    states.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('leaves no listener on the signal of a toggle that has waited for the store', async () => {
    const { states } = setUp();
    const stop = new StopSignal();
    const removed: unknown[] = [];
    stop.removeListener = (listener) => removed.push(listener);
    let added: unknown;
    stop.onStop = (listener) => (added = listener);
    await states.whenLoaded(stop);
    assert.deepEqual(removed, [added]);
  });

  const failures: Readonly<Record<string, StateStore>> = {
    rejects: { load: () => Promise.reject(new Error('disk')), save: () => Promise.reject(new Error('disk')) },
    throws: {
      load() {
        throw new Error('disk');
      },
      save() {
        throw new Error('disk');
      },
    },
    'has no methods': {} as StateStore,
  };
  for (const [name, store] of Object.entries(failures)) {
    it(`goes on with a store that ${name}, and reports each failure`, async () => {
      const { states, clock, errors } = setUp(store);
      await states.whenLoaded(new StopSignal());
      states.record(verdict('lamp', true));
      await clock.advance(1000);
      await settled();
      // It is read once more before the first write.
      assert.equal(errors.length, 3);
      assert.equal(states.get('lamp'), true);
      assert.equal(clock.pendingTimers, 0);
      states.close();
      await settled();
      assert.equal(errors.length, 5, 'and what could not be stored is tried again at the end');
    });

    it(`survives an error handler that throws, with a store that ${name}`, async () => {
      const { states, clock } = setUp(store, () => {
        throw new Error('handler');
      });
      states.record(verdict('lamp', true));
      await clock.advance(1000);
      states.record(verdict('lamp', false));
      states.close();
      await settled();
      assert.equal(states.get('lamp'), false);
    });
  }
});
