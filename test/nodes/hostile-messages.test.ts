/** Messages that cannot be cloned, read or extended, in a real Node-RED: none ends the process or loses its verdict. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { installHostileMessages, type HostileResult } from '../support/hostile-messages';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const DEVICE = 'd000000000000020';
const METRICS = 'e000000000000020';

/** Node ids by what is special about the node. */
interface Case {
  readonly id: string;
  readonly about: string;
  readonly properties: { readonly type: string; readonly [property: string]: unknown };
}

/** Each node type with outputs wired twice (so that Node-RED clones) or not at all, errors raised or not. */
function casesIn(tab: string): Case[] {
  const cases: Case[] = [];
  const add = (about: string, properties: Case['properties']) =>
    cases.push({ id: `${tab.slice(0, 4)}00000000${String(cases.length).padStart(4, '0')}`, about, properties });
  for (const wired of [true, false]) {
    const output = wired ? [`${tab}a`, `${tab}b`] : [];
    const how = wired ? 'wired' : 'not wired';
    for (const errors of ['always', 'never']) {
      const toggle = { type: 'phase0-toggle', device: DEVICE, errors, wires: [output, output, output] };
      add(`toggle, ${how}, errors ${errors}`, toggle);
    }
    const group = { type: 'phase0-group', device: DEVICE, wires: [output, output, output] };
    add(`group of the topic, ${how}`, group);
    add(`group of fixed members, ${how}`, { ...group, members: 'lamp-2 lamp-3', membersType: 'str', staggerMs: '1' });
    add(`metrics, ${how}`, { type: 'phase0-metrics', listen: false, wires: [output] });
    add(`metrics that raises errors, ${how}`, { type: 'phase0-metrics', listen: false, port: 'x', wires: [output] });
    add(`simulator, ${how}`, { type: 'phase0-simulator', port: '0', wires: [output] });
  }
  return cases;
}

function flowFor(port: number, metricsPort: number, tabs: readonly { tab: string; watched: boolean }[]): FlowNode[] {
  const flow: FlowNode[] = [
    { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-1', host: '127.0.0.1', port: String(port) },
  ];
  const [first] = tabs;
  flow.push({
    id: METRICS,
    type: 'phase0-metrics',
    z: first?.tab,
    x: 100,
    y: 100,
    port: String(metricsPort),
    wires: [[]],
  });
  for (const { tab, watched } of tabs) {
    flow.push({ id: tab, type: 'tab', label: tab });
    for (const end of ['a', 'b', 'c'])
      flow.push({ id: `${tab}${end}`, type: 'junction', z: tab, x: 100, y: 100, wires: [[]] });
    for (const { id, properties } of casesIn(tab)) flow.push({ id, z: tab, x: 100, y: 100, ...properties });
    if (!watched) continue;
    const scope = casesIn(tab).map(({ id }) => id);
    flow.push({ id: `${tab}d`, type: 'catch', z: tab, x: 100, y: 100, scope, wires: [[`${tab}c`]] });
    flow.push({ id: `${tab}e`, type: 'complete', z: tab, x: 100, y: 100, scope, wires: [[`${tab}c`]] });
  }
  return flow;
}

const TABS = [
  { tab: 'f100000000000020', watched: true },
  { tab: 'f200000000000020', watched: false },
];

for (const generation of [4, 5] as const) {
  describe(`hostile messages in Node-RED ${generation}`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');
    let simulator: DeviceSimulator;
    let nodeRed: NodeRed;
    let metricsPort: number;

    before(async () => {
      simulator = new DeviceSimulator({ port: 0 });
      const { port } = await simulator.start();
      metricsPort = await refusedPort();
      const userDir = mkdtempSync(join(tmpdir(), 'phase0-hostile-'));
      installHostileMessages(userDir);
      nodeRed = await startNodeRed({ flows: flowFor(port, metricsPort, TABS), generation, userDir });
    });
    after(async () => {
      await nodeRed?.stop();
      await simulator.close();
    });

    const handAllTo = async (id: string): Promise<HostileResult[]> => {
      const response = await nodeRed.request('POST', '/hostile', { id });
      return (await response.json()) as HostileResult[];
    };

    for (const { tab, watched } of TABS) {
      for (const { id, about } of casesIn(tab)) {
        it(`${about}, ${watched ? 'with' : 'without'} Catch and Complete nodes: one done for each`, async () => {
          const results = await handAllTo(id);
          assert.ok(results.length >= 40);
          const wrong = results.filter(({ done, thrown }) => done !== 1 || thrown.length > 0);
          assert.deepEqual(wrong, []);
          assert.equal(nodeRed.running, true);
        });
      }
    }

    it('logs each verdict that cannot be sent, with a count', async () => {
      const [toggle] = casesIn(TABS[1]?.tab ?? '');
      nodeRed.clear();
      await handAllTo(toggle?.id ?? '');
      await nodeRed.waitForLog(
        /not delivered \(\d+ so far\): lamp-1: confirmed \(the device did it\) \(Maximum call stack/,
      );
    });

    it('counts the verdicts that cannot be delivered', async () => {
      const undelivered = async (): Promise<number> => {
        const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
        return Number(/^tcp_comm_verdicts_undelivered_total\{device_id="lamp-1"\} (\d+)$/m.exec(text)?.[1] ?? 0);
      };
      const [toggle] = casesIn(TABS[1]?.tab ?? '');
      const before = await undelivered();
      nodeRed.clear();
      await handAllTo(toggle?.id ?? '');
      const counted = (await undelivered()) - before;
      const logged = nodeRed.log().match(/not delivered \(\d+ so far\): lamp-1: /g) ?? [];
      assert.ok(counted > 0);
      // Of a verdict that could be neither sent nor raised, both are logged; it is counted once.
      assert.ok(counted <= logged.length, `${counted} counted, ${logged.length} logged`);
    });

    it('logs and counts each verdict on a group that cannot be delivered', async () => {
      const group = casesIn(TABS[1]?.tab ?? '').find(({ about }) => about.startsWith('group of fixed members'));
      nodeRed.clear();
      await handAllTo(group?.id ?? '');
      await nodeRed.waitForLog(
        /not delivered \(\d+ so far\): all 2 confirmed|not delivered \(\d+ so far\): lamp-2: conf/,
      );
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const counted = new RegExp(`^tcp_comm_groups_undelivered_total\\{group="${group?.id}"\\} (\\d+)$`, 'm').exec(
        text,
      );
      assert.ok(Number(counted?.[1]) > 0, text);
    });

    it('logs each error that cannot be raised', async () => {
      const [toggle] = casesIn(TABS[0]?.tab ?? '');
      nodeRed.clear();
      await handAllTo(toggle?.id ?? '');
      await nodeRed.waitForLog(/not delivered \(\d+ so far\): lamp-1: .*state must be .*\(Maximum call stack/);
    });

    it('leaves the nodes working, and nothing uncaught', async () => {
      const [toggle] = casesIn(TABS[0]?.tab ?? '');
      const packet = new Promise((resolve) => simulator.once('packet', resolve));
      await nodeRed.request('POST', `/phase0-toggle/${toggle?.id}/press`);
      await packet;
      assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled|Unexpected Node Error/);
    });
  });
}
