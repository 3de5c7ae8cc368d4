/** Random traffic through the fault proxy in a real Node-RED, with deploys, resets and kills: the device's record judges. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../src/simulator/seeded-random';
import { FaultProxy } from '../support/fault-proxy';
import type { ProxyFaults } from '../support/fault-schedule';
import { startNodeRed, type DeploymentType, type FlowNode, type NodeRed } from '../support/node-red';
import { brokenPromises, type AskedToggle } from '../support/order-oracle';
import type { JournalLine } from '../support/probe-node';
import { RecordingDevice, type RecordedCommand } from '../support/recording-device';
import { requires } from '../support/requirements';

const SEED = Number(process.env.PHASE0_ORDER_SEED ?? 14);
const FAULTS: ProxyFaults = {
  delay: { chance: 0.1, maxMs: 500 },
  split: 0.05,
  coalesce: 0.05,
  corrupt: 0.005,
  truncate: 0.005,
  reset: 0.01,
  halfOpen: 0.02,
  blackHole: 0.01,
};
const TYPES: readonly DeploymentType[] = ['full', 'nodes', 'flows'];
const TAB = 'f000000000000021';
const LANES = 6;
const DEPLOYS = 12;

const DEVICES = ['per-toggle', 'persistent'].map((connection, index) => ({
  connection,
  id: `d00000000000002${index}`,
}));

/** Each toggle node has a device id of its own, so that its order is the order in which the node took messages. */
const TOGGLES = DEVICES.flatMap(({ id: device }, index) =>
  Array.from({ length: LANES }, (_, lane) => ({
    device,
    id: `b00000000000${index}${lane}21`,
    deviceId: `lamp-${index}${lane}`,
  })),
);

function flowFor(ports: readonly number[]): FlowNode[] {
  const limits = { connectTimeoutMs: '400', ioTimeoutMs: '200', maxAttempts: '3', backoffBaseMs: '10', jitterMs: '10' };
  const devices = DEVICES.map(({ connection, id }, index) => {
    const address = { deviceId: connection, host: '127.0.0.1', port: String(ports[index]) };
    return { id, type: 'phase0-device', connection, reply: 'framed', ...address, ...limits };
  });
  const sink = { id: 'c000000000000021', type: 'junction', z: TAB, wires: [[]] };
  const toggles = TOGGLES.map(({ id, device, deviceId }) => ({
    id,
    type: 'phase0-toggle',
    z: TAB,
    device,
    deviceId,
    deviceIdType: 'str',
    msgId: 'command',
    msgIdType: 'msg',
    errors: 'never',
    wires: [[sink.id], [sink.id], []],
  }));
  return [{ id: TAB, type: 'tab', label: 'lamps' }, ...devices, sink, ...toggles];
}

for (const generation of [4, 5] as const) {
  describe(`random traffic through faults, Node-RED ${generation}, seed ${SEED} (PHASE0_ORDER_SEED)`, function () {
    this.timeout(180_000);
    if (generation === 5) requires('node24');
    const folder = mkdtempSync(join(tmpdir(), 'phase0-through-faults-'));
    const proxies: FaultProxy[] = [];
    const random = seededRandom(SEED + generation);
    let device: RecordingDevice;
    let nodeRed: NodeRed | undefined;

    before(async () => {
      let count = 0;
      device = await RecordingDevice.start({ nextNumber: () => (count += 1) });
      for (const index of DEVICES.keys()) {
        proxies.push(await FaultProxy.start({ seed: SEED * 10 + index, port: device.port, faults: FAULTS }));
      }
    });
    after(async () => {
      await nodeRed?.stop();
      for (const proxy of proxies) await proxy.close();
      await device?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** One life of Node-RED: traffic with deploys at random, until `end`. */
    async function live(life: string, end: (nodeRed: NodeRed) => Promise<unknown>): Promise<AskedToggle[]> {
      const flows = flowFor(proxies.map(({ port }) => port));
      const running = await startNodeRed({ flows, generation, probe: true, withoutComms: true });
      nodeRed = running;
      const journal = join(folder, life);
      const ids = TOGGLES.map(({ id }) => id);
      const traffic = [{ ids, everyMs: 4, resets: 0.03 }];
      await running.request('POST', '/probe/traffic', { traffic, journal, prefix: `${life} ` });
      for (let count = 1; count <= DEPLOYS; count += 1) {
        await pause(random() * 300);
        await running.deploy(edited(flows, count), TYPES[Math.floor(random() * TYPES.length)]);
      }
      await end(running);
      assert.doesNotMatch(running.log(), /[Uu]ncaught|[Uu]nhandled|TypeError/);
      return askedBy(readFileSync(journal, 'utf8'));
    }

    /** Some nodes get another name, which replaces them. */
    function edited(flows: readonly FlowNode[], count: number): FlowNode[] {
      return flows.map((node) =>
        node.type.startsWith('phase0') && random() < 0.2 ? { ...node, name: `${count}` } : node,
      );
    }

    const recordOf = (life: string): RecordedCommand[] =>
      device.record.filter(({ msgId }) => msgId.startsWith(`${life} `));

    function judge(asked: readonly AskedToggle[], record: readonly RecordedCommand[]): void {
      const broken = brokenPromises(asked, record);
      assert.deepEqual(broken.slice(0, 20), [], `seed ${SEED}: ${broken.length} broken promises`);
      const outcomes = asked.map(({ verdicts }) => verdicts[0]?.verdict.outcome);
      for (const outcome of ['confirmed', 'unknown', 'dropped']) {
        assert.ok(
          outcomes.filter((each) => each === outcome).length > asked.length / 100,
          `${outcome} of ${asked.length}`,
        );
      }
    }

    it('ended by SIGTERM: every message that was taken has one true verdict, and nothing overtakes', async () => {
      const asked = await live('terminated', (running) => running.stop());
      judge(asked, recordOf('terminated'));
    });

    it('ended by SIGKILL: the verdicts until then are true, and nothing is applied twice or overtakes', async () => {
      const asked = await live('killed', (running) => {
        process.kill(running.pid, 'SIGKILL');
        return running.stop();
      });
      // A process that is killed gives no verdicts; what it had asked for may have happened.
      const lost = asked.filter(({ verdicts }) => verdicts.length === 0);
      for (const { deviceId, msgId, state, verdicts } of lost) {
        const verdict = { outcome: 'unknown', deviceId, msgId, state, attempts: 1, elapsedMs: 0 } as const;
        verdicts.push({ verdict, sequence: Infinity });
      }
      // Fewer than can run and wait at once.
      assert.ok(lost.length <= TOGGLES.length * 101, `${lost.length} of ${asked.length} lost`);
      judge(asked, recordOf('killed'));
    });
  });
}

/** What the journal tells. Clocks of two processes do not compare, so verdicts count as later than every arrival. */
function askedBy(journal: string): AskedToggle[] {
  const asked = new Map<string, AskedToggle>();
  const deviceIds = new Map(TOGGLES.map(({ id, deviceId }) => [id, deviceId]));
  for (const text of journal.split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as JournalLine;
    if ('asked' in line) {
      const { asked: msgId, node, state } = line;
      asked.set(msgId, { deviceId: deviceIds.get(node) ?? '', msgId, state, verdicts: [] });
    } else {
      asked.get(line.verdict.msgId)?.verdicts.push({ verdict: line.verdict, sequence: Infinity });
    }
  }
  return [...asked.values()];
}
