/** Flows of our nodes in Node-RED's test helper, and the messages that come out. */
import { once } from 'node:events';
import helper from 'node-red-node-test-helper';
import registerDevice from '../../nodes/phase0-device/phase0-device';
import registerGroup from '../../nodes/phase0-group/phase0-group';
import registerInventory from '../../nodes/phase0-inventory/phase0-inventory';
import registerMetrics from '../../nodes/phase0-metrics/phase0-metrics';
import registerSimulator from '../../nodes/phase0-simulator/phase0-simulator';
import registerToggle from '../../nodes/phase0-toggle/phase0-toggle';
import type { Message } from '../../nodes/red';

helper.init(require.resolve('node-red'));

const NODES = [registerDevice, registerInventory, registerToggle, registerGroup, registerMetrics, registerSimulator];

/** A device node for a device that answers on `port`, quick to retry. */
export function deviceNode(port: number | string, settings: object = {}): object {
  return {
    id: 'device0000000001',
    type: 'phase0-device',
    name: '',
    deviceId: 'lamp-1',
    host: '127.0.0.1',
    port: String(port),
    backoffBaseMs: '1',
    jitterMs: '0',
    ioTimeoutMs: '300',
    ...settings,
  };
}

/** An inventory node with these rows, quick to give up. */
export function inventoryNode(devices: readonly object[], settings: object = {}): object {
  const quick = { backoffBaseMs: '1', jitterMs: '0', ioTimeoutMs: '300', maxAttempts: '1' };
  return {
    id: 'inventory0000001',
    type: 'phase0-inventory',
    name: '',
    source: 'table',
    devices,
    ...quick,
    ...settings,
  };
}

/** A toggle node for rows of the inventory, named by the topic. */
export function rowToggle(settings: object = {}): object {
  return toggleNode({ target: 'inventory', device: '', inventory: 'inventory0000001', ...settings });
}

/** A toggle node wired to a helper node for each output, unless `settings` wire it otherwise. */
export function toggleNode(settings: object = {}): object {
  return {
    id: 'toggle0000000001',
    type: 'phase0-toggle',
    name: 'lamp',
    device: 'device0000000001',
    wires: [['success'], ['failure'], ['attempts']],
    ...settings,
  };
}

/** A group node in the place of the toggle node, for rows of the inventory. */
export function groupNode(settings: object = {}): object {
  return toggleNode({ type: 'phase0-group', name: '', device: '', inventory: 'inventory0000001', ...settings });
}

const SINKS = ['success', 'failure', 'attempts', 'caught', 'completed'].map((id) => ({ id, type: 'helper' }));

/** A flow under test: what went in, what came out. */
export interface Flow {
  readonly outputs: Record<string, Message[]>;
  receive(msg: Message): void;
  /** Resolves when output `id` has had `count` messages in all. */
  got(id: string, count: number): Promise<Message[]>;
}

/** Loads the flow, with a Catch and a Complete node on the toggle. */
export async function loadFlow(...nodes: object[]): Promise<Flow> {
  const watchers = [
    { id: 'watch0000000001', type: 'catch', scope: ['toggle0000000001'], wires: [['caught']] },
    { id: 'watch0000000002', type: 'complete', scope: ['toggle0000000001'], wires: [['completed']] },
  ];
  const core = ['25-catch', '24-complete'].map((file) => require(`@node-red/nodes/core/common/${file}.js`) as never);
  await new Promise<void>((resolve) => {
    void helper.load([...NODES, ...core], [...nodes, ...watchers, ...SINKS], () => resolve());
  });
  const outputs: Record<string, Message[]> = {};
  for (const { id } of SINKS) {
    const messages: Message[] = (outputs[id] = []);
    helper.getNode(id).on('input', (msg: Message) => messages.push(msg));
  }
  return {
    outputs,
    receive: (msg) => helper.getNode('toggle0000000001').receive(msg),
    async got(id, count) {
      const messages = outputs[id] ?? [];
      while (messages.length < count) await once(helper.getNode(id), 'input');
      return messages;
    },
  };
}

/** Starts and stops the helper's Node-RED around each test. */
export function useNodeRed(): void {
  beforeEach((done) => {
    helper.startServer(done);
  });
  afterEach(async () => {
    await helper.unload();
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
  });
}

export { helper };
