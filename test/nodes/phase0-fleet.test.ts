/** phase0-fleet in Node-RED: toggles that workers switch, the broker coming and going, and secrets that stay secret. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { TogglesAnswer } from '../../src/trace/answers';
import type { DebugMessage } from '../support/comms';
import { readVerdicts, startWorker, useBroker } from '../support/fleet-scene';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000080';
const FLEET = 'd000000000000080';
const TOGGLE = 'b000000000000080';
const GROUP = 'b000000000000081';
const INJECT = 'a000000000000080';
const INJECT_GROUP = 'a000000000000081';
const SPREAD = 'c000000000000080';
const SHORTEN = 'c000000000000081';
const SHOWN = 'c000000000000082';
const PLACED = { z: TAB, x: 100, y: 100 };
const DEVICES = 100;
const LAMPS = Array.from({ length: DEVICES }, (_, index) => `lamp-${index}`);

/** One message for each of `count` devices, or one for all of them as a group. */
function flowFor(fleet: object, count: number): FlowNode[] {
  const lamps = JSON.stringify(LAMPS.slice(0, count));
  const target = { target: 'fleet', fleet: FLEET, ...PLACED };
  const all = [
    { p: 'payload', v: 'true', vt: 'bool' },
    { p: 'topic', v: lamps, vt: 'json' },
  ];
  return [
    { id: TAB, type: 'tab', label: 'plant' },
    { id: FLEET, type: 'phase0-fleet', name: '', connectTimeoutMs: '2000', ...fleet },
    { id: INJECT, type: 'inject', ...PLACED, props: all, wires: [[SPREAD]] },
    {
      id: SPREAD,
      type: 'function',
      ...PLACED,
      func: 'for (const topic of msg.topic) node.send({ topic, payload: true });',
      outputs: 1,
      wires: [[TOGGLE]],
    },
    { id: TOGGLE, type: 'phase0-toggle', name: 'lamps', ...target, wires: [[SHORTEN], [SHORTEN], []] },
    { id: INJECT_GROUP, type: 'inject', ...PLACED, props: all, wires: [[GROUP]] },
    { id: GROUP, type: 'phase0-group', name: 'hall', ...target, wires: [[SHORTEN], [SHORTEN], []] },
    {
      id: SHORTEN,
      type: 'function',
      ...PLACED,
      func: 'const { outcome, reason } = msg.phase0; return { payload: reason ? `${outcome}/${reason}` : outcome, topic: msg.error?.message };',
      outputs: 1,
      wires: [[SHOWN]],
    },
    { id: SHOWN, type: 'debug', ...PLACED, active: true, tosidebar: true, complete: 'payload', wires: [] },
  ];
}

/** `2 confirmed` and the like. */
function counted(messages: readonly DebugMessage[]): string[] {
  const counts = new Map<unknown, number>();
  for (const { value } of messages) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Array.from(counts, ([value, count]) => `${count} ${String(value)}`);
}

async function shown(nodeRed: NodeRed, count: number, timeoutMs?: number): Promise<string[]> {
  // Errors and warnings of nodes are among the messages, too.
  const ours = () => nodeRed.messages.filter(({ id }) => id === SHOWN);
  await nodeRed.waitForDebug(() => ours().length >= count, timeoutMs);
  return counted(ours());
}

function splitSecrets(url: string): { url: string; credentials: { username: string; password: string } } {
  const { username, password, host } = new URL(url);
  return { url: `amqp://${host}`, credentials: { username, password } };
}

describe('phase0-fleet', function () {
  requires('rabbitmq');
  this.timeout(180_000);
  const broker = useBroker();
  const folder = mkdtempSync(join(tmpdir(), 'phase0-fleet-node-'));
  const inventory = join(folder, 'lamps.json');
  let simulator: DeviceSimulator;

  before(async () => {
    simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
    await simulator.start();
    const at = { host: '127.0.0.1', port: simulator.port, connection: 'persistent', reply: 'framed' };
    writeFileSync(inventory, JSON.stringify(LAMPS.map((device_id) => ({ device_id, ...at }))));
  });
  after(async () => {
    await simulator?.close();
    rmSync(folder, { recursive: true });
  });
  // One for each test: commands end with the test that started them.
  beforeEach(() => void startWorker({ url: broker().url, inventory }));
  afterEach(() => simulator.setMode('success'));
  const secrets = () => splitSecrets(broker().url);
  const { password } = splitSecrets('amqp://phase0:not-a-secret-here@h').credentials;

  for (const generation of [4, 5] as const) {
    describe(`in Node-RED ${generation}`, function () {
      if (generation === 5) requires('node24');
      let nodeRed: NodeRed;
      before(async () => {
        nodeRed = await startNodeRed({ generation, flows: [] });
      });
      after(() => nodeRed?.stop());
      const deploy = async (fleet: object = {}, count = 20) => {
        nodeRed.clear();
        await nodeRed.deploy(flowFor({ ...secrets(), ...fleet }, count));
      };

      it('switches devices through a worker, one by one and as a group; no secret leaves the credential store', async () => {
        await deploy();
        await nodeRed.inject(INJECT);
        assert.deepEqual(await shown(nodeRed, 20), ['20 confirmed']);
        assert.equal(simulator.states.get('lamp-19'), true);
        const { toggles } = (await (await nodeRed.request('GET', '/phase0/toggles')).json()) as TogglesAnswer;
        assert.deepEqual(
          new Set(toggles.map(({ who, worker }) => `${who?.nodeId} ${worker}`)),
          new Set([`${TOGGLE} 0`]),
        );
        const act = (action: string) =>
          nodeRed.request('POST', '/phase0/action', { key: `${FLEET}:lamp-0`, action, state: false });
        assert.match(await (await act('off')).text(), /"outcome":"confirmed"/);
        await assert.rejects(act('test'), /409/);
        nodeRed.clear();
        await nodeRed.inject(INJECT_GROUP);
        assert.deepEqual(await shown(nodeRed, 1), ['1 all']);
        const saved = JSON.stringify(await nodeRed.flows());
        assert.match(saved, /amqp:\/\/127\.0\.0\.1/);
        for (const file of readdirSync(nodeRed.userDir).filter((name) => /^flows.*\.json/.test(name))) {
          assert.ok(!readFileSync(join(nodeRed.userDir, file), 'utf8').includes(password), file);
        }
        assert.ok(!saved.includes(password));
        assert.ok(!nodeRed.log().includes(password));
      });

      it('the broker goes: toggles fail in time, statuses say so; it comes back: they are confirmed again', async () => {
        await deploy({ connectTimeoutMs: '1500' });
        await nodeRed.inject(INJECT);
        await shown(nodeRed, 20);
        nodeRed.clear();
        await broker().stop();
        await nodeRed.waitForLog(/the broker is away: /);
        await nodeRed.waitForStatus(TOGGLE, ({ text }) => text?.endsWith('not connected') === true);
        await nodeRed.inject(INJECT);
        assert.deepEqual(await shown(nodeRed, 20), ['20 failed/broker_unreachable']);
        const log = nodeRed.log();
        assert.equal(log.match(/the broker is away/g)?.length, 1);
        assert.ok(!log.includes(password));
        await broker().start();
        await nodeRed.waitForLog(/the broker is back/);
        nodeRed.clear();
        await nodeRed.inject(INJECT);
        assert.deepEqual(await shown(nodeRed, 20), ['20 confirmed']);
      });

      it('the broker is away, but toggles may wait: they are confirmed when it is back', async () => {
        await deploy({ queueTtlMs: '60000' });
        await broker().kill();
        await nodeRed.waitForLog(/the broker is away: /);
        await nodeRed.inject(INJECT);
        await broker().start();
        assert.deepEqual(await shown(nodeRed, 20, 60_000), ['20 confirmed']);
      });

      it('a deploy while toggles are under way: each has its verdict, and the new fleet works', async () => {
        simulator.delayMs = 1500;
        await simulator.setMode('delay');
        await deploy();
        const packet = once(simulator, 'packet');
        await nodeRed.inject(INJECT);
        await packet;
        await nodeRed.setConfig(FLEET, { maxInFlight: '5' });
        assert.deepEqual(await shown(nodeRed, 20), ['20 unknown/closed']);
        await simulator.setMode('success');
        nodeRed.clear();
        await nodeRed.inject(INJECT);
        assert.deepEqual((await shown(nodeRed, 20)).toSorted(), ['15 dropped/queue_full', '5 confirmed']);
      });

      it('wrong settings stop the node alone, and show no secret', async () => {
        for (const [fleet, problem] of [
          [{ url: `amqp://phase0:${password}@127.0.0.1` }, /url must not hold user and password/],
          [{ url: `amqp:/phase0:${password}@127.0.0.1` }, /url must not hold user and password/],
          [{ url: 'http://127.0.0.1' }, /url must be amqp:\/\/host/],
          [{ url: '' }, /url is required/],
          [{ maxInFlight: '0' }, /maxInFlight must be/],
          [{ tls: 'e000000000000080' }, /tls names a tls-config node/],
        ] as const) {
          await deploy(fleet);
          await nodeRed.inject(INJECT);
          assert.deepEqual(await shown(nodeRed, 20), ['20 dropped/invalid_settings']);
          await nodeRed.waitForLog(problem);
          assert.ok(!nodeRed.log().includes(password));
        }
      });

      it('a wrong password: the log says that the broker refuses it, and not which it was', async () => {
        await deploy({ credentials: { username: 'phase0', password: 'hunter2-hunter2' }, connectTimeoutMs: '500' });
        await nodeRed.waitForLog(/the broker is away: (?!.*undefined).*ACCESS_REFUSED/);
        await nodeRed.inject(INJECT);
        assert.deepEqual(await shown(nodeRed, 20), ['20 failed/broker_unreachable']);
        assert.ok(!nodeRed.log().includes('hunter2'));
      });

      it('its test connects with the values of the dialog, and with the password that is deployed', async () => {
        await deploy();
        const { url, credentials } = secrets();
        const answerTo = async (settings: object, given: object) => {
          const body = { id: FLEET, settings: { url, ...settings }, credentials: given };
          return (await nodeRed.request('POST', '/phase0-fleet/test', body)).json() as Promise<Record<string, unknown>>;
        };
        assert.equal((await answerTo({}, credentials)).outcome, 'connected');
        assert.equal((await answerTo({}, { ...credentials, password: '__PWRD__' })).outcome, 'connected');
        assert.match(String((await answerTo({}, { ...credentials, password: 'no' })).error), /ACCESS_REFUSED/);
        assert.match(String((await answerTo({ url: 'amqp://127.0.0.1:1' }, credentials)).error), /ECONNREFUSED/);
        assert.match(String((await answerTo({ url: 'lamp' }, credentials)).error), /url must be/);
        await assert.rejects(nodeRed.request('POST', '/phase0-fleet/test', { id: FLEET }), /400/);
      });
    });
  }

  it('a Node-RED that is killed with 100 toggles under way: their verdicts are in the record', async () => {
    simulator.delayMs = 4000;
    await simulator.setMode('delay');
    const asked = new Set<string>();
    simulator.on('packet', ({ payload }) => asked.add(String(payload.msg_id)));
    const nodeRed = await startNodeRed({ flows: [] });
    await nodeRed.deploy(flowFor({ ...secrets() }, DEVICES));
    await nodeRed.inject(INJECT);
    while (asked.size < DEVICES) await once(simulator, 'packet');
    process.kill(nodeRed.pid, 'SIGKILL');
    await nodeRed.stop();
    await simulator.setMode('success');
    const recorded = new Map<unknown, unknown>();
    await readVerdicts(broker().url, ({ msg_id: msgId, outcome }) => {
      recorded.set(msgId, outcome);
      return [...asked].every((id) => recorded.has(id));
    });
    assert.deepEqual(new Set([...asked].map((id) => recorded.get(id))), new Set(['confirmed']));
  });
});

for (const generation of [4, 5] as const) {
  describe(`phase0-fleet in a subflow of Node-RED ${generation}`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');

    it('is refused with user and password in its URL, as anywhere else', async () => {
      const [outer, inner] = ['f000000000000082', 'f000000000000083'];
      const subflow = { type: 'subflow', in: [], out: [], env: [] };
      const fleet = { id: FLEET, type: 'phase0-fleet', z: inner, url: 'amqp://phase0:hunter2-hunter2@127.0.0.1:1' };
      const nodeRed = await startNodeRed({
        generation,
        flows: [
          { id: TAB, type: 'tab', label: 'plant' },
          { ...subflow, id: outer, name: 'outer' },
          { ...subflow, id: inner, name: 'inner' },
          fleet,
          {
            ...PLACED,
            id: TOGGLE,
            type: 'phase0-toggle',
            z: inner,
            target: 'fleet',
            fleet: FLEET,
            wires: [[], [], []],
          },
          { ...PLACED, id: 'a000000000000082', type: `subflow:${inner}`, z: outer, wires: [] },
          { ...PLACED, id: 'a000000000000083', type: `subflow:${outer}`, z: TAB, wires: [] },
        ],
      });
      try {
        await nodeRed.waitForLog(/url must not hold user and password|the broker is away/);
        assert.doesNotMatch(nodeRed.log(), /the broker is away|hunter2/);
      } finally {
        await nodeRed.stop();
      }
    });
  });
}

describe('a Node-RED without a fleet', () => {
  it('loads no client of a broker', () => {
    const script = `
      const nodes = Object.values(require('./package.json')['node-red'].nodes);
      for (const file of nodes) require('./' + file);
      require('./dist/src/index.js');
      const loaded = Object.keys(require.cache).filter((file) => file.includes('rabbitmq-client'));
      console.log(nodes.length, loaded.length);`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.match(stdout, /^[7-9] 0\n$/);
  });
});
