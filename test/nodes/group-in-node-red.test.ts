/** phase0-group in Node-RED itself: the verdict on a group, exactly once, whatever is deployed meanwhile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000070';
const INVENTORY = 'd000000000000070';
const GROUP = 'b000000000000070';
const INJECT = 'a000000000000070';
const RESET = 'a000000000000071';
const VERDICTS = 'c000000000000070';
const METRICS = 'e000000000000070';
const SHORTEN = 'c000000000000071';
const PLACED = { z: TAB, x: 100, y: 100 };

function flowFor(port: number, metricsPort: number, count: number, group: object): FlowNode[] {
  const devices = Array.from({ length: count }, (_, index) => ({
    device_id: `lamp-${index + 1}`,
    host: '127.0.0.1',
    port: String(port),
  }));
  const inject = { type: 'inject', ...PLACED, wires: [[GROUP]] };
  const all = [
    { p: 'payload', v: 'true', vt: 'bool' },
    { p: 'topic', v: 'all', vt: 'str' },
  ];
  const settings = { ioTimeoutMs: '60000', maxAttempts: '1', source: 'table', devices };
  return [
    { id: TAB, type: 'tab', label: 'plant' },
    { id: INVENTORY, type: 'phase0-inventory', name: 'plant', ...settings },
    { ...inject, id: INJECT, props: all },
    { ...inject, id: RESET, props: [{ p: 'reset', v: 'true', vt: 'bool' }] },
    {
      id: GROUP,
      type: 'phase0-group',
      name: 'hall',
      ...PLACED,
      inventory: INVENTORY,
      wires: [[SHORTEN], [SHORTEN], []],
      ...group,
    },
    // A debug node cuts long values.
    {
      id: SHORTEN,
      type: 'function',
      ...PLACED,
      func: 'return { payload: `${msg.phase0.outcome} of ${msg.phase0.total}` };',
      outputs: 1,
      wires: [[VERDICTS]],
    },
    { id: VERDICTS, type: 'debug', ...PLACED, active: true, tosidebar: true, complete: 'payload', wires: [] },
    { id: METRICS, type: 'phase0-metrics', ...PLACED, port: String(metricsPort), wires: [[]] },
  ];
}

for (const generation of [4, 5] as const) {
  describe(`groups in Node-RED ${generation}`, function () {
    this.timeout(90_000);
    if (generation === 5) requires('node24');
    let simulator: DeviceSimulator;
    let nodeRed: NodeRed;
    let metricsPort: number;

    before(async () => {
      metricsPort = await refusedPort();
      nodeRed = await startNodeRed({ flows: [], generation });
    });
    after(() => nodeRed?.stop());
    beforeEach(async () => {
      simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
      await simulator.start();
    });
    afterEach(() => simulator.close());

    const deploy = async (count: number, group: object = {}) => {
      nodeRed.clear();
      await nodeRed.deploy(flowFor(simulator.port, metricsPort, count, group));
      nodeRed.clear();
    };
    const verdicts = () => nodeRed.messages.filter(({ id }) => id === VERDICTS).map(({ value }) => value);
    const firstVerdict = async () => (await nodeRed.waitForDebug(({ id }) => id === VERDICTS)).value;
    /** Members under way, with no answer to come. */
    const start = async () => {
      await simulator.setMode('timeout');
      const packet = once(simulator, 'packet');
      await nodeRed.inject(INJECT);
      await packet;
    };
    /** Whatever else comes out comes before the answer to the next message. */
    const assertOnce = async () => {
      await simulator.setMode('success');
      await nodeRed.inject(INJECT);
      await nodeRed.waitForDebug(() => verdicts().length >= 2);
      assert.deepEqual(verdicts(), ['none of 5', 'all of 5']);
    };

    it('1,000 members with staggerMs end in one verdict', async () => {
      await deploy(1000, { staggerMs: '1' });
      await nodeRed.inject(INJECT);
      await nodeRed.waitForStatus(GROUP, ({ text = '' }) => /^1000 of 1000 · \d+ ms$/.test(text));
      assert.equal(await firstVerdict(), 'all of 1000');
      assert.equal(verdicts().length, 1);
      assert.equal(simulator.appliedCount, 1000);
    });

    it('a reset in the middle: one verdict', async () => {
      await deploy(5, { concurrency: '2' });
      await start();
      await nodeRed.inject(RESET);
      assert.equal(await firstVerdict(), 'none of 5');
      await assertOnce();
    });

    for (const [name, id] of [
      ['the group', GROUP],
      ['its inventory', INVENTORY],
    ] as const) {
      it(`a deploy of ${name} in the middle: one verdict, and the next message is switched`, async () => {
        await deploy(5, { concurrency: '2', staggerMs: '1' });
        await start();
        await nodeRed.setConfig(id, { info: 'changed' }, 'nodes');
        assert.equal(await firstVerdict(), 'none of 5');
        await assertOnce();
      });
    }

    it('a full deploy in the middle: a line in the log, since nothing is left to receive the verdict', async () => {
      await deploy(12, { concurrency: '2' });
      await start();
      await nodeRed.setConfig(GROUP, { info: 'changed' }, 'full');
      const [line] = await nodeRed.waitForLog(/.*ended as "closed".*/);
      assert.match(
        line,
        /\[warn\] \[phase0-group:hall\] 12 toggles ended as "closed" after the flow behind this node had stopped: /,
      );
      assert.equal(verdicts().length, 0);
      assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled/);
    });

    it('its metrics go with it, also inside a subflow', async () => {
      /** The endpoint may still be starting. */
      const series = async (): Promise<string> => {
        for (;;) {
          const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => undefined);
          if (response) return response.text();
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const SUBFLOW = 'f000000000000071';
      const flows = flowFor(simulator.port, metricsPort, 1, {});
      const inner = {
        ...flows.find(({ id }) => id === GROUP),
        id: 'b000000000000071',
        z: SUBFLOW,
        wires: [[], [], []],
      };
      const subflow = [
        { id: SUBFLOW, type: 'subflow', name: 'scenes', in: [], out: [] },
        inner,
        { id: 'e000000000000071', type: `subflow:${SUBFLOW}`, ...PLACED, wires: [] },
      ];
      await nodeRed.deploy([...flows, ...subflow]);
      const text = await series();
      for (const id of [GROUP, 'e000000000000071-b000000000000071']) assert.ok(text.includes(`group="${id}"`), id);
      await nodeRed.deploy(
        flows.filter(({ id }) => id !== GROUP),
        'nodes',
      );
      assert.doesNotMatch(await series(), /group="/);
    });
  });
}
