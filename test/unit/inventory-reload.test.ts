/** An inventory on fake sockets: which rows a reload touches, and what becomes of their toggles. */
import assert from 'node:assert/strict';
import { Inventory, type InventoryOptions } from '../../src/inventory/inventory';
import { readInventoryRows } from '../../src/inventory/json';
import type { Connect } from '../../src/transport/socket';
import type { Verdict } from '../../src/verdict';
import { FakeNetwork } from '../support/fake-sockets';
import { fakeClock } from '../support/fixtures';
import { INVENTORY_DEFAULTS, readingOf } from '../support/inventories';

const summary = ({ outcome, reason }: Verdict) => (reason ? `${outcome}/${reason}` : outcome);

function setUp(rows: readonly object[], options: InventoryOptions = {}) {
  const clock = fakeClock();
  const network = new FakeNetwork();
  const dialled: string[] = [];
  const connect: Connect = (endpoint, events) => {
    dialled.push(`${endpoint.host}:${endpoint.port}${endpoint.security ? ' tls' : ''}`);
    return network.connect(endpoint, events);
  };
  const inventory = new Inventory({ clock, connect, addresses: new Map(), random: () => 0, ...options });
  const change = inventory.load(readingOf(rows));
  let ids = 0;
  return {
    inventory,
    change,
    clock,
    network,
    dialled,
    load: (next: readonly object[]) => inventory.load(readingOf(next)),
    /** Starts a toggle; its msg_id is m1, m2 and so on. */
    async toggle(deviceId: string, state: boolean | 'flip' = true) {
      ids += 1;
      const started: { verdict?: string } = {};
      void inventory.toggle({ deviceId, state, msgId: `m${ids}` }).then((verdict) => {
        started.verdict = summary(verdict);
      });
      await clock.advance(0);
      return started;
    },
    /** Opens the connection with this number, and answers what comes over it. */
    async answer(number: number, ...msgIds: readonly string[]) {
      network.socket(number).open();
      await clock.advance(0);
      for (const msgId of msgIds) network.socket(number).reply(msgId);
      await clock.advance(0);
    },
  };
}

const lamp = (device_id: string, more: object = {}) => ({ device_id, host: `${device_id}.test`, ...more });
const kept = (device_id: string, more: object = {}) =>
  lamp(device_id, { connection: 'persistent', reply: 'framed', ...more });

describe('inventory', () => {
  it('without rows drops every toggle, with the first fault once there is one', async () => {
    const inventory = new Inventory();
    const none = await inventory.toggle({ deviceId: 'a', state: true });
    assert.equal(`${summary(none)}: ${none.error}`, 'dropped/invalid_settings: no inventory has been loaded');
    assert.equal(inventory.load(readInventoryRows([{ device_id: 'a' }], INVENTORY_DEFAULTS)), undefined);
    const faulty = await inventory.toggle({ deviceId: 'a', state: true });
    assert.match(faulty.error ?? '', /^the inventory is not valid: row 1: host is required/);
  });

  it('sends each id to its own address, under its own settings', async () => {
    const scene = setUp([lamp('a'), lamp('b', { port: 9001, ioTimeoutMs: 5 }), lamp('c', { tls: 'on' })]);
    assert.deepEqual(scene.change, { added: ['a', 'b', 'c'], changed: [], removed: [], unchanged: 0 });
    const [a, b] = [await scene.toggle('a'), await scene.toggle('b'), await scene.toggle('c')];
    assert.deepEqual(scene.dialled, ['a.test:9000', 'b.test:9001', 'c.test:9000 tls']);
    await scene.answer(1, 'm1');
    await scene.answer(2);
    await scene.clock.advance(5);
    assert.deepEqual([a.verdict, b.verdict], ['confirmed', 'unknown/timeout']);
    assert.equal(scene.inventory.knownState('a'), true);
    scene.inventory.close();
  });

  it('drops an id that no row has, and names those that are close', async () => {
    const rows = [...Array.from({ length: 5 }, (_, n) => lamp(`lamp-10${n}`)), lamp('fan', { tags: 'hall attic' })];
    const { inventory } = setUp(rows);
    for (const [deviceId, error] of [
      ['lamp-109', 'the inventory has no device "lamp-109"; close to it: lamp-100, lamp-101, lamp-102'],
      ['heater', 'the inventory has no device "heater"'],
      ['#hal', 'the inventory has no device "#hal"; close to it: #hall'],
      ['LAMP-102', 'the inventory has no device "LAMP-102"; close to it: lamp-102, lamp-100, lamp-101'],
    ] as const) {
      const verdict = await inventory.toggle({ deviceId, state: true });
      assert.deepEqual([summary(verdict), verdict.error], ['dropped/unknown_device', error]);
    }
    const verdict = await inventory.toggle({ state: true });
    assert.match(verdict.error ?? '', /^deviceId is required/);
  });

  it('knows its tags', () => {
    const { inventory, load } = setUp([lamp('a', { tags: 'hall up' }), lamp('b', { tags: 'hall' })]);
    assert.deepEqual(inventory.withTag('hall'), ['a', 'b']);
    assert.deepEqual(inventory.withTag('cellar'), []);
    assert.deepEqual(load([lamp('a', { tags: 'cellar' }), lamp('b')]), {
      added: [],
      changed: [],
      removed: [],
      unchanged: 2,
    });
    assert.deepEqual(inventory.withTag('cellar'), ['a']);
    assert.deepEqual(inventory.device('a')?.tags, ['cellar']);
  });

  it('a reload with faults changes nothing', async () => {
    const scene = setUp([lamp('a')]);
    const { inventory } = scene;
    const running = await scene.toggle('a');
    assert.equal(inventory.load(readInventoryRows([lamp('b', { port: 0 })], INVENTORY_DEFAULTS)), undefined);
    await scene.answer(1, 'm1');
    assert.equal(running.verdict, 'confirmed');
    assert.deepEqual(inventory.deviceIds, ['a']);
  });

  it('one connection serves all persistent rows of an address, each with its own deadlines', async () => {
    const shared = (id: string, more = {}) => kept(id, { host: 'gateway', ...more });
    const scene = setUp([shared('a'), shared('b', { ioTimeoutMs: 20 }), shared('c', { port: 9001 })]);
    const [a, b] = [await scene.toggle('a'), await scene.toggle('b'), await scene.toggle('c')];
    assert.deepEqual(scene.dialled, ['gateway:9000', 'gateway:9001']);
    await scene.answer(1);
    await scene.clock.advance(20);
    assert.deepEqual([a.verdict, b.verdict], [undefined, 'unknown/timeout']);
    scene.network.socket(1).reply('m1');
    await scene.clock.advance(0);
    assert.equal(a.verdict, 'confirmed');
    scene.inventory.close();
  });

  it('an unchanged row keeps its connection; a changed one ends its running toggle under the old settings', async () => {
    const scene = setUp([kept('a'), kept('b')]);
    const first = [await scene.toggle('a'), await scene.toggle('b')];
    await scene.answer(1, 'm1');
    await scene.answer(2);
    const waiting = [await scene.toggle('b', false), await scene.toggle('b')];
    assert.deepEqual(scene.load([kept('a'), kept('b', { host: 'elsewhere' })])?.changed, ['b']);
    await scene.clock.advance(0);
    assert.deepEqual(
      scene.network.sockets.map(({ ending }) => ending),
      ['none', 'none'],
    );
    scene.network.socket(2).reply('m2');
    await scene.clock.advance(0);
    assert.deepEqual(
      first.map(({ verdict }) => verdict),
      ['confirmed', 'confirmed'],
    );
    assert.deepEqual(
      scene.network.sockets.map(({ ending }) => ending),
      ['none', 'end', 'none'],
    );
    assert.deepEqual(scene.dialled, ['a.test:9000', 'b.test:9000', 'elsewhere:9000']);
    await scene.answer(3, 'm3');
    scene.network.socket(3).reply('m4');
    await scene.clock.advance(0);
    assert.deepEqual(scene.network.socket(3).msgIds, ['m3', 'm4']);
    assert.deepEqual(
      waiting.map(({ verdict }) => verdict),
      ['confirmed', 'confirmed'],
    );
    scene.inventory.close();
  });

  it('a changed row that retries goes on at its old address', async () => {
    const scene = setUp([lamp('a', { maxAttempts: 2, backoffBaseMs: 100 })]);
    const running = await scene.toggle('a');
    scene.network.socket(1).break('refused');
    await scene.clock.advance(0);
    scene.load([lamp('a', { host: 'elsewhere' })]);
    await scene.clock.advance(100);
    await scene.answer(2, 'm1');
    assert.equal(running.verdict, 'confirmed');
    await scene.toggle('a');
    assert.deepEqual(scene.dialled, ['a.test:9000', 'a.test:9000', 'elsewhere:9000']);
    scene.inventory.close();
  });

  it('a persistent connection keeps its socket when only deadlines change, and takes another reply policy with a new one', async () => {
    const scene = setUp([kept('a')]);
    await scene.toggle('a');
    await scene.answer(1, 'm1');
    scene.load([kept('a', { ioTimeoutMs: 7 })]);
    const late = await scene.toggle('a');
    await scene.clock.advance(7);
    assert.equal(late.verdict, 'unknown/timeout');
    assert.equal(scene.dialled.length, 1);
    scene.load([kept('a', { reply: 'auto' })]);
    await scene.toggle('a');
    assert.equal(scene.dialled.length, 2);
    scene.inventory.close();
  });

  it('a removed row ends its toggles as device_removed, and forgets its state', async () => {
    const scene = setUp([lamp('a'), lamp('b')]);
    await scene.toggle('a');
    await scene.answer(1, 'm1');
    assert.equal(scene.inventory.knownState('a'), true);
    scene.network.socket(1).free();
    const [running, ...waiting] = [await scene.toggle('a'), await scene.toggle('a'), await scene.toggle('a', 'flip')];
    assert.deepEqual(scene.load([lamp('b')])?.removed, ['a']);
    await scene.clock.advance(0);
    assert.equal(running?.verdict, 'failed/device_removed');
    assert.deepEqual(
      waiting.map(({ verdict }) => verdict),
      ['dropped/device_removed', 'dropped/device_removed'],
    );
    assert.equal(scene.inventory.knownState('a'), undefined);
    assert.equal((await scene.toggle('a')).verdict, 'dropped/unknown_device');
    assert.deepEqual(scene.load([lamp('a', { host: 'again' }), lamp('b')])?.added, ['a']);
    await scene.toggle('a');
    assert.equal(scene.dialled.at(-1), 'again:9000');
    scene.inventory.close();
  });

  it('a removed persistent row closes its connection, but not one that another row shares', async () => {
    const scene = setUp([kept('a'), kept('b', { host: 'gateway' }), kept('c', { host: 'gateway' })]);
    await scene.toggle('a');
    await scene.toggle('b');
    await scene.answer(1, 'm1');
    await scene.answer(2, 'm2');
    scene.load([kept('c', { host: 'gateway' })]);
    await scene.clock.advance(0);
    assert.deepEqual(
      scene.network.sockets.map(({ ending }) => ending),
      ['end', 'none'],
    );
    scene.inventory.close();
  });

  it('an open circuit stays open for an unchanged row, and begins closed for a changed one', async () => {
    const row = (id: string, more = {}) => lamp(id, { breakerFailures: 1, ...more });
    const circuits: string[] = [];
    const observer = { circuitState: (id: string, state: string) => circuits.push(`${id} ${state}`) };
    const scene = setUp([row('a'), row('b')], { observers: [observer] });
    for (const [index, id] of ['a', 'b'].entries()) {
      await scene.toggle(id);
      scene.network.socket(index + 1).break('refused');
      await scene.clock.advance(0);
    }
    scene.load([row('a'), row('b', { port: 9001 })]);
    assert.equal((await scene.toggle('a')).verdict, 'dropped/circuit_open');
    assert.equal((await scene.toggle('b')).verdict, undefined);
    assert.equal(scene.dialled.at(-1), 'b.test:9001');
    assert.deepEqual(circuits, ['a closed', 'a open', 'b closed', 'b open', 'b closed', 'b closed']);
    scene.inventory.close();
  });

  describe('a flip that waits for the stored states', () => {
    const withSlowStore = (rows: readonly object[]) => {
      let loaded = (): void => undefined;
      const stateStore = {
        load: () => new Promise<void>((resolve) => (loaded = resolve)),
        save: () => Promise.resolve(),
      };
      return { ...setUp(rows, { stateStore }), loaded: () => loaded() };
    };
    const fragile = lamp('a', { breakerFailures: 1 });

    it('while its row changes counts for its new circuit', async () => {
      const scene = withSlowStore([lamp('a')]);
      const flip = await scene.toggle('a', 'flip');
      scene.load([fragile]);
      scene.loaded();
      await scene.clock.advance(0);
      scene.network.socket(1).break('refused');
      await scene.clock.advance(0);
      assert.equal(flip.verdict, 'failed/connection_failed');
      assert.equal((await scene.toggle('a')).verdict, 'dropped/circuit_open');
      scene.inventory.close();
    });

    it('while its row is removed opens no circuit', async () => {
      const scene = withSlowStore([fragile]);
      const flip = await scene.toggle('a', 'flip');
      scene.load([lamp('b')]);
      scene.load([fragile]);
      await scene.clock.advance(0);
      assert.equal(flip.verdict, 'dropped/device_removed');
      await scene.toggle('a');
      assert.deepEqual(scene.dialled, ['a.test:9000']);
      scene.inventory.close();
    });
  });

  it('whoever gets the verdict on a removed row may switch at once', async () => {
    const later: Promise<Verdict>[] = [];
    const observer = {
      verdict: ({ reason }: Verdict) => {
        if (reason === 'device_removed') later.push(scene.inventory.toggle({ deviceId: 'b', state: true }));
      },
    };
    const scene = setUp([lamp('a')], { observers: [observer] });
    await scene.toggle('a');
    await scene.toggle('a');
    scene.load([lamp('b')]);
    await scene.clock.advance(0);
    assert.equal(scene.dialled.at(-1), 'b.test:9000');
    scene.inventory.close();
    assert.deepEqual(new Set((await Promise.all(later)).map(summary)), new Set(['failed/closed', 'dropped/closed']));
  });

  it('whoever gets the verdict on a removed row may switch one that changed: its circuit counts that toggle', async () => {
    const later: Promise<Verdict>[] = [];
    const observer = {
      verdict: ({ reason }: Verdict) => {
        if (reason === 'device_removed') later.push(scene.inventory.toggle({ deviceId: 'b', state: true }));
      },
    };
    const scene = setUp([lamp('a'), lamp('b')], { observers: [observer] });
    await scene.toggle('a');
    await scene.toggle('a');
    scene.load([lamp('b', { breakerFailures: 1, queueLimit: 0 })]);
    await scene.clock.advance(0);
    scene.network.socket(2).break('refused');
    const verdicts = await Promise.all(later);
    assert.deepEqual(
      verdicts.map((verdict) => `${summary(verdict)} ${verdict.circuit}`),
      ['failed/connection_failed open', 'dropped/queue_full closed'],
    );
    scene.inventory.close();
  });

  it('whoever gets the verdict on a removed row may bring another one back, and switch it at once', async () => {
    const later: Promise<Verdict>[] = [];
    const observer = {
      verdict: ({ deviceId, reason }: Verdict) => {
        if (reason !== 'device_removed' || deviceId !== 'a') return;
        scene.load([lamp('b', { breakerFailures: 1 })]);
      },
      circuitState: (deviceId: string) => {
        if (deviceId === 'b') later.push(scene.inventory.toggle({ deviceId, state: true }));
      },
    };
    const scene = setUp([lamp('a'), lamp('b')], { observers: [observer] });
    for (const deviceId of ['a', 'a', 'b', 'b']) await scene.toggle(deviceId);
    scene.load([lamp('c')]);
    await scene.clock.advance(0);
    scene.inventory.close();
    assert.deepEqual(new Set((await Promise.all(later)).map(summary)), new Set(['failed/closed']));
  });

  it('whoever gets the verdict on a removed row may load other rows at once', async () => {
    const observer = {
      verdict: ({ deviceId }: Verdict) => {
        if (deviceId === 'a') scene.load([lamp('c'), lamp('e')]);
      },
    };
    const scene = setUp([lamp('a'), lamp('b'), lamp('d'), lamp('e')], { observers: [observer] });
    const running = [
      await scene.toggle('a'),
      await scene.toggle('b'),
      await scene.toggle('d'),
      await scene.toggle('e'),
    ];
    const waiting = [
      await scene.toggle('a'),
      await scene.toggle('b'),
      await scene.toggle('d'),
      await scene.toggle('e'),
    ];
    assert.deepEqual(scene.load([lamp('d', { port: 9001 }), lamp('e', { port: 9001 }), lamp('b', { port: 9001 })]), {
      added: [],
      changed: ['d', 'e', 'b'],
      removed: ['a'],
      unchanged: 0,
    });
    await scene.clock.advance(0);
    const removed = ['failed/device_removed', 'failed/device_removed', 'failed/device_removed', undefined];
    assert.deepEqual(
      running.map(({ verdict }) => verdict),
      removed,
    );
    assert.deepEqual(
      waiting.map(({ verdict }) => verdict),
      removed.map((verdict) => verdict?.replace('failed', 'dropped')),
    );
    assert.deepEqual(scene.inventory.deviceIds, ['c', 'e']);
    scene.inventory.close();
  });

  it('closes with every verdict and no timer, also for connections that a reload gave up', async () => {
    const scene = setUp([kept('a'), lamp('b')]);
    const [a, b] = [await scene.toggle('a'), await scene.toggle('b'), await scene.toggle('b')];
    await scene.answer(1);
    scene.load([kept('a', { host: 'elsewhere' }), lamp('b')]);
    scene.inventory.close();
    scene.inventory.close();
    await scene.clock.advance(0);
    assert.deepEqual([a.verdict, b.verdict], ['unknown/closed', 'failed/closed']);
    assert.equal(scene.clock.pendingTimers, 0);
    assert.deepEqual(
      scene.network.sockets.map(({ ending }) => ending),
      ['reset', 'reset'],
    );
    assert.equal((await scene.toggle('a')).verdict, 'dropped/closed');
  });

  it('closes with no timer, also for a toggle that waited to be tried again while its address lost its row', async () => {
    const scene = setUp([kept('a', { maxAttempts: 3, backoffBaseMs: 50, ioTimeoutMs: 20 })]);
    const a = await scene.toggle('a');
    await scene.answer(1);
    await scene.clock.advance(20);
    scene.load([kept('a', { host: 'elsewhere' })]);
    scene.load([kept('a', { host: 'elsewhere', port: 9001 })]);
    await scene.clock.advance(50);
    await scene.answer(2);
    await scene.clock.advance(20);
    scene.inventory.close();
    await scene.clock.advance(0);
    assert.equal(a.verdict, 'unknown/closed');
    assert.equal(scene.clock.pendingTimers, 0);
    assert.deepEqual(
      scene.network.sockets.map(({ ending }) => ending),
      ['reset', 'reset'],
    );
  });

  it('nothing old arrives after something newer, when an address loses its row and gets it back', async () => {
    const scene = setUp([kept('a', { ioTimeoutMs: 3000 })]);
    const old = await scene.toggle('a', false);
    await scene.answer(1);
    scene.inventory.closeIdle();
    scene.load([kept('a', { host: 'elsewhere' })]);
    scene.load([kept('a')]);
    scene.inventory.stop('cancelled');
    const newer = await scene.toggle('a');
    await scene.answer(2, 'm2');
    assert.deepEqual([old.verdict, newer.verdict], ['unknown/cancelled', 'confirmed']);
    assert.equal(scene.network.socket(1).ending, 'reset');
    scene.inventory.close();
  });

  it('nothing old arrives after something newer, when an address gets connections of another kind', async () => {
    const scene = setUp([kept('a', { ioTimeoutMs: 3000 })]);
    const old = await scene.toggle('a', false);
    await scene.answer(1);
    scene.inventory.closeIdle();
    scene.load([lamp('a', { reply: 'framed' })]);
    scene.inventory.stop('cancelled');
    const newer = await scene.toggle('a');
    await scene.answer(2);
    await scene.answer(2, 'm2');
    assert.deepEqual([old.verdict, newer.verdict], ['unknown/cancelled', 'confirmed']);
    assert.equal(scene.network.socket(1).ending, 'reset');
    scene.inventory.close();
  });

  it('a toggle that is tried again under its old row does not give its deadlines to a connection that others use', async () => {
    const hasty = { host: 'gateway', connectTimeoutMs: 20, maxAttempts: 2, backoffBaseMs: 50 };
    const scene = setUp([kept('a', hasty)]);
    await scene.toggle('a');
    await scene.clock.advance(20);
    scene.load([kept('a')]);
    scene.load([kept('a')]);
    scene.load([kept('a', hasty), kept('b', { host: 'gateway' })]);
    scene.load([kept('a'), kept('b', { host: 'gateway' })]);
    await scene.clock.advance(50);
    const b = await scene.toggle('b');
    await scene.clock.advance(100);
    scene.network.socket(2).open();
    await scene.clock.advance(0);
    scene.network.socket(2).reply('m2');
    await scene.clock.advance(0);
    assert.equal(b.verdict, 'confirmed');
    scene.inventory.close();
  });

  it('closes idle connections until the next toggle', async () => {
    const scene = setUp([kept('a')]);
    await scene.toggle('a');
    await scene.answer(1, 'm1');
    scene.inventory.closeIdle();
    assert.equal(scene.network.socket(1).ending, 'end');
  });

  it('a connection of a former row is freed by the next reload at the latest', async () => {
    const scene = setUp([kept('a')]);
    await scene.toggle('a');
    await scene.answer(1, 'm1');
    scene.load([kept('b')]);
    assert.equal(scene.network.socket(1).ending, 'end');
    scene.load([kept('c')]);
    assert.equal(scene.network.socket(1).ending, 'reset');
    scene.inventory.close();
  });

  it('a row that comes back after two reloads waits for the end of its last connection', async () => {
    const scene = setUp([lamp('a', { ioTimeoutMs: 5, maxAttempts: 1 })]);
    await scene.toggle('a');
    await scene.answer(1);
    const socket = scene.network.socket(1);
    // The system is slow to free it.
    socket.reset = () => void (socket.ending = 'reset');
    await scene.clock.advance(5);
    for (const other of ['b', 'c', 'a']) scene.load([lamp(other)]);
    assert.equal(socket.ending, 'reset');
    await scene.toggle('a');
    assert.equal(scene.dialled.length, 1);
    socket.free();
    await scene.clock.advance(0);
    assert.equal(scene.dialled.length, 2);
    scene.inventory.close();
  });
});
