/** phase0-inventory, and a phase0-toggle that switches its rows. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics } from '../../nodes/metrics';
import { traceRecorder } from '../../nodes/trace';
import type { Message, Status } from '../../nodes/red';
import type { Verdict } from '../../src/verdict';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { useSimulator } from '../support/fixtures';
import { refusedPort } from '../support/loopback';
import { groupNode, helper, inventoryNode, loadFlow, rowToggle, useNodeRed } from '../support/flow';

/** What the inventory opens its file with. */
const files = require('node:fs/promises') as { open: unknown };

let tests = 0;

/** The recorder is there already: it is one for the whole process. */
const RUNTIME = { settings: {}, log: { warn: () => undefined } } as unknown as Parameters<typeof traceRecorder>[0];

const KEPT = { connection: 'persistent', reply: 'framed' };
const verdictOf = (msg: Message | undefined): Verdict => msg?.phase0 as Verdict;
const summary = (msg: Message | undefined) => [verdictOf(msg).outcome, verdictOf(msg).reason].filter(Boolean).join('/');

describe('phase0-inventory', () => {
  const simulator = useSimulator({ reply: 'framed' });
  let second: DeviceSimulator;
  /** One of its own for each test: what is loaded under the id of another one soon after it takes its inventory over. */
  let id = '';
  useNodeRed();
  beforeEach(async () => {
    tests += 1;
    id = `inventory${tests}`;
    second = new DeviceSimulator({ port: 0, reply: 'framed' });
    await second.start();
  });
  afterEach(() => second.close());

  const inventoryOf = (devices: readonly object[], settings: object = {}) =>
    inventoryNode(devices, { id, ...settings });
  const toggleOf = (settings: object = {}) => rowToggle({ inventory: id, ...settings });
  const rows = () => [
    { device_id: 'lamp-1', host: '127.0.0.1', port: simulator().port, ...KEPT },
    { device_id: 'lamp-2', host: '127.0.0.1', port: String(second.port), ...KEPT },
  ];
  const warnings = () =>
    (helper.getNode(id) as unknown as { warn: { args: [string][] } }).warn.args.map(([text]) => text);

  it('switches the row that the topic names, at its own address', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-2' });
    flow.receive({ payload: false, topic: 'lamp-1' });
    const done = await flow.got('success', 2);
    const states = done.map((msg) => [verdictOf(msg).deviceId, msg.payload]);
    assert.deepEqual(
      new Map(states as [string, unknown][]),
      new Map([
        ['lamp-1', false],
        ['lamp-2', true],
      ]),
    );
    assert.equal(simulator().states.get('lamp-1'), false);
    assert.equal(second.states.get('lamp-2'), true);
  });

  it('an id that no row has is unknown_device, with close ids; words name the address of the row', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-3' });
    const [failure] = await flow.got('failure', 1);
    assert.equal(summary(failure), 'dropped/unknown_device');
    assert.match(verdictOf(failure).error ?? '', /"lamp-3"; close to it: lamp-1, lamp-2/);
    await second.setMode('reject');
    flow.receive({ payload: true, topic: 'lamp-2' });
    const [, refused] = await flow.got('failure', 2);
    const { message } = refused?.error as { message: string };
    assert.ok(message.includes(`127.0.0.1 refuses connections on port ${second.port}`), message);
  });

  it('faulty rows stop the inventory alone: a warning with every fault, and messages are dropped', async () => {
    const flow = await loadFlow(inventoryOf([{ device_id: 'lamp-1', host: 'h', port: 70_000 }, {}]), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-1' });
    const [failure] = await flow.got('failure', 1);
    assert.equal(summary(failure), 'dropped/invalid_settings');
    assert.match(verdictOf(failure).error ?? '', /row 1: port must be a whole number from 1 to 65535, not 70000/);
    assert.match(warnings()[0] ?? '', /no device can be switched:\nrow 1: port .+\nrow 2: device_id is required/);
  });

  it('a deploy of a table without rows removes no device, and says so', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-1' });
    await flow.got('success', 1);
    await helper.unload();
    const again = await loadFlow(inventoryOf([]), toggleOf());
    assert.match(warnings()[0] ?? '', /the last good inventory stays \(rows: 2\):\nthere are no rows/);
    again.receive({ payload: false, topic: 'lamp-1' });
    await again.got('success', 1);
  });

  for (const [name, settings, problem] of [
    ['a wrong default', { ioTimeoutMs: '0' }, /ioTimeoutMs must be/],
    ['no file', { source: 'file', file: '' }, /file is required/],
    ['a tls-config node that is missing', { tls: 'tls000000000001' }, /tls names a tls-config node/],
  ] as const) {
    it(`${name}: invalid_settings`, async () => {
      const flow = await loadFlow(inventoryOf(rows(), settings), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      const [failure] = await flow.got('failure', 1);
      assert.equal(summary(failure), 'dropped/invalid_settings');
      assert.match(verdictOf(failure).error ?? '', problem);
    });
  }

  it('a toggle that takes the id from the device, or names no inventory, is refused', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf({ deviceIdType: 'device', deviceId: '' }));
    flow.receive({ payload: true, topic: 'lamp-1' });
    const [failure] = await flow.got('failure', 1);
    assert.match(verdictOf(failure).error ?? '', /deviceIdType must say where the device id comes from/);
    await helper.unload();
    const other = await loadFlow(inventoryOf(rows()), toggleOf({ inventory: 'success' }));
    other.receive({ payload: true, topic: 'lamp-1' });
    const [missing] = await other.got('failure', 1);
    assert.match(verdictOf(missing).error ?? '', /noInventory/);
  });

  it('a deploy with one changed row leaves the sockets, states and metrics of the others alone', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    for (const topic of ['lamp-1', 'lamp-2']) flow.receive({ payload: true, topic });
    await flow.got('success', 2);
    await helper.unload();
    const [kept, moved] = rows();
    const again = await loadFlow(inventoryOf([kept as object, { ...moved, host: 'localhost' }]), toggleOf());
    assert.deepEqual([simulator().openConnections, simulator().connectionCount], [1, 1]);
    again.receive({ payload: 'flip', topic: 'lamp-1' });
    const [flipped] = await again.got('success', 1);
    assert.equal(flipped?.payload, false);
    assert.equal(simulator().connectionCount, 1);
    assert.match(await metrics.text(), /tcp_comm_toggles_total\{device_id="lamp-1",outcome="confirmed"\} 2/);
  });

  it('the packet log goes on after a deploy', async () => {
    const logged = () => {
      const { args } = (helper.getNode(id) as unknown as { debug: { args: [string][] } }).debug;
      return args.filter(([line]) => line.includes('tcp_packet')).length;
    };
    for (const count of [1, 2]) {
      const flow = await loadFlow(inventoryOf(rows(), { packetLog: true }), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 1);
      assert.equal(logged(), 2, `deploy ${count}`);
      await helper.unload();
    }
  });

  it('a deploy in which another node closes slowly does not touch the sockets either', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-1' });
    await flow.got('success', 1);
    helper.getNode('attempts').on('close', (done: () => void) => setTimeout(done, 2500));
    await helper.unload();
    const again = await loadFlow(inventoryOf(rows()), toggleOf());
    again.receive({ payload: true, topic: 'lamp-1' });
    await again.got('success', 1);
    assert.deepEqual([simulator().openConnections, simulator().connectionCount], [1, 1]);
  }).timeout(10_000);

  for (const [name, wrong] of [
    ['with a wrong default', { maxAttempts: '99' }],
    ['with a faulty table', { devices: [{ device_id: 'lamp-1' }] }],
    ['with a tls-config that is missing', { tls: 'tls' }],
  ] as const) {
    it(`a deploy ${name} forgets neither metrics nor trace of the rows, nor does the one that corrects it`, async () => {
      const flow = await loadFlow(inventoryOf(rows()), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 1);
      for (const settings of [wrong, {}]) {
        await helper.unload();
        await loadFlow(inventoryOf(rows(), settings), toggleOf());
        assert.match(await metrics.text(), /tcp_comm_toggles_total\{device_id="lamp-1",outcome="confirmed"\} 1/);
        const lamp = traceRecorder(RUNTIME)
          ?.devices()
          .devices.find(({ key }) => key === `${id}:lamp-1`);
        assert.equal(lamp?.counts.confirmed, 1);
      }
    });
  }

  it('closes its sockets when it is removed, and once flows have started without a successor', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-1' });
    await flow.got('success', 1);
    await helper.unload();
    assert.equal(simulator().openConnections, 1);
    await loadFlow();
    await helper.unload();
    while (simulator().openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
    const again = await loadFlow(inventoryOf(rows()), toggleOf());
    again.receive({ payload: true, topic: 'lamp-1' });
    await again.got('success', 1);
    await (helper.getNode(id) as unknown as { close(removed: boolean): Promise<void> }).close(true);
    while (simulator().openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.doesNotMatch(await metrics.text(), /device_id="lamp-1"/);
  }).timeout(10_000);

  it('closes its connections after a deploy that leaves no node that uses them', async () => {
    const flow = await loadFlow(inventoryOf(rows()), toggleOf());
    flow.receive({ payload: true, topic: 'lamp-1' });
    await flow.got('success', 1);
    for (const used of [true, false]) {
      await helper.unload();
      await loadFlow(inventoryOf(rows()), ...(used ? [toggleOf()] : []));
      if (used) assert.deepEqual([simulator().openConnections, simulator().connectionCount], [1, 1]);
    }
    while (simulator().openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
  }).timeout(10_000);

  describe('from a file', () => {
    let folder = '';
    let path = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'phase0-inventory-'));
      path = join(folder, 'devices.csv');
    });
    afterEach(() => rm(folder, { recursive: true }));
    const write = (...lines: readonly string[]) => writeFile(path, ['device_id,host,port', ...lines, ''].join('\n'));
    /** The helper's stub of `status` is one for all nodes. */
    const shown = (nodeId: string) => {
      const node = helper.getNode(nodeId);
      const { args, thisValues } = (node as unknown as { status: { args: [Status][]; thisValues: unknown[] } }).status;
      return args.filter((_args, index) => thisValues[index] === node).at(-1)?.[0];
    };
    const fromFile = (settings: object = {}) => inventoryOf([], { source: 'file', file: path, ...settings });

    it('waits for the first reading, reloads by msg.reload, and keeps the last good inventory', async () => {
      await write(`lamp-1,127.0.0.1,${simulator().port}`);
      const flow = await loadFlow(fromFile(), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 1);
      await write(`lamp-1,127.0.0.1,${simulator().port}`, `lamp-2,127.0.0.1,${second.port}`);
      flow.receive({ reload: true });
      flow.receive({ payload: true, topic: 'lamp-2' });
      await flow.got('success', 2);
      await write('lamp-1,127.0.0.1,70000');
      flow.receive({ reload: true });
      flow.receive({ payload: false, topic: 'lamp-1' });
      await flow.got('success', 3);
      assert.match(warnings()[0] ?? '', /the last good inventory stays \(rows: 2\):\nrow 2: port must be/);
      const text = await metrics.text();
      assert.ok(text.includes(`tcp_comm_inventory_devices{inventory="${id}"} 2`), text);
      assert.ok(text.includes(`tcp_comm_inventory_reloads_total{inventory="${id}",outcome="faulty"} 1`), text);
    });

    it('a message that follows msg.reload at once has the new rows, in a toggle and in a group', async () => {
      const row = (deviceId: string) => `${deviceId},127.0.0.1,${simulator().port}`;
      const group = groupNode({ id: 'group00000000001', inventory: id, membersType: 'str', members: 'all' });
      await write(row('lamp-1'), row('lamp-2'));
      const flow = await loadFlow(fromFile(), toggleOf(), group);
      flow.receive({ payload: true, topic: 'lamp-2' });
      await flow.got('success', 1);
      await write(row('lamp-1'), row('lamp-3'));
      flow.receive({ reload: true });
      flow.receive({ payload: true, topic: 'lamp-3' });
      flow.receive({ payload: true, topic: 'lamp-2' });
      const [gone] = await flow.got('failure', 1);
      assert.equal(summary(gone), 'dropped/unknown_device');
      const [, added] = await flow.got('success', 2);
      assert.equal(verdictOf(added).deviceId, 'lamp-3');
      await write(row('lamp-4'));
      const node = helper.getNode('group00000000001') as unknown as { receive(msg: object): void };
      node.receive({ reload: true });
      node.receive({ payload: true });
      const [, , switched] = await flow.got('success', 3);
      assert.deepEqual(Object.keys((switched?.phase0 as { members: object }).members), ['lamp-4']);
    });

    describe('while its drive does not answer', () => {
      const { open } = files;
      let opened: () => void;
      let isOpened: Promise<void>;
      beforeEach(() => {
        isOpened = new Promise((resolve) => (opened = resolve));
      });
      afterEach(() => {
        files.open = open;
      });
      const hang = () => {
        files.open = () => {
          opened();
          return new Promise(() => undefined);
        };
      };
      const codes = (messages: readonly Message[]) => messages.map(({ error }) => (error as { code: string }).code);

      for (const isFirst of [true, false]) {
        it(`msg.reset and a close end what waits for ${isFirst ? 'the first reading' : 'a reload'}`, async () => {
          await write(`lamp-1,127.0.0.1,${simulator().port}`);
          const group = groupNode({ id: 'group00000000001', inventory: id });
          if (isFirst) hang();
          const flow = await loadFlow(fromFile(), toggleOf(), group);
          const nodes = ['toggle0000000001', 'group00000000001'].map(
            (each) => helper.getNode(each) as unknown as { receive(msg: object): void; close(): Promise<void> },
          );
          if (!isFirst) {
            flow.receive({ payload: true, topic: 'lamp-1' });
            await flow.got('success', 1);
            hang();
            flow.receive({ reload: true });
          }
          await isOpened;
          for (const node of nodes) node.receive({ payload: true, topic: 'lamp-1' });
          for (const node of nodes) node.receive({ reset: true });
          assert.deepEqual(codes(await flow.got('failure', 2)), ['cancelled', 'cancelled']);
          for (const node of nodes) node.receive({ payload: true, topic: 'lamp-1' });
          await Promise.all(nodes.map((node) => node.close()));
          assert.deepEqual(codes(await flow.got('failure', 4)).slice(2), ['closed', 'closed']);
        });
      }
    });

    for (const [name, content] of [
      ['a header alone', 'device_id,host\n'],
      ['an empty file', ''],
    ] as const) {
      it(`${name} removes no device: the last good rows stay`, async () => {
        await write(`lamp-1,127.0.0.1,${simulator().port}`);
        const flow = await loadFlow(fromFile(), toggleOf());
        flow.receive({ payload: true, topic: 'lamp-1' });
        await flow.got('success', 1);
        await writeFile(path, content);
        flow.receive({ reload: true });
        flow.receive({ payload: false, topic: 'lamp-1' });
        await flow.got('success', 2);
        assert.match(
          warnings()[0] ?? '',
          /the last good inventory stays \(rows: 1\):\n.*there (are no rows|must be a header)/,
        );
      });
    }

    it('reloads when the file changes, and a removed row ends as device_removed', async () => {
      await simulator().setMode('timeout');
      await write(`lamp-1,127.0.0.1,${simulator().port}`);
      const flow = await loadFlow(fromFile({ ioTimeoutMs: '60000' }), toggleOf());
      const packet = once(simulator(), 'packet');
      for (let count = 0; count < 3; count += 1) flow.receive({ payload: true, topic: 'lamp-1' });
      await packet;
      await write(`lamp-2,127.0.0.1,${second.port}`);
      const failures = await flow.got('failure', 3);
      assert.deepEqual(
        failures.map(summary).toSorted((a, b) => a.localeCompare(b)),
        ['dropped/device_removed', 'dropped/device_removed', 'unknown/device_removed'],
      );
    });

    it('the status of toggle and group says what is wrong with the table, and when it is mended', async () => {
      const group = groupNode({ id: 'group00000000001', inventory: id });
      const flow = await loadFlow(fromFile(), toggleOf(), group);
      const latest = async (fill: string, pattern: RegExp) => {
        for (const nodeId of ['toggle0000000001', 'group00000000001']) {
          const isShown = () => shown(nodeId)?.fill === fill && pattern.test(shown(nodeId)?.text ?? '');
          while (!isShown()) await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      await latest('red', /^the inventory is not valid: the file cannot be read: ENOENT/);
      await write(`lamp-1,127.0.0.1,${simulator().port}`);
      flow.receive({ reload: true });
      await latest('grey', /^devices: 1$/);
      await write('lamp-1,127.0.0.1,70000', 'lamp-2,,');
      flow.receive({ reload: true });
      await latest('yellow', /^faults in the inventory: 2$/);
      await write(`lamp-1,127.0.0.1,${simulator().port}`);
      flow.receive({ reload: true });
      await latest('grey', /^devices: 1$/);
    });

    it('the status of a toggle shows that the connection of its row is down, or not kept', async () => {
      const raw = new DeviceSimulator({ port: 0, reply: 'raw' });
      const { port } = await raw.start();
      await write(`lamp-1,127.0.0.1,${second.port}`, `lamp-2,127.0.0.1,${port}`);
      const ofRow = (nodeId: string, deviceId: string) =>
        toggleOf({ id: nodeId, deviceId, deviceIdType: 'str', wires: [['success'], ['failure'], []] });
      const flow = await loadFlow(
        fromFile({ connection: 'persistent' }),
        ofRow('first', 'lamp-1'),
        ofRow('other', 'lamp-2'),
      );
      for (const nodeId of ['first', 'other']) helper.getNode(nodeId).receive({ payload: true });
      await flow.got('success', 2);
      const shows = async (nodeId: string, expected: RegExp) => {
        const now = () => `${shown(nodeId)?.fill} ${shown(nodeId)?.shape} ${shown(nodeId)?.text}`;
        while (!expected.test(now())) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await shows('first', /^green dot on · \d+ ms$/);
      await shows('other', /^green dot on · \d+ ms · connection not kept$/);
      await second.close();
      await shows('first', /^red ring on · not connected$/);
      await shows('other', /^green dot on /);
      await raw.close();
    });

    it('the status of a toggle forgets an id that no row has, and a row that is removed', async () => {
      const lamps = ['lamp-1', 'lamp-2'].map((each) => `${each},127.0.0.1,${simulator().port}`);
      await write(...lamps, `dead-3,127.0.0.1,${await refusedPort()}`);
      const flow = await loadFlow(fromFile(), toggleOf());
      const latest = async (expected: string) => {
        const now = () => `${shown('toggle0000000001')?.fill} ${shown('toggle0000000001')?.text}`;
        while (now() !== expected) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      const confirm = async (...topics: readonly string[]) => {
        const before = (flow.outputs.success ?? []).length;
        for (const topic of topics) flow.receive({ payload: true, topic });
        await flow.got('success', before + topics.length);
      };
      await confirm('lamp-1', 'lamp-2');
      flow.receive({ payload: true, topic: 'typo' });
      await latest('red 2 of 2 on · typo: unknown device');
      await confirm('lamp-1');
      await latest('green 2 of 2 on');
      flow.receive({ payload: true, topic: 'dead-3' });
      await latest('red 2 of 3 on · dead-3: port refused');
      await write(...lamps);
      flow.receive({ reload: true });
      await latest('green 2 of 2 on');
    });

    it('a simulator node plays every address of the rows, and follows a reload', async () => {
      const spare = await refusedPort();
      await write(`lamp-1,127.0.0.1,${spare}`);
      const played = { id: 'sim', type: 'phase0-simulator', inventory: id, reply: 'framed', wires: [[]] };
      const flow = await loadFlow(fromFile(), toggleOf(), played);
      const node = helper.getNode('sim');
      const plays = async (pattern: RegExp) => {
        while (!pattern.test(shown('sim')?.text ?? '')) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await plays(/^success · 1 of 1 addresses · packets: 0$/);
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 1);
      const other = await refusedPort();
      await write(`lamp-1,127.0.0.1,${spare}`, `lamp-2,127.0.0.1,${other}`, `far,192.0.2.1,9000`);
      flow.receive({ reload: true });
      await plays(/^1 of 3 addresses cannot be played: listen EADDRNOTAVAIL/);
      node.receive({ payload: 'reject', topic: 'lamp-2' });
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 2);
      flow.receive({ payload: true, topic: 'lamp-2' });
      assert.equal(summary((await flow.got('failure', 1))[0]), 'failed/connection_failed');
      node.receive({ payload: 'nack', topic: 'lamp-9' });
      await write(`lamp-2,127.0.0.1,${other}`);
      flow.receive({ reload: true });
      await plays(/^success · 1 of 1 addresses/);
      node.receive({ payload: 'success' });
      flow.receive({ payload: true, topic: 'lamp-2' });
      await flow.got('success', 3);
    });

    it('its path may hold environment variables, which have to be set', async () => {
      await write(`lamp-1,127.0.0.1,${simulator().port}`);
      process.env.PHASE0_TEST_FOLDER = folder;
      const flow = await loadFlow(fromFile({ file: '${PHASE0_TEST_FOLDER}/devices.csv' }), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      await flow.got('success', 1);
      await helper.unload();
      delete process.env.PHASE0_TEST_FOLDER;
      const again = await loadFlow(fromFile({ file: '${PHASE0_TEST_FOLDER}/devices.csv' }), toggleOf());
      again.receive({ payload: true, topic: 'lamp-1' });
      const [failure] = await again.got('failure', 1);
      assert.match(verdictOf(failure).error ?? '', /file: environment variable PHASE0_TEST_FOLDER is not set/);
    });

    it('a missing file: messages are dropped with the reason', async () => {
      const flow = await loadFlow(fromFile(), toggleOf());
      flow.receive({ payload: true, topic: 'lamp-1' });
      const [failure] = await flow.got('failure', 1);
      assert.match(verdictOf(failure).error ?? '', /the file cannot be read: ENOENT/);
    });
  });
});
