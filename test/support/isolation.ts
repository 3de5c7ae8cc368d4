/** One live device beside hundreds of dead ones in one Node-RED: refused, black-holed and silent, a third each. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { blackHole, refusedPort } from './loopback';
import { startNodeRed, type FlowNode, type NodeRed } from './node-red';
import type { ProbeReport } from './probe-node';

const LIVE = 'b000000000000000';
const TAB = 'f000000000000000';

export interface Scene {
  /** Switches the live device alone, or beside the dead ones, for so long. */
  measure(options: { readonly beside: boolean; readonly forMs: number }): Promise<ProbeReport>;
  readonly nodeRed: NodeRed;
  close(): Promise<void>;
}

const id = (kind: string, index: number) => `${kind}${String(index).padStart(15, '0')}`;

function flowFor(live: number, dead: readonly number[], count: number): FlowNode[] {
  const sink = 'c000000000000000';
  const pair = (index: number, port: number): FlowNode[] => [
    { id: id('d', index), type: 'phase0-device', deviceId: `device-${index}`, host: '127.0.0.1', port: String(port) },
    {
      id: id('b', index),
      type: 'phase0-toggle',
      z: TAB,
      device: id('d', index),
      errors: 'never',
      wires: Array.from({ length: 3 }, () => [sink]),
    },
  ];
  const others = Array.from({ length: count }, (_, index) => pair(index + 1, dead[index % dead.length] as number));
  return [
    { id: TAB, type: 'tab' },
    { id: sink, type: 'junction', z: TAB, wires: [[]] },
    ...pair(0, live),
    ...others.flat(),
  ];
}

/** Each dead device is asked about every `everyMs`, one after the other, as sensors that know nothing of each other do. */
export async function isolationScene(count: number, everyMs: number): Promise<Scene> {
  const live = await simulatorProcess({ port: 0 });
  const silent = await simulatorProcess({ port: 0, mode: 'timeout' });
  const hole = await blackHole();
  const flows = flowFor(live.port, [await refusedPort(), hole.port, silent.port], count);
  const nodeRed = await startNodeRed({ flows, probe: true, withoutComms: true });
  const deadIds = Array.from({ length: count }, (_, index) => id('b', index + 1));
  const traffic = (body: object) => nodeRed.request('POST', '/probe/traffic', body);
  const probe = async () => (await (await nodeRed.request('GET', '/probe')).json()) as ProbeReport;
  return {
    nodeRed,
    async measure({ beside, forMs }) {
      const alone = { ids: [LIVE], everyMs: 10 };
      const others = { ids: deadIds, everyMs: Math.max(1, Math.round(everyMs / count)) };
      await traffic({ watched: LIVE, traffic: beside ? [alone, others] : [alone] });
      // Every device has been asked once by then: what is made for each, once, is made.
      await new Promise((resolve) => setTimeout(resolve, 5000));
      await probe();
      await new Promise((resolve) => setTimeout(resolve, forMs));
      const report = await probe();
      // What still waits would go on into the next measurement.
      await traffic({ traffic: [], reset: deadIds });
      return report;
    },
    async close() {
      await nodeRed.stop();
      await Promise.all([ended(live.child), ended(silent.child), hole.close()]);
    },
  };
}

async function simulatorProcess(options: object): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(require.resolve('./simulator-process'), [JSON.stringify(options)]);
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
