/** Devices of the sidebar: their health, order and filter, and how answers change them. */
import assert from 'node:assert/strict';
import { EVERY_DEVICE, healthOf, isFound, listed } from '../../nodes/phase0-sidebar/editor/device-order';
import { DeviceStore } from '../../nodes/phase0-sidebar/editor/device-store';
import type { DeviceSummary, LastVerdict } from '../../src/trace/answers';
import { devicesAnswer, summary } from '../support/trace-answers';

const last = (given: Partial<LastVerdict>): LastVerdict => ({
  seq: 1,
  outcome: 'confirmed',
  at: 0,
  attempts: 1,
  ...given,
});
const failing = last({ outcome: 'failed', reason: 'connection_failed', cause: 'port_refused' });

describe('the health of a device', () => {
  const cases: readonly (readonly [string, Partial<DeviceSummary>, string])[] = [
    ['was never switched', {}, 'unused'],
    ['confirmed', { last: last({}) }, 'good'],
    ['failed', { last: failing }, 'bad'],
    ['was rejected', { last: last({ outcome: 'rejected', reason: 'rejected' }) }, 'bad'],
    ['may have switched', { last: last({ outcome: 'unknown', reason: 'timeout' }) }, 'bad'],
    [
      'dropped a toggle because its circuit is open',
      { last: last({ outcome: 'dropped', reason: 'circuit_open' }) },
      'bad',
    ],
    [
      'dropped a toggle for a newer one',
      { last: last({ outcome: 'dropped', reason: 'superseded' }), state: true },
      'good',
    ],
    [
      'dropped its only toggle, which said nothing of it',
      { last: last({ outcome: 'dropped', reason: 'invalid_state' }) },
      'unused',
    ],
    [
      'may have switched before a toggle was cancelled',
      { last: last({ outcome: 'unknown', reason: 'cancelled' }), state: true },
      'bad',
    ],
    ['has wrong settings', { problem: 'port must be …' }, 'bad'],
    ['has an open circuit', { last: last({}), circuit: 'open' }, 'bad'],
    ['has a circuit that is half open', { last: last({}), circuit: 'half_open' }, 'uneasy'],
    ['lost its connection', { last: last({}), isLost: true }, 'uneasy'],
  ];
  for (const [what, given, health] of cases) {
    it(`is ${health} if it ${what}`, () => assert.equal(healthOf(summary(given)), health));
  }
});

describe('the filter of the devices', () => {
  const device = listed(
    summary({
      deviceId: 'Lamp-7',
      name: 'Hall',
      tags: ['ground', 'east'],
      address: { host: 'gateway.local', port: 9000, tls: false },
      last: failing,
    }),
  );
  for (const text of ['hall', 'LAMP-7', 'gateway', 'east', ' lamp ', '']) {
    it(`finds "${text}"`, () => assert.ok(isFound(device, { ...EVERY_DEVICE, text })));
  }
  it('finds by tag, by outcome, and those in trouble', () => {
    assert.ok(isFound(device, { ...EVERY_DEVICE, tag: 'east', outcome: 'failed' }));
    assert.ok(isFound(device, { ...EVERY_DEVICE, outcome: 'trouble' }));
    assert.ok(!isFound(device, { ...EVERY_DEVICE, tag: 'eas' }));
    assert.ok(!isFound(device, { ...EVERY_DEVICE, outcome: 'confirmed' }));
    assert.ok(!isFound(device, { ...EVERY_DEVICE, text: 'attic' }));
    assert.ok(!isFound(listed(summary({ last: last({}) })), { ...EVERY_DEVICE, outcome: 'trouble' }));
  });
});

describe('the devices of the sidebar', () => {
  const ids = (store: DeviceStore, ...rest: [Parameters<DeviceStore['found']>[1]?]) =>
    store.found(EVERY_DEVICE, ...rest).map(({ summary: { deviceId } }) => deviceId);

  it('come in trouble first, then by name with numbers by their value', () => {
    const store = new DeviceStore(() => 0);
    const devices = ['lamp-10', 'lamp-9', 'Lamp-2'].map((deviceId) => summary({ deviceId, last: last({}) }));
    store.take(
      devicesAnswer({ devices: [...devices, summary({ deviceId: 'z', last: failing }), summary({ deviceId: 'a' })] }),
    );
    assert.deepEqual(ids(store), ['z', 'Lamp-2', 'lamp-9', 'lamp-10', 'a']);
    assert.equal(store.troubled(), 1);
  });

  it('keep their places while the list is held; those that come are last, those that are gone are not there', () => {
    const store = new DeviceStore(() => 0);
    store.take(devicesAnswer({ devices: ['a', 'b', 'c'].map((deviceId) => summary({ deviceId })) }));
    const held = store.found(EVERY_DEVICE);
    store.take(
      devicesAnswer({
        devices: [summary({ deviceId: 'c', last: failing }), summary({ deviceId: 'd', last: failing })],
        removed: ['a'],
      }),
    );
    assert.deepEqual(ids(store, held), ['b', 'c', 'd']);
    assert.equal(store.found(EVERY_DEVICE, held)[1]?.health, 'bad');
    assert.deepEqual(ids(store), ['c', 'd', 'b']);
  });

  it('are replaced by an answer with reset, which names those that are gone; the next answers add to it', () => {
    const store = new DeviceStore(() => 0);
    store.take(devicesAnswer({ devices: ['a', 'b'].map((deviceId) => summary({ deviceId })) }));
    assert.deepEqual(store.take(devicesAnswer({ reset: true, devices: [summary({ deviceId: 'b' })] })), ['a']);
    store.take(devicesAnswer({ devices: [summary({ deviceId: 'c' })] }));
    assert.deepEqual(ids(store), ['b', 'c']);
  });

  it('are not gone after a reset before the last of its answers', () => {
    const store = new DeviceStore(() => 0);
    store.take(devicesAnswer({ devices: ['a', 'b', 'c'].map((deviceId) => summary({ deviceId })) }));
    assert.deepEqual(store.take(devicesAnswer({ reset: true, more: true, devices: [summary({ deviceId: 'a' })] })), []);
    assert.deepEqual(ids(store), ['a', 'b', 'c']);
    assert.deepEqual(store.take(devicesAnswer({ devices: [summary({ deviceId: 'c' })] })), ['b']);
    assert.deepEqual(ids(store), ['a', 'c']);
  });

  it('are there if they were removed and came again before an answer', () => {
    const store = new DeviceStore(() => 0);
    store.take(devicesAnswer({ devices: ['a', 'b'].map((deviceId) => summary({ deviceId, last: failing })) }));
    assert.deepEqual(store.take(devicesAnswer({ removed: ['a'], devices: [summary({ deviceId: 'a' })] })), ['a']);
    assert.deepEqual(ids(store), ['b', 'a']);
  });

  it('have their ages by the clock of the server', () => {
    let clock = 1000;
    const store = new DeviceStore(() => clock);
    store.take(devicesAnswer({ now: 61_000 }));
    clock = 1500;
    assert.equal(store.now(), 61_500);
  });

  it('have the tags of all, once each', () => {
    const store = new DeviceStore(() => 0);
    store.take(devicesAnswer({ devices: [summary({ tags: ['b', 'a'] }), summary({ deviceId: 'x', tags: ['a'] })] }));
    assert.deepEqual(store.tags(), ['a', 'b']);
  });
});
