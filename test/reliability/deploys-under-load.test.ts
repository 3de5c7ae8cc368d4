/** Deploys of every kind during traffic, in a real Node-RED: nothing is lost, nothing answers twice, nothing leaks. */
import assert from 'node:assert/strict';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { seededRandom } from '../../src/simulator/seeded-random';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type DeploymentType, type FlowNode, type NodeRed } from '../support/node-red';
import type { ProbeReport } from '../support/probe-node';
import { requires } from '../support/requirements';

const DEPLOYS = 200;
const TYPES: readonly DeploymentType[] = ['full', 'nodes', 'flows'];
const TABS = ['f000000000000011', 'f000000000000012'];

function flowFor(ports: Readonly<Record<string, number>>): FlowNode[] {
  const devices = Object.entries(ports).map(([name, port], index) => ({
    id: `d00000000000001${index}`,
    type: 'phase0-device',
    deviceId: name,
    host: '127.0.0.1',
    port: String(port),
    connection: name.startsWith('persistent') ? 'persistent' : 'per-toggle',
    ioTimeoutMs: '200',
    backoffBaseMs: '20',
    jitterMs: '10',
    queueTtlMs: '2000',
    breakerFailures: name === 'dead' ? '5' : '0',
    breakerResetMs: '300',
  }));
  const sinks = TABS.map((z, index) => ({ id: `c00000000000001${index}`, type: 'junction', z, wires: [[]] }));
  // Each device is used from both tabs, so that a deploy of one tab leaves it a user.
  const toggles = devices.flatMap(({ id: device }, index) =>
    TABS.map((z, tab) => ({
      id: `b0000000000000${tab}${index}`,
      type: 'phase0-toggle',
      z,
      device,
      errors: tab === 0 ? 'never' : 'always',
      wires: Array.from({ length: 3 }, () => [`c00000000000001${tab}`]),
    })),
  );
  return [...TABS.map((id) => ({ id, type: 'tab', label: id })), ...devices, ...sinks, ...toggles];
}

/** Renames, disables, deletes or changes something, as an author would between two deploys. */
function edited(flows: readonly FlowNode[], random: () => number, count: number): FlowNode[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const target = pick(flows.filter(({ type }) => type !== 'junction'));
  const change = pick(['rename', 'rename', 'disable', 'delete'] as const);
  return flows.flatMap((node) => {
    if (node.id !== target.id) return [node];
    if (node.type === 'tab')
      return [{ ...node, ...(change === 'disable' ? { disabled: true } : { info: `${count}` }) }];
    if (node.type === 'phase0-toggle' && change === 'delete') return [];
    if (node.type === 'phase0-toggle' && change === 'disable') return [{ ...node, d: true }];
    return [{ ...node, name: `name ${count}` }];
  });
}

for (const generation of [4, 5] as const) {
  describe(`${DEPLOYS} deploys of all kinds during traffic, Node-RED ${generation}`, function () {
    this.timeout(240_000);
    if (generation === 5) requires('node24');
    const success = new DeviceSimulator({ port: 0, reply: 'framed' });
    const delay = new DeviceSimulator({ port: 0, mode: 'delay', delayMs: 30, reply: 'framed' });
    const timeout = new DeviceSimulator({ port: 0, mode: 'timeout' });
    const simulators = [success, delay, timeout];
    let nodeRed: NodeRed;
    let flows: FlowNode[];

    before(async () => {
      for (const simulator of simulators) await simulator.start();
      flows = flowFor({
        plain: delay.port,
        persistent: success.port,
        'persistent slow': delay.port,
        'persistent silent': timeout.port,
        dead: await refusedPort(),
      });
      nodeRed = await startNodeRed({ flows, generation, probe: true });
    });
    after(async () => {
      await nodeRed?.stop();
      for (const simulator of simulators) await simulator.close();
    });

    const probe = async () => (await (await nodeRed.request('GET', '/probe')).json()) as ProbeReport;
    const traffic = (ids: string[]) =>
      nodeRed.request('POST', '/probe/traffic', { traffic: ids.length > 0 ? [{ ids, everyMs: 1 }] : [] });
    /** What is left once all is settled; sockets and timers of the last moments need theirs to go. */
    const until = async (fits: (report: ProbeReport) => boolean): Promise<ProbeReport> => {
      const endsAt = Date.now() + 20_000;
      for (;;) {
        const report = await probe();
        if (fits(report) || Date.now() > endsAt) return report;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    /** Of what can leak: those of HTTP requests come and go. */
    const leftOver = ({ resources }: ProbeReport) => ({
      sockets: resources.TCPSocketWrap ?? 0,
      timers: resources.Timeout ?? 0,
    });
    const within = (a: ProbeReport, b: ProbeReport) =>
      leftOver(a).sockets <= leftOver(b).sockets && leftOver(a).timers <= leftOver(b).timers;

    it('each message has one verdict and one done, and what is open at the end is what was open at the start', async () => {
      const random = seededRandom(11);
      await nodeRed.deploy(flows);
      const start = await until((report) => (report.resources.TCPSocketWrap ?? 0) <= 2);
      await traffic(flows.filter(({ type }) => type === 'phase0-toggle').map(({ id }) => id));
      for (let count = 1; count <= DEPLOYS; count += 1) {
        await nodeRed.deploy(edited(flows, random, count), TYPES[Math.floor(random() * TYPES.length)]);
        if (count % 20 === 0) await nodeRed.deploy([], 'reload');
      }
      await traffic([]);
      await until(({ unsettled }) => unsettled === 0);
      await nodeRed.deploy(flows);
      const end = await until((report) => within(report, start));
      const settled = Object.values(end.outcomes).reduce((sum, count) => sum + count, 0);
      assert.ok(end.taken > 500, `only ${end.taken} messages were taken`);
      assert.equal(end.unsettled, 0);
      assert.equal(end.twice, 0);
      assert.equal(settled, end.taken);
      for (const outcome of ['confirmed', 'unknown', 'failed', 'dropped']) assert.ok(end.outcomes[outcome], outcome);
      assert.ok(within(end, start), JSON.stringify({ start: start.resources, end: end.resources }));
    });

    it('the process is alive, and nothing was uncaught or late', () => {
      assert.equal(nodeRed.exitCode, null);
      assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled|timed out|TypeError/);
    });

    it('no connection to a device is left once no node uses it', async () => {
      await nodeRed.deploy(flows.filter(({ type }) => type !== 'phase0-toggle'));
      await until(() => simulators.every(({ openConnections }) => openConnections === 0));
      assert.deepEqual(
        simulators.map(({ openConnections }) => openConnections),
        [0, 0, 0],
      );
    });
  });
}
