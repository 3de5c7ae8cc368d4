/** Verdicts `closed` when Node-RED stops a whole flow: nothing is left to receive them, so the log sums them up. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000030';
const DEVICE = 'd000000000000030';
const TOGGLE = 'b000000000000030';
const ALONE = 'b000000000000031';
const FUNCTION = 'e000000000000030';
const CATCH = 'a000000000000031';
const CAUGHT = 'c000000000000031';
const WAITING = 30;

function flowFor(port: number): FlowNode[] {
  const toggle = {
    type: 'phase0-toggle',
    z: TAB,
    x: 100,
    y: 100,
    device: DEVICE,
    deviceId: 'topic',
    deviceIdType: 'msg',
  };
  const debug = { type: 'debug', z: TAB, x: 100, y: 100, active: true, tosidebar: true, wires: [] };
  const func = `for (let i = 0; i < ${WAITING}; i += 1) node.send({ payload: true, topic: 'lamp-' + (i % 15) });`;
  return [
    { id: TAB, type: 'tab', label: 'many' },
    {
      id: DEVICE,
      type: 'phase0-device',
      deviceId: 'gateway',
      host: '127.0.0.1',
      port: String(port),
      ioTimeoutMs: '60000',
    },
    { id: 'a000000000000030', type: 'inject', z: TAB, x: 100, y: 100, props: [], wires: [[FUNCTION]] },
    { id: FUNCTION, type: 'function', z: TAB, x: 100, y: 100, func, outputs: 1, wires: [[TOGGLE, ALONE]] },
    { ...toggle, id: TOGGLE, name: 'wired', wires: [[], ['c000000000000030'], []] },
    { ...toggle, id: ALONE, name: 'alone', wires: [[], [], []] },
    { id: CATCH, type: 'catch', z: TAB, x: 100, y: 100, scope: [ALONE], wires: [[CAUGHT]] },
    { ...debug, id: CAUGHT, complete: 'error.message' },
    { ...debug, id: 'c000000000000030', complete: 'payload' },
  ];
}

for (const generation of [4, 5] as const) {
  describe(`closed verdicts in Node-RED ${generation}`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');
    let simulator: DeviceSimulator;
    let nodeRed: NodeRed | undefined;

    beforeEach(async () => {
      simulator = new DeviceSimulator({ port: 0, mode: 'timeout' });
      const { port } = await simulator.start();
      nodeRed = await startNodeRed({ flows: flowFor(port), generation });
      const packet = once(simulator, 'packet');
      await nodeRed.inject('a000000000000030');
      await packet;
    });
    afterEach(async () => {
      await nodeRed?.stop();
      nodeRed = undefined;
      await simulator.close();
    });

    const linesIn = (log: string) =>
      log
        .split('\n')
        .filter((line) => line.includes('ended as "closed"'))
        .map((line) => line.replace(/^.*?\[/, '['));
    const expected = [TOGGLE, ALONE].map((id) => {
      const ids = Array.from({ length: 10 }, (_, index) => `lamp-${index}`).join(', ');
      const name = id === TOGGLE ? 'wired' : 'alone';
      const sentence = `${WAITING} toggles ended as "closed" after the flow behind this node had stopped: ${ids}, …`;
      return `[warn] [phase0-toggle:${name}] ${sentence}`;
    });

    it('at SIGTERM: one warning for each node, with count and device ids', async () => {
      const running = nodeRed;
      nodeRed = undefined;
      await running?.stop();
      assert.deepEqual(linesIn(running?.log() ?? '').toSorted(), expected.toSorted());
      assert.doesNotMatch(running?.log() ?? '', /[Uu]ncaught|[Uu]nhandled|its node or device was closed/);
    });

    it('at a full deploy: the same', async () => {
      await nodeRed?.setConfig(TOGGLE, { info: 'changed' }, 'full');
      assert.deepEqual(linesIn(nodeRed?.log() ?? '').toSorted(), expected.toSorted());
    });

    it('at a deploy of the flows that a node before it has modified: a Catch node, which goes on, gets each verdict', async () => {
      const caught = () => nodeRed?.messages.filter(({ id }) => id === CAUGHT) ?? [];
      await nodeRed?.setConfig(FUNCTION, { info: 'changed' }, 'flows');
      await nodeRed?.waitForDebug(() => caught().length === WAITING);
      // What the other toggle is wired to stops with it.
      assert.deepEqual(linesIn(nodeRed?.log() ?? ''), expected.slice(0, 1));
    });

    it('at a deploy that changes the tab itself: the same as of a full one', async () => {
      await nodeRed?.setConfig(TAB, { env: [{ name: 'FLOOR', value: '1', type: 'str' }] }, 'nodes');
      assert.deepEqual(linesIn(nodeRed?.log() ?? '').toSorted(), expected.toSorted());
    });

    it('at a deploy of the node alone: each verdict goes its way, and nothing is summed up', async () => {
      const shown = () => nodeRed?.messages.filter(({ id }) => id === 'c000000000000030').length;
      await nodeRed?.setConfig(TOGGLE, { info: 'changed' }, 'nodes');
      await nodeRed?.waitForDebug(() => shown() === WAITING);
      assert.deepEqual(linesIn(nodeRed?.log() ?? ''), []);
    });
  });
}
