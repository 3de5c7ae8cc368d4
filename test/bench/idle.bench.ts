/** Memory of what is idle: lanes and last states of one device, and devices in Node-RED, each with a toggle node. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Device, type DeviceOptions } from '../../src/device/device';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import type { AttemptResult } from '../../src/transport/transport';
import { startNodeRed, type FlowNode } from '../support/node-red';
import { userDirWithBenchNodes } from './bench-node';
import { idsOf } from './closed-loop';
import { writeReport } from './options';
import { shown } from './summary';

const LANES = 10_000;
const NODES = 1000;
const GOAL_BYTES = { lane: 1000, nodes: 8000 } as const;

const report: Record<string, number> = {};

function note(what: string, bytes: number, goal: number): void {
  report[what] = bytes;
  console.log(`      ${what}: ${shown(bytes)} bytes (goal: ${shown(goal)})`);
}

describe('idle', function () {
  this.timeout(0);
  after(() => writeReport('idle', { bytes: report }));

  for (const [what, result] of [
    // A lane outlives its toggles only while its circuit breaker has failures to remember.
    ['a lane with failures', { outcome: 'timeout', maybeDelivered: true, error: 'no reply' }],
    ['a device id with a last confirmed state', { outcome: 'success', maybeDelivered: true, latencyMs: 1 }],
  ] as const satisfies readonly (readonly [string, AttemptResult])[]) {
    it(`${LANES} of ${what}`, async () => {
      note(what, await heapOf(result), GOAL_BYTES.lane);
    });
  }

  it(`${NODES} devices with a toggle node each, in Node-RED`, async () => {
    const pair = (index: number): FlowNode[] => [
      { id: `d${index}`, type: 'phase0-device', deviceId: `lamp-${index}`, host: '127.0.0.1', port: '9000' },
      { id: `t${index}`, type: 'phase0-toggle', z: 'tab', device: `d${index}`, wires: [[], [], []] },
    ];
    const hops = (index: number): FlowNode[] => [
      { id: `d${index}`, type: 'bench-hop', z: 'tab', wires: [[]] },
      { id: `t${index}`, type: 'bench-hop', z: 'tab', wires: [[], [], []] },
    ];
    const both = await nodeRedHeapOf(pair);
    const nodeRedsOwn = await nodeRedHeapOf(hops);
    note('a device with its toggle node', both, GOAL_BYTES.nodes);
    report['two nodes that do nothing'] = nodeRedsOwn;
    console.log(`      of that Node-RED itself, for two nodes that do nothing: ${shown(nodeRedsOwn)} bytes`);
  });
});

/** Bytes of each device id that had one toggle with this result. */
async function heapOf(result: AttemptResult): Promise<number> {
  const ids = idsOf(LANES);
  const warmUp = await deviceAfter(result, ids.slice(0, 100));
  const before = heap();
  const device = await deviceAfter(result, ids);
  const bytes = (heap() - before) / LANES;
  for (const each of [warmUp, device]) each.close();
  return bytes;
}

async function deviceAfter(result: AttemptResult, ids: readonly string[]): Promise<Device> {
  const wanted = { deviceId: 'gateway', host: '127.0.0.1', port: 9000, breakerFailures: 3, maxAttempts: 1 };
  const parsed = parseSettings(deviceFields, wanted);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const transport: NonNullable<DeviceOptions['transport']> = {
    exchange: () => Promise.resolve(result),
    closeIdle: () => undefined,
    close: () => undefined,
  };
  const device = new Device(parsed.settings, { transport });
  await Promise.all(ids.map((deviceId) => device.toggle({ deviceId, state: true })));
  return device;
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes of each pair of nodes, in a Node-RED of its own. */
async function nodeRedHeapOf(pair: (index: number) => FlowNode[]): Promise<number> {
  const start = [{ id: 'tab', type: 'tab' }, ...pair(0)];
  const nodeRed = await startNodeRed({ userDir: userDirWithBenchNodes(), flows: start, withoutComms: true });
  try {
    const used = async () => {
      const response = await nodeRed.request('GET', '/bench/memory');
      return ((await response.json()) as { heapUsed: number }).heapUsed;
    };
    // What the first deploy makes once is not to be measured.
    await nodeRed.deploy([...start, ...pair(1)]);
    const before = await used();
    const pairs = Array.from({ length: NODES + 2 }, (_, index) => pair(index)).flat();
    await nodeRed.deploy([{ id: 'tab', type: 'tab' }, ...pairs]);
    return ((await used()) - before) / NODES;
  } finally {
    await nodeRed.stop();
  }
}
