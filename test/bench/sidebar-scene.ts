/** A plant of 5,000 devices in a Node-RED of its own, its devices in another process, and the editor in Chromium. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openPage, type OpenPage } from '../support/chromium';
import { Editor } from '../support/editor';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { userDirWithBenchNodes } from './bench-node';
import { figures, type Figures } from './closed-loop';

export const DEVICES = 5000;
export const PER_SECOND = 2000;
/** Each with a connection, for 50 devices. */
const GATEWAYS = 100;

const ids = Array.from({ length: DEVICES }, (_, index) => `lamp-${String(index + 1).padStart(4, '0')}`);

function flowOf(ports: readonly number[]): FlowNode[] {
  const common = { host: '127.0.0.1', connection: 'persistent', reply: 'framed' };
  const devices = ids.map((device_id, index) => {
    const gateway = index % ports.length;
    return { device_id, ...common, port: ports[gateway], tags: `hall-${gateway}` };
  });
  const back = ['pace'];
  const target = { target: 'inventory', inventory: 'inventory', device: '', deviceId: 'topic', deviceIdType: 'msg' };
  return [
    { id: 'tab', type: 'tab', label: 'plant' },
    { id: 'inventory', type: 'phase0-inventory', name: 'plant', source: 'table', devices, settingsVersion: 1 },
    { id: 'pace', type: 'bench-pace', z: 'tab', x: 100, y: 100, wires: [['toggle']] },
    { id: 'toggle', type: 'phase0-toggle', z: 'tab', x: 300, y: 100, ...target, wires: [back, back, []] },
  ];
}

/** Gateways that answer for devices at once, until the process of the bench ends or stops them. */
export async function startGateways(): Promise<{ readonly ports: readonly number[]; stop(): void }> {
  const child = fork(require.resolve('./plant-process'), [String(GATEWAYS)]);
  const [ports] = (await once(child, 'message')) as [number[]];
  return { ports, stop: () => child.disconnect() };
}

export class PlantUnderLoad {
  private constructor(private readonly nodeRed: NodeRed) {}

  static async start(
    ports: readonly number[],
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<PlantUnderLoad> {
    const options = { userDir: userDirWithBenchNodes(), withoutComms: true, flows: flowOf(ports) };
    const plant = new PlantUnderLoad(await startNodeRed({ ...options, settings }));
    // Every device has its connection, and every function is compiled, before anything is measured.
    await plant.run((DEVICES / PER_SECOND) * 2000);
    return plant;
  }

  async run(forMs: number): Promise<Figures> {
    const response = await this.nodeRed.request('POST', '/bench/pace', { ids, perSecond: PER_SECOND, forMs });
    return figures((await response.json()) as Parameters<typeof figures>[0]);
  }

  /** What is in use after a garbage collection, and what the recorder may take of it. */
  async bytes(): Promise<number> {
    const response = await this.nodeRed.request('GET', '/bench/memory');
    const { heapUsed, external } = (await response.json()) as { heapUsed: number; external: number };
    return heapUsed + external;
  }

  /** An answer of the trace. */
  async get(path: string): Promise<{ readonly cursor: string; readonly more: boolean }> {
    const response = await this.nodeRed.request('GET', path);
    return (await response.json()) as { cursor: string; more: boolean };
  }

  async open(chromium: string): Promise<OpenPage> {
    const opened = await openPage(chromium, { width: 1280, height: 900 });
    opened.page.setDefaultTimeout(60_000);
    await new Editor(opened.page, this.nodeRed.url).load();
    return opened;
  }

  async stop(): Promise<void> {
    await this.nodeRed.stop();
  }
}
