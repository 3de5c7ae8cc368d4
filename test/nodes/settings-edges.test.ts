/** Unusual settings in a real Node-RED: from variables of tabs and subflows, and paths that no request could match. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { useSimulator } from '../support/fixtures';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000060';
const DEVICE = 'd000000000000060';
const TOGGLE = 'b000000000000060';
const GROUP = 'b000000000000062';
const SUBFLOW = 'f000000000000061';
const INSTANCE = 'e000000000000061';
const INJECT = 'a000000000000060';
const METRICS = 'c000000000000060';
const PLACED = { z: TAB, x: 100, y: 100 };

for (const generation of [4, 5] as const) {
  describe(`unusual settings in Node-RED ${generation}`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');
    const simulator = useSimulator({ reply: 'framed' });
    let nodeRed: NodeRed;

    before(async () => {
      nodeRed = await startNodeRed({ flows: [], generation });
    });
    after(() => nodeRed?.stop());
    afterEach('the process lives, and nothing is uncaught', () => {
      assert.equal(nodeRed.running, true);
      assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled|TypeError/);
    });

    /** A toggle with its device in a tab that has these variables. */
    const flow = (device: object, env: Record<string, string> = {}): FlowNode[] => [
      {
        id: TAB,
        type: 'tab',
        label: 'settings',
        env: Object.entries(env).map(([name, value]) => ({ name, value, type: 'str' })),
      },
      {
        id: DEVICE,
        type: 'phase0-device',
        z: TAB,
        deviceId: 'lamp-1',
        host: '127.0.0.1',
        port: String(simulator().port),
        ...device,
      },
      { id: TOGGLE, type: 'phase0-toggle', ...PLACED, device: DEVICE, wires: [[], [], []] },
    ];
    const deploy = async (flows: readonly object[]) => {
      nodeRed.clear();
      await nodeRed.deploy(flows);
    };

    for (const value of ['lamp-${N}', '${ N }']) {
      it(`${value} is refused in words and never sent, even if N is known`, async () => {
        await deploy(flow({ deviceId: value }, { N: '7' }));
        const { text = '' } = await nodeRed.waitForStatus(TOGGLE, ({ fill }) => fill === 'red');
        assert.ok(text.startsWith(`deviceId must be text of 1 to 128 characters, not "${value}" (environment`), text);
        await nodeRed.request('POST', `/phase0-toggle/${TOGGLE}/press`);
        await nodeRed.waitForLog(/nothing was sent/);
        assert.equal(simulator().connectionCount, 0);
      });
    }

    it('choices and flags of variables are trimmed, as those of a file with CRLF', async () => {
      const env = { CONNECTION: 'persistent\r', REPLY: ' framed\r\n', LOG: 'true\r' };
      await deploy(flow({ connection: '${CONNECTION}', reply: '${REPLY}', packetLog: '${LOG}' }, env));
      for (let count = 1; count <= 2; count += 1) {
        const packet = once(simulator(), 'packet');
        await nodeRed.request('POST', `/phase0-toggle/${TOGGLE}/press`);
        await packet;
      }
      await nodeRed.waitForLog(/"event":"tcp_packet","direction":"recv"/);
      assert.equal(simulator().connectionCount, 1);
    });

    it('a group takes its members and its pace from variables; one that is not set is refused in words', async () => {
      const group = {
        id: GROUP,
        type: 'phase0-group',
        ...PLACED,
        device: DEVICE,
        members: '${MEMBERS}',
        membersType: 'str',
        state: '',
        stateType: 'on',
        concurrency: '${LIMIT}',
        staggerMs: '${STAGGER}',
        stopOnFailure: '${STOP}',
        wires: [[], [], []],
      };
      const env = { MEMBERS: 'lamp-1, lamp-2\r\n', LIMIT: '1', STAGGER: '5', STOP: ' true\r' };
      const inject = { id: INJECT, type: 'inject', ...PLACED, props: [], wires: [[GROUP]] };
      await deploy([...flow({}, env), group, inject]);
      await nodeRed.inject(INJECT);
      await nodeRed.waitForStatus(GROUP, ({ text = '' }) => /^2 of 2 · \d+ ms$/.test(text));
      assert.deepEqual([...simulator().states.keys()], ['lamp-1', 'lamp-2']);
      const { STAGGER: _, ...others } = env;
      await deploy([...flow({}, others), group, inject]);
      const { text = '' } = await nodeRed.waitForStatus(GROUP, ({ fill }) => fill === 'red');
      assert.match(text, /^staggerMs must be a whole number .+ \(environment variable STAGGER is not set\)$/);
    });

    it("a device that a subflow's text property names, and that is a node of another type: invalid_settings", async () => {
      const template = (device: string): FlowNode[] => [
        {
          id: SUBFLOW,
          type: 'subflow',
          name: 'lamp',
          in: [],
          out: [],
          env: [{ name: 'LAMP', value: '', type: 'str' }],
        },
        { id: TOGGLE, type: 'phase0-toggle', ...PLACED, z: SUBFLOW, device: '${LAMP}', wires: [[], [], []] },
        { id: INJECT, type: 'inject', ...PLACED, props: [], wires: [[]] },
        {
          id: INSTANCE,
          type: `subflow:${SUBFLOW}`,
          ...PLACED,
          wires: [],
          env: [{ name: 'LAMP', value: device, type: 'str' }],
        },
      ];
      const [tab, device] = flow({ z: undefined });
      const inner = `${INSTANCE}-${TOGGLE}`;
      for (const [index, type] of (['full', 'nodes', 'flows'] as const).entries()) {
        nodeRed.clear();
        await nodeRed.deploy(
          [
            tab,
            device,
            { id: 'b000000000000069', type: 'mqtt-broker' },
            ...template(index === 1 ? 'b000000000000069' : INJECT),
          ] as FlowNode[],
          type,
        );
        await nodeRed.waitForStatus(inner, ({ text }) => text === 'no device is chosen, or it is disabled or missing');
        await nodeRed.request('POST', `/phase0-toggle/${inner}/press`);
        await nodeRed.waitForLog(/no device is chosen/);
      }
    });

    for (const path of ['metrics', '/my metrics', '/métriques', '/metrics?all']) {
      it(`a metrics path ${path} is refused in words`, async () => {
        await deploy([flow({})[0] as FlowNode, { id: METRICS, type: 'phase0-metrics', ...PLACED, path, wires: [[]] }]);
        const { fill, text = '' } = await nodeRed.waitForStatus(METRICS, ({ fill: any }) => any !== undefined);
        assert.equal(fill, 'red');
        assert.match(
          text,
          /^path must be a path of at most 200 characters that begins with \/ and has no spaces, .* not "/,
        );
        await nodeRed.waitForLog(/path must be a path/);
      });
    }
  });
}
