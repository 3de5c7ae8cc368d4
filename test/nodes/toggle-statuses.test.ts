/** Statuses of toggle nodes against real devices: many device ids, a subflow's variable, a connection that goes and comes back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Status } from '../../nodes/red';
import { useSimulator } from '../support/fixtures';
import { deviceNode, helper, loadFlow, toggleNode, useNodeRed } from '../support/flow';
import { listen } from '../support/loopback';

const TOGGLE = 'toggle0000000001';
const OTHER = 'toggle0000000002';

interface Spied {
  readonly status: { getCalls(): { readonly thisValue: { id: string }; readonly args: [Status] }[] };
}

/** Resolves when the node shows this; fails with what it showed. */
async function shows(id: string, fill: string, shape: string, text: string): Promise<void> {
  const node = helper.getNode(id);
  const expected = `${fill} ${shape}: ${text}`;
  // The test helper has one spy for all nodes.
  const shown = () =>
    (node as unknown as Spied).status
      .getCalls()
      .filter(({ thisValue }) => thisValue.id === id)
      .map(({ args: [status] }) => `${status.fill} ${status.shape}: ${status.text}`);
  const signal = AbortSignal.timeout(5000);
  while (shown().at(-1) !== expected) {
    await once(node, 'call:status', { signal }).catch(() => assert.fail(`${expected}, not ${shown().join(' → ')}`));
  }
}

describe('status of a toggle node', () => {
  const simulator = useSimulator({ reply: 'framed' });
  useNodeRed();

  it('of 50 device ids of which one is silent: 41 of 50 on · lamp-7: no reply', async () => {
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request) => {
        if (!request.includes('"device_id":"lamp-7"')) socket.end('ACK');
      });
    });
    const device = deviceNode(port, { maxAttempts: '1', ioTimeoutMs: '1000' });
    const flow = await loadFlow(device, toggleNode({ deviceId: 'topic', deviceIdType: 'msg' }));
    for (let id = 1; id <= 50; id += 1) flow.receive({ topic: `lamp-${id}`, payload: id > 9 });
    await flow.got('failure', 1);
    await flow.got('success', 49);
    await shows(TOGGLE, 'red', 'dot', '41 of 50 on · lamp-7: no reply');
  });

  it('of 24 device ids that are confirmed at the same moment is not left at "under way"', async () => {
    simulator().delayMs = 100;
    await simulator().setMode('delay');
    const device = deviceNode(simulator().port, { connection: 'persistent', reply: 'framed', ioTimeoutMs: '5000' });
    const flow = await loadFlow(device, toggleNode({ deviceId: 'topic', deviceIdType: 'msg' }));
    for (let id = 1; id <= 24; id += 1) flow.receive({ topic: `together-${id}`, payload: true });
    await flow.got('success', 24);
    await shows(TOGGLE, 'green', 'dot', '24 of 24 on');
  });

  it('is that of the device id in a variable, which another node switches', async () => {
    process.env.PHASE0_TEST_LAMP = 'lamp-of-variable';
    try {
      const other = toggleNode({ id: OTHER, deviceId: 'PHASE0_TEST_LAMP', deviceIdType: 'env' });
      const flow = await loadFlow(
        deviceNode(simulator().port),
        toggleNode({ deviceId: 'lamp-of-variable', deviceIdType: 'str' }),
        other,
      );
      flow.receive({ payload: true });
      await shows(OTHER, 'green', 'dot', 'on');
    } finally {
      delete process.env.PHASE0_TEST_LAMP;
    }
  });

  it('is a red ring while the persistent connection is down, also at a node that sent nothing', async () => {
    const device = deviceNode(simulator().port, { connection: 'persistent', deviceId: 'kept-lamp' });
    const flow = await loadFlow(device, toggleNode(), toggleNode({ id: OTHER }));
    flow.receive({ payload: true });
    await flow.got('success', 1);
    const { port } = simulator();
    await simulator().close();
    await shows(TOGGLE, 'red', 'ring', 'on · not connected');
    await shows(OTHER, 'red', 'ring', 'on · not connected');
    const again = new DeviceSimulator({ port, reply: 'framed' });
    await again.start();
    try {
      flow.receive({ payload: true });
      await flow.got('success', 2);
      await shows(OTHER, 'green', 'dot', 'on');
    } finally {
      await again.close();
    }
  });

  it('says that a raw reply ends a persistent connection', async () => {
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write('ACK'));
    });
    const flow = await loadFlow(deviceNode(port, { connection: 'persistent' }), toggleNode());
    flow.receive({ payload: true });
    const [success] = await flow.got('success', 1);
    const { latencyMs } = success?.phase0 as { latencyMs: number };
    await shows(TOGGLE, 'green', 'dot', `on · ${Math.round(latencyMs)} ms · connection not kept`);
  });

  it('has the first of several wrong settings and their number, on each kind of node', async () => {
    await loadFlow(
      deviceNode('0', { host: 'http://lamp' }),
      toggleNode(),
      { id: 'metrics000000001', type: 'phase0-metrics', port: 'x', path: 'no slash', wires: [[]] },
      { id: 'simulator0000001', type: 'phase0-simulator', port: 'x', mode: 'none', wires: [[]] },
    );
    await shows(
      TOGGLE,
      'red',
      'ring',
      '2 wrong settings: host must be a name or IP address such as lamp.local, 192.168.1.20 or ::1, without http://, :port, brackets or spaces, not "http://lamp"',
    );
    await shows(
      'metrics000000001',
      'red',
      'ring',
      '2 wrong settings: port must be a whole number from 1 to 65535, not "x"',
    );
    await shows(
      'simulator0000001',
      'red',
      'ring',
      '2 wrong settings: port must be a whole number from 0 to 65535, not "x"',
    );
  });
});
