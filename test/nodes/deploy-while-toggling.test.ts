/** Deploys in a real Node-RED while one toggle is under way and five wait: each gets one verdict.
 * (Node-RED stops a Complete node together with the node in its scope; `done` is counted in phase0-toggle.test.ts.) */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { startNodeRed, type DeploymentType, type FlowNode, type NodeRed } from '../support/node-red';

const TAB = 'f000000000000002';
const TOGGLE = 'b000000000000002';
const DEVICE = 'd000000000000002';

function flowFor(port: number): FlowNode[] {
  const debug = { z: TAB, type: 'debug', active: true, tosidebar: true, targetType: 'msg', wires: [] };
  return [
    { id: TAB, type: 'tab', label: 'toggle' },
    {
      id: DEVICE,
      type: 'phase0-device',
      deviceId: 'lamp-1',
      host: '127.0.0.1',
      port: String(port),
      ioTimeoutMs: '60000',
    },
    { id: 'a000000000000002', type: 'inject', z: TAB, props: [{ p: 'payload' }], wires: [['e000000000000002']] },
    {
      id: 'e000000000000002',
      type: 'function',
      z: TAB,
      func: 'for (let i = 0; i < 6; i += 1) node.send({ payload: true });',
      outputs: 1,
      wires: [[TOGGLE]],
    },
    { id: TOGGLE, type: 'phase0-toggle', z: TAB, device: DEVICE, wires: [[], ['c000000000000003'], []] },
    { ...debug, id: 'c000000000000003', complete: 'error.code' },
  ];
}

describe('a deploy while one is under way and five wait', function () {
  this.timeout(120_000);
  let simulator: DeviceSimulator;
  let nodeRed: NodeRed;

  before(async () => {
    simulator = new DeviceSimulator({ port: 0, mode: 'timeout' });
    const { port } = await simulator.start();
    nodeRed = await startNodeRed({ flows: flowFor(port) });
  });
  after(async () => {
    await nodeRed?.stop();
    await simulator.close();
  });

  const sixUnderWay = async () => {
    const packet = new Promise((resolve) => simulator.once('packet', resolve));
    nodeRed.clear();
    await nodeRed.inject('a000000000000002');
    await packet;
  };
  const shownBy = (id: string) => nodeRed.messages.filter((message) => message.id === id).map(({ value }) => value);

  for (const [what, id, change] of [
    ['of the toggle node alone', TOGGLE, { name: 'renamed' }],
    ['of the device, which restarts the toggle node too', DEVICE, { name: 'renamed' }],
  ] as const) {
    it(`${what}: six verdicts "closed"`, async () => {
      await sixUnderWay();
      await nodeRed.setConfig(id, change);
      await nodeRed.waitForDebug(() => shownBy('c000000000000003').length === 6);
      assert.deepEqual(shownBy('c000000000000003'), Array(6).fill('closed'));
    });
  }

  for (const type of ['full', 'flows'] satisfies DeploymentType[]) {
    it(`${type}: nothing is left under way, and the flow works again`, async () => {
      await sixUnderWay();
      await nodeRed.setConfig(TOGGLE, { name: type }, type);
      // The deploy has closed them; the device reads that in its own time.
      while (simulator.openConnections > 0) await setImmediate();
      await simulator.setMode('success');
      nodeRed.clear();
      await nodeRed.inject('a000000000000002');
      await nodeRed.waitForStatus(TOGGLE, ({ fill }) => fill === 'green');
      await simulator.setMode('timeout');
    });
  }

  it('leaves the process alive, without an uncaught error', () => {
    assert.equal(nodeRed.exitCode, null);
    assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled|timed out/);
  });
});
