/** Last confirmed state in a real Node-RED: one for all toggle nodes of a device, across deploys and restarts. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { startNodeRed, type FlowNode, type NodeRed, type NodeRedOptions } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000010';
const DEVICE = 'd000000000000010';
const FIRST = 'b000000000000010';
const SECOND = 'b000000000000011';
const ON_DISK = { default: { module: 'localfilesystem' } };

function flowFor(port: number): FlowNode[] {
  const toggle = { type: 'phase0-toggle', z: TAB, x: 100, y: 100, device: DEVICE, wires: [[], [], []] };
  return [
    { id: TAB, type: 'tab', label: 'two switches' },
    { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-1', host: '127.0.0.1', port: String(port) },
    { ...toggle, id: FIRST },
    { ...toggle, id: SECOND },
  ];
}

for (const generation of [4, 5] as const) {
  describe(`confirmed state in Node-RED ${generation}`, function () {
    this.timeout(90_000);
    if (generation === 5) requires('node24');
    let simulator: DeviceSimulator;
    let nodeRed: NodeRed | undefined;
    let port: number;

    before(async () => {
      simulator = new DeviceSimulator({ port: 0 });
      ({ port } = await simulator.start());
    });
    afterEach(async () => {
      await nodeRed?.stop();
      nodeRed = undefined;
    });
    after(() => simulator.close());

    const start = async (options: NodeRedOptions = {}): Promise<NodeRed> => {
      nodeRed = await startNodeRed({ flows: flowFor(port), generation, ...options });
      return nodeRed;
    };
    const stop = async () => {
      await nodeRed?.stop();
      nodeRed = undefined;
    };
    /** Presses the button of a toggle node; returns the state that the device received. */
    const press = async (running: NodeRed, id: string): Promise<boolean> => {
      const packet = new Promise<boolean>((resolve) =>
        simulator.once('packet', ({ payload }) => resolve(payload.state === true)),
      );
      await running.request('POST', `/phase0-toggle/${id}/press`);
      const state = await packet;
      // The verdict comes after the packet; the next press must know it.
      await running.waitForStatus(id, ({ text = '' }) => text.startsWith(state ? 'on · ' : 'off · '));
      return state;
    };
    const shown = (running: NodeRed, id: string, fill: string, text: string) =>
      running.waitForStatus(id, (status) => status.fill === fill && (status.text ?? '').split(' · ')[0] === text);

    it('alternates over two toggle nodes, and both show it', async () => {
      const running = await start();
      for (const [id, other, state] of [
        [FIRST, SECOND, true],
        [SECOND, FIRST, false],
        [FIRST, SECOND, true],
        [FIRST, SECOND, false],
        [SECOND, FIRST, true],
      ] as const) {
        assert.equal(await press(running, id), state);
        await shown(running, other, 'green', state ? 'on' : 'off');
      }
    });

    it('alternates across deploys of every kind, with the default memory store', async () => {
      const running = await start();
      assert.equal(await press(running, FIRST), true);
      await running.deploy(flowFor(port), 'full');
      await shown(running, SECOND, 'green', 'on');
      assert.equal(await press(running, SECOND), false);
      await running.setConfig(DEVICE, { name: 'renamed' }, 'nodes');
      assert.equal(await press(running, FIRST), true);
      await running.setConfig(FIRST, { name: 'renamed' }, 'flows');
      assert.equal(await press(running, FIRST), false);
    });

    it('is forgotten with its device', async () => {
      const running = await start();
      assert.equal(await press(running, FIRST), true);
      await running.deploy(flowFor(port).filter(({ type }) => type !== 'phase0-device'));
      await running.deploy(flowFor(port));
      assert.equal(await press(running, FIRST), true);
    });

    const inventory = () => [
      {
        id: DEVICE,
        type: 'phase0-inventory',
        source: 'table',
        devices: [{ device_id: 'lamp-1', host: '127.0.0.1', port }],
      },
    ];
    const rowFlow = (): FlowNode[] =>
      flowFor(port).flatMap((node): FlowNode[] => {
        if (node.id === DEVICE) return inventory();
        if (node.type !== 'phase0-toggle') return [node];
        return [
          { ...node, target: 'inventory', device: '', inventory: DEVICE, deviceId: 'lamp-1', deviceIdType: 'str' },
        ];
      });

    for (const [what, flows] of [
      ['a device', () => flowFor(port)],
      ['a row of an inventory', rowFlow],
    ] as const)
      it(`of ${what} alternates across a restart with a store on disk, and shows the stored state`, async () => {
        const options = { contextStorage: ON_DISK, keep: true, flows: flows() };
        let running = await start(options);
        const { userDir } = running;
        try {
          assert.equal(await press(running, FIRST), true);
          await stop();
          running = await start({ ...options, userDir });
          for (const id of [FIRST, SECOND]) await shown(running, id, 'grey', 'on (before restart)');
          assert.equal(await press(running, SECOND), false);
          await shown(running, FIRST, 'green', 'off');
          await stop();
          running = await start({ ...options, userDir });
          await shown(running, FIRST, 'grey', 'off (before restart)');
          assert.equal(await press(running, FIRST), true);
        } finally {
          await stop();
          rmSync(userDir, { recursive: true, force: true });
        }
      });
  });
}
