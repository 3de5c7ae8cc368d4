/** What a toggle node's status is about: one device id or many, verdicts, states of other nodes, and the connection. */
import assert from 'node:assert/strict';
import { DeployedDevice } from '../../nodes/phase0-device/deployed-devices';
import { ToggleStatus } from '../../nodes/phase0-toggle/toggle-status';
import { settingStatus } from '../../nodes/setting-status';
import type { Status } from '../../nodes/red';
import type { Cause } from '../../src/outcomes';
import type { Verdict } from '../../src/verdict';

const ATTEMPT = { deviceId: 'lamp-1', msgId: 'm', state: true, attempt: 1, maxAttempts: 2 };

interface Options {
  /** The device id of the settings; `null` if messages name it. */
  readonly own?: string | null;
  readonly problems?: readonly string[];
  readonly isPersistent?: boolean;
  /** The rows of an inventory, which a test may change; absent if it is no inventory. */
  readonly rows?: Set<string>;
}

function sceneOf({ own = null, problems = [], isPersistent = false, rows }: Options = {}) {
  const shown: Status[] = [];
  const followed = new DeployedDevice();
  const { states, connection } = followed;
  let isIdle = true;
  const status = new ToggleStatus({
    line: { set: (wanted) => void shown.push(wanted()) },
    followed,
    ownDeviceId: () => own ?? undefined,
    target: {
      problems: () => problems,
      trouble: () => (problems.length > 0 ? settingStatus(problems) : undefined),
      mended: () => ({ fill: 'grey', shape: 'dot', text: 'devices: 60' }),
      lacks: (deviceId) => rows?.has(deviceId) === false,
      isPersistent: () => isPersistent,
    },
    get isIdle() {
      return isIdle;
    },
  });
  followed.follow(status);
  const end = (verdict: Verdict, last: boolean) => {
    isIdle = false;
    if (verdict.outcome === 'confirmed') states.confirmedState(verdict.deviceId, verdict.state === true);
    states.verdict(verdict);
    isIdle = last;
    status.verdict(verdict);
    isIdle = true;
  };
  const verdictOn = (deviceId: string, rest: Partial<Verdict>): Verdict => {
    return { outcome: 'confirmed', deviceId, msgId: 'm', attempts: 1, latencyMs: 12, elapsedMs: 12, ...rest };
  };
  return {
    status,
    states,
    /** A toggle of this node that is confirmed. */
    confirm(deviceId: string, state: boolean, { last = true, received = '' } = {}): void {
      status.addressed(deviceId);
      end(verdictOn(deviceId, { state, ...(received !== '' && { received }) }), last);
    },
    /** A toggle of this node that fails. */
    fail(deviceId: string, cause: Cause = 'no_reply', rest: Partial<Verdict> = {}): void {
      status.addressed(deviceId);
      end(verdictOn(deviceId, { outcome: 'unknown', reason: 'timeout', attempts: 2, cause, ...rest }), true);
    },
    /** The table was read, while toggles are under way or not. */
    readTable(now = { isIdle: true }): void {
      ({ isIdle } = now);
      status.tableRead();
      isIdle = true;
    },
    /** Another node's toggle is confirmed. */
    elsewhere(deviceId: string, state: boolean): void {
      states.verdict(verdictOn(deviceId, { state }));
    },
    lose: (isLost: boolean) => connection.connectionState('lamp-1', 'disconnected', isLost),
    /** The store had this state. */
    async load(saved: object): Promise<void> {
      const context = {
        get: (_key: string, done: (error: unknown, value: unknown) => void) => done(undefined, saved),
        set: () => undefined,
      };
      await states.load(context);
      for (const [id, state] of Object.entries(saved)) states.confirmedState(id, state as boolean);
    },
    now: () => {
      const { fill, shape, text } = shown.at(-1) ?? { fill: 'none', shape: '', text: '' };
      return `${fill} ${shape}: ${text}`;
    },
    count: () => shown.length,
  };
}

describe('status of a toggle that serves several device ids', () => {
  it('shows 41 of 50 on · lamp-7: no reply, whatever came last', () => {
    const scene = sceneOf();
    for (let id = 1; id <= 50; id += 1) {
      if (id !== 7) scene.confirm(`lamp-${id}`, id > 8);
      else scene.fail('lamp-7');
    }
    assert.equal(scene.now(), 'red dot: 42 of 50 on · lamp-7: no reply');
    scene.confirm('lamp-9', false);
    assert.equal(scene.now(), 'red dot: 41 of 50 on · lamp-7: no reply');
    scene.confirm('lamp-7', true);
    assert.equal(scene.now(), 'green dot: 42 of 50 on');
  });

  it('shows the verdict while there is but one id, and the sum as soon as there are two', () => {
    const scene = sceneOf();
    scene.confirm('lamp-1', true);
    assert.equal(scene.now(), 'green dot: on · 12 ms');
    scene.fail('lamp-1');
    assert.equal(scene.now(), 'red dot: no reply · 2 attempts');
    scene.confirm('lamp-2', true);
    assert.equal(scene.now(), 'red dot: 2 of 2 on · lamp-1: no reply');
  });

  it('names the latest of several in trouble, and how many more there are', () => {
    const scene = sceneOf();
    scene.confirm('lamp-1', true);
    scene.fail('lamp-2');
    scene.fail('lamp-3', 'port_refused', { outcome: 'failed', reason: 'connection_failed' });
    assert.equal(scene.now(), 'red dot: 1 of 3 on · lamp-3: port refused (+1)');
    scene.confirm('lamp-3', false);
    assert.equal(scene.now(), 'red dot: 1 of 3 on · lamp-2: no reply');
  });

  it('is blue while toggles are under way', () => {
    const scene = sceneOf();
    scene.confirm('lamp-1', true);
    scene.confirm('lamp-2', true, { last: false });
    assert.equal(scene.now(), 'blue ring: 2 of 2 on');
    scene.status.attempt(ATTEMPT);
    assert.equal(scene.now(), 'blue ring: 2 of 2 on');
    scene.status.waiting(4);
    assert.equal(scene.now(), 'blue ring: 2 of 2 on');
  });

  it('is not in trouble for what was replaced, cancelled or stopped; a wrong message is shown once', () => {
    const scene = sceneOf();
    scene.confirm('lamp-1', true);
    scene.confirm('lamp-2', true);
    for (const reason of ['superseded', 'cancelled', 'closed'] as const) {
      scene.fail('lamp-2', reason, { outcome: 'dropped', reason, attempts: 0 });
      assert.equal(scene.now(), 'green dot: 2 of 2 on');
    }
    scene.fail('lamp-2', 'invalid_state', { outcome: 'dropped', reason: 'invalid_state', attempts: 0 });
    assert.equal(scene.now(), 'red dot: invalid state');
    scene.confirm('lamp-1', false);
    assert.equal(scene.now(), 'green dot: 1 of 2 on');
  });

  it('follows other nodes in the ids that it serves, and in no others', () => {
    const scene = sceneOf();
    scene.confirm('lamp-1', true);
    scene.fail('lamp-2');
    scene.elsewhere('lamp-9', true);
    assert.equal(scene.now(), 'red dot: 1 of 2 on · lamp-2: no reply');
    scene.elsewhere('lamp-2', true);
    assert.equal(scene.now(), 'green dot: 2 of 2 on');
  });

  it('counts a bounded number of ids, and forgets the troubles of those that it no longer counts', () => {
    const scene = sceneOf();
    scene.fail('lamp-0');
    // The oldest ids go by the tenth of the limit.
    for (let id = 1; id <= 11_000; id += 1) scene.status.addressed(`lamp-${id}`);
    scene.confirm('lamp-11000', true);
    assert.equal(scene.now(), 'green dot: 1 of 10000 on');
  });

  it('shows after a restart what the store kept of the device, until a message comes', async () => {
    const scene = sceneOf();
    scene.status.start();
    assert.equal(scene.count(), 0);
    await scene.load({ 'lamp-1': true, 'lamp-2': true, 'lamp-3': false });
    assert.equal(scene.now(), 'grey dot: 2 of 3 on (before restart)');
    scene.confirm('lamp-3', true);
    assert.equal(scene.now(), 'green dot: on · 12 ms');
  });
});

const UNKNOWN = { outcome: 'dropped', reason: 'unknown_device', attempts: 0 } as const;

describe('status of a toggle that serves rows of an inventory', () => {
  const rowsOf = (...ids: readonly string[]) => new Set(ids);

  it('names an id that no row has until something else happens, and does not count it', () => {
    const scene = sceneOf({ rows: rowsOf('lamp-1', 'lamp-2') });
    scene.confirm('lamp-1', true);
    scene.fail('lamp-9', 'unknown_device', UNKNOWN);
    assert.equal(scene.now(), 'red dot: 1 of 1 on · lamp-9: unknown device');
    scene.confirm('lamp-1', true);
    assert.equal(scene.now(), 'green dot: on · 12 ms');
    scene.fail('lamp-2');
    scene.fail('lamp-9', 'unknown_device', UNKNOWN);
    assert.equal(scene.now(), 'red dot: 1 of 2 on · lamp-9: unknown device (+1)');
    scene.confirm('lamp-1', false);
    assert.equal(scene.now(), 'red dot: 0 of 2 on · lamp-2: no reply');
    scene.fail('lamp-9', 'unknown_device', UNKNOWN);
    scene.elsewhere('lamp-2', true);
    assert.equal(scene.now(), 'green dot: 1 of 2 on');
  });

  it('is that of the verdict when no row has the first id of all', () => {
    const scene = sceneOf({ rows: rowsOf('lamp-1') });
    scene.fail('lamp-9', 'unknown_device', UNKNOWN);
    assert.equal(scene.now(), 'red dot: unknown device');
    scene.confirm('lamp-1', true);
    assert.equal(scene.now(), 'green dot: on · 12 ms');
  });

  it('forgets a row that is gone, with its trouble, also while toggles are under way', () => {
    const rows = rowsOf('lamp-1', 'lamp-2', 'dead-3');
    const scene = sceneOf({ rows });
    for (const id of ['lamp-1', 'lamp-2']) scene.confirm(id, true);
    scene.fail('dead-3', 'port_refused', { outcome: 'failed', reason: 'connection_failed' });
    assert.equal(scene.now(), 'red dot: 2 of 3 on · dead-3: port refused');
    rows.delete('dead-3');
    scene.readTable();
    assert.equal(scene.now(), 'green dot: 2 of 2 on');
    rows.delete('lamp-2');
    scene.readTable({ isIdle: false });
    // The last toggle of a row that is gone ends by its attempt.
    scene.fail('lamp-2');
    scene.confirm('lamp-1', false);
    assert.equal(scene.now(), 'green dot: off · 12 ms');
  });

  it('of which the only one is gone, is that of the table', () => {
    const rows = rowsOf('dead-3');
    const scene = sceneOf({ rows });
    scene.fail('dead-3', 'port_refused');
    rows.delete('dead-3');
    scene.readTable();
    assert.equal(scene.now(), 'grey dot: devices: 60');
  });

  it('keeps the failure of the only one when the table is read, and not that of a setting', () => {
    const scene = sceneOf({ rows: rowsOf('lamp-1') });
    scene.confirm('lamp-1', true);
    scene.fail('lamp-1');
    scene.readTable();
    assert.equal(scene.now(), 'red dot: no reply · 2 attempts');
    scene.fail('lamp-1', 'invalid_settings', { outcome: 'dropped', reason: 'invalid_settings', attempts: 0 });
    assert.match(scene.now(), /^red ring/);
    scene.readTable();
    assert.equal(scene.now(), 'green dot: on');
  });

  it('shows before the first message the states of those that have rows', () => {
    const scene = sceneOf({ rows: rowsOf('lamp-1', 'lamp-2') });
    for (const id of ['old-1', 'lamp-1', 'lamp-2']) scene.elsewhere(id, true);
    assert.equal(scene.now(), 'green dot: 2 of 2 on');
  });
});

describe('status of a toggle of one device id', () => {
  it('shows the state that the store kept, and does not let it hide a failure', async () => {
    const scene = sceneOf({ own: 'lamp-1' });
    await scene.load({ 'lamp-1': true });
    assert.equal(scene.now(), 'grey dot: on (before restart)');
    const late = sceneOf({ own: 'lamp-1' });
    late.fail('lamp-1');
    await late.load({ 'lamp-1': true });
    assert.equal(late.now(), 'red dot: no reply · 2 attempts');
  });

  it('recovers from a failure when another node confirms the same state', () => {
    const scene = sceneOf({ own: 'lamp-1' });
    scene.confirm('lamp-1', true);
    scene.fail('lamp-1');
    scene.elsewhere('lamp-1', true);
    assert.equal(scene.now(), 'green dot: on');
  });

  it('shows several wrong settings as the first one and their number', () => {
    const problems = ['port must be a whole number from 1 to 65535, not "0"', 'host is required: …'];
    const scene = sceneOf({ own: 'lamp-1', problems });
    scene.status.start();
    const expected = `red ring: 2 wrong settings: ${problems[0]}`;
    assert.equal(scene.now(), expected);
    scene.fail('lamp-1', 'invalid_settings', {
      outcome: 'dropped',
      reason: 'invalid_settings',
      error: 'all',
      attempts: 0,
    });
    assert.equal(scene.now(), expected);
  });
});

describe('status of a toggle on a persistent connection', () => {
  it('is a red ring while the connection is down, with the state that is known', () => {
    const scene = sceneOf({ own: 'lamp-1', isPersistent: true });
    scene.lose(true);
    assert.equal(scene.now(), 'red ring: not connected');
    scene.lose(false);
    assert.equal(scene.now(), 'grey dot: connected');
    scene.confirm('lamp-1', true, { received: 'f00d01' });
    assert.equal(scene.now(), 'green dot: on · 12 ms');
    scene.lose(true);
    assert.equal(scene.now(), 'red ring: on · not connected');
    scene.lose(false);
    assert.equal(scene.now(), 'green dot: on');
  });

  it('is down from the start of a node', () => {
    const scene = sceneOf({ own: 'lamp-1', isPersistent: true });
    scene.lose(true);
    scene.status.start();
    assert.equal(scene.now(), 'red ring: not connected');
  });

  it('rather says why a toggle failed', () => {
    const scene = sceneOf({ own: 'lamp-1', isPersistent: true });
    scene.fail('lamp-1', 'port_refused');
    scene.lose(true);
    assert.equal(scene.now(), 'red dot: port refused · 2 attempts');
  });

  it('is down for several ids, too', () => {
    const scene = sceneOf({ isPersistent: true });
    scene.confirm('lamp-1', true, { received: 'f00d01' });
    scene.confirm('lamp-2', false, { received: 'f00d01' });
    scene.lose(true);
    assert.equal(scene.now(), 'red ring: 1 of 2 on · not connected');
  });

  it('says when a raw reply ends it, and nothing of that with a new connection for each attempt', () => {
    const persistent = sceneOf({ own: 'lamp-1', isPersistent: true });
    persistent.confirm('lamp-1', true, { received: '41434b' });
    assert.equal(persistent.now(), 'green dot: on · 12 ms · connection not kept');
    const perToggle = sceneOf({ own: 'lamp-1' });
    perToggle.confirm('lamp-1', true, { received: '41434b' });
    assert.equal(perToggle.now(), 'green dot: on · 12 ms');
  });
});
