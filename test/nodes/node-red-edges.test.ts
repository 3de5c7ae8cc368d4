/** Unusual flows in a real Node-RED: wrong references, numbers for text, subflows that go, a busy metrics port. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

/** Node-RED takes a node without a position for a config node. */
const PLACED = { z: 'f000000000000050', x: 100, y: 100 };
const TAB = PLACED.z;
const DEVICE = 'd000000000000050';
const TOGGLE = 'b000000000000050';
const INJECT = 'a000000000000050';
const FAILURE = 'c000000000000050';
const SUBFLOW = 'f000000000000051';
const INSTANCE = 'e000000000000051';
const INNER_DEVICE = 'd000000000000051';
const INNER_TOGGLE = 'b000000000000051';

for (const generation of [4, 5] as const) {
  describe(`unusual flows in Node-RED ${generation}`, function () {
    this.timeout(60_000);
    if (generation === 5) requires('node24');
    let simulator: DeviceSimulator;
    let nodeRed: NodeRed;
    let port: number;
    let metricsPort: number;

    before(async () => {
      simulator = new DeviceSimulator({ port: 0 });
      ({ port } = await simulator.start());
      metricsPort = await refusedPort();
      nodeRed = await startNodeRed({ flows: flow(), generation });
    });
    after(async () => {
      await nodeRed?.stop();
      await simulator.close();
    });
    afterEach('the process lives, and nothing is uncaught', () => {
      assert.equal(nodeRed.running, true);
      assert.doesNotMatch(nodeRed.log(), /[Uu]ncaught|[Uu]nhandled|TypeError/);
    });

    function flow(toggle: object = {}, ...more: FlowNode[]): FlowNode[] {
      return [
        { id: TAB, type: 'tab', label: 'edges', env: [{ name: 'LAMP', value: '42', type: 'num' }] },
        { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-1', host: '127.0.0.1', port: String(port) },
        {
          id: INJECT,
          type: 'inject',
          ...PLACED,
          props: [{ p: 'payload' }],
          payload: 'true',
          payloadType: 'bool',
          wires: [[TOGGLE]],
        },
        { id: TOGGLE, type: 'phase0-toggle', ...PLACED, device: DEVICE, wires: [[], [FAILURE], []], ...toggle },
        {
          id: FAILURE,
          type: 'debug',
          ...PLACED,
          active: true,
          tosidebar: true,
          complete: 'phase0',
          targetType: 'msg',
          wires: [],
        },
        { id: 'e000000000000050', type: 'phase0-metrics', ...PLACED, port: String(metricsPort), wires: [[]] },
        ...more,
      ];
    }
    const failure = async () => {
      await nodeRed.inject(INJECT);
      const { value } = await nodeRed.waitForDebug(({ id }) => id === FAILURE);
      return value as { outcome: string; reason: string; error: string; deviceId: string };
    };
    /** A deploy restarts the endpoint: it listens some time after the deploy was answered, a retry of the port included. */
    const metrics = async (): Promise<string> => {
      const until = performance.now() + 15_000;
      for (;;) {
        try {
          return await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
        } catch (error) {
          if (performance.now() > until) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };

    for (const other of [INJECT, FAILURE, TAB, TOGGLE, 'no-such-node', 17]) {
      it(`a device that names ${JSON.stringify(other)}: invalid_settings, also at the next deploy`, async () => {
        await nodeRed.deploy(flow({ device: other }));
        nodeRed.clear();
        const verdict = await failure();
        assert.deepEqual([verdict.outcome, verdict.reason], ['dropped', 'invalid_settings']);
        for (const type of ['nodes', 'flows', 'full'] as const) {
          await nodeRed.deploy(flow({ device: other, name: type }), type);
        }
        await nodeRed.deploy(flow());
      });
    }

    it('takes numeric ids and names as text', async () => {
      const device = { type: 'phase0-device', host: '127.0.0.1', port, name: 5 };
      const toggle = { type: 'phase0-toggle', ...PLACED, name: 6, wires: [[], [FAILURE], []] };
      await nodeRed.deploy(
        flow(
          {},
          { ...device, id: 'd000000000000052', deviceId: 17 },
          { ...toggle, id: 'b000000000000052', device: 'd000000000000052' },
          { ...device, id: 'd000000000000053', z: TAB, deviceId: '${LAMP}' },
          { ...toggle, id: 'b000000000000053', device: 'd000000000000053' },
        ),
      );
      for (const [toggleId, deviceId] of [
        ['b000000000000052', '17'],
        ['b000000000000053', '42'],
      ] as const) {
        const packet = once(simulator, 'packet') as Promise<[{ payload: { device_id: string } }]>;
        await nodeRed.request('POST', `/phase0-toggle/${toggleId}/press`);
        const [{ payload }] = await packet;
        assert.equal(payload.device_id, deviceId);
      }
    });

    it('drops an invalid device id, and creates no series for it', async () => {
      for (const [value, type] of [
        ['undefined', 'jsonata'],
        ['null', 'jsonata'],
        ['{"a": 1}', 'jsonata'],
        ['true', 'jsonata'],
        ['"  "', 'jsonata'],
        ['missing', 'msg'],
      ]) {
        await nodeRed.deploy(flow({ deviceId: value, deviceIdType: type }));
        nodeRed.clear();
        const { outcome, reason, error, deviceId } = await failure();
        assert.deepEqual([outcome, reason, deviceId], ['dropped', 'invalid_settings', 'lamp-1'], value);
        assert.match(error, /^deviceId (must be|is required)/);
      }
      const ids = new Set(Array.from((await metrics()).matchAll(/device_id="([^"]*)"/g), ([, id]) => id));
      for (const id of ['undefined', 'null', '[object Object]', 'true', '']) assert.equal(ids.has(id), false, id);
    });

    it('trims a device id of a message, and takes a number as text', async () => {
      for (const [expression, sent] of [
        ['" lamp-9\\n"', 'lamp-9'],
        ['17', '17'],
      ] as const) {
        await nodeRed.deploy(flow({ deviceId: expression, deviceIdType: 'jsonata' }));
        const packet = once(simulator, 'packet') as Promise<[{ payload: { device_id: string } }]>;
        await nodeRed.inject(INJECT);
        const [{ payload }] = await packet;
        assert.equal(payload.device_id, sent);
      }
    });

    it('drops the series of a device in a subflow with the deploy that drops the instance', async () => {
      const template: FlowNode[] = [
        { id: SUBFLOW, type: 'subflow', name: 'lamp', in: [], out: [] },
        {
          id: INNER_DEVICE,
          type: 'phase0-device',
          z: SUBFLOW,
          deviceId: 'in-subflow',
          host: '127.0.0.1',
          port: String(port),
        },
        { id: INNER_TOGGLE, type: 'phase0-toggle', ...PLACED, z: SUBFLOW, device: INNER_DEVICE, wires: [[], [], []] },
      ];
      const instance = { id: INSTANCE, type: `subflow:${SUBFLOW}`, ...PLACED, wires: [] };
      for (const type of ['nodes', 'flows', 'full'] as const) {
        await nodeRed.deploy(flow({}, ...template, instance));
        const packet = once(simulator, 'packet');
        await nodeRed.request('POST', `/phase0-toggle/${INSTANCE}-${INNER_TOGGLE}/press`);
        await packet;
        await nodeRed
          .waitForStatus(`${INSTANCE}-${INNER_TOGGLE}`, ({ fill }) => fill === 'green')
          .catch(() => undefined);
        await nodeRed.deploy(flow({ name: type }, ...template, instance), type);
        assert.match(await metrics(), /device_id="in-subflow"/, 'kept across a deploy');
        await nodeRed.deploy(flow({}, ...template), type);
        assert.doesNotMatch(await metrics(), /device_id="in-subflow"/, type);
      }
    });

    it('forgets what an inventory in a subflow has read with the deploy that drops the instance', async () => {
      const devices = [{ device_id: 'row-in-subflow', host: '127.0.0.1', port }];
      const template: FlowNode[] = [
        { id: SUBFLOW, type: 'subflow', name: 'lamp', in: [], out: [] },
        { id: INNER_DEVICE, type: 'phase0-inventory', z: SUBFLOW, source: 'table', devices },
      ];
      const instance = { id: INSTANCE, type: `subflow:${SUBFLOW}`, ...PLACED, wires: [] };
      const rows = async () => {
        const answer = await nodeRed.request('POST', `/phase0-inventory/${INSTANCE}-${INNER_DEVICE}/reading`);
        return ((await answer.json()) as { rows: number }).rows;
      };
      for (const type of ['nodes', 'flows', 'full'] as const) {
        await nodeRed.deploy(flow({}, ...template, instance));
        await nodeRed.deploy(flow({ name: type }, ...template, instance), type);
        assert.equal(await rows(), 1, 'kept across a deploy');
        await nodeRed.deploy(flow({}, ...template), type);
        assert.equal(await rows(), 0, type);
      }
    });

    it('warns once of a busy metrics port, and again only after a change', async () => {
      const squatter = createServer().listen(0, '127.0.0.1');
      await once(squatter, 'listening');
      const busy = (squatter.address() as AddressInfo).port;
      nodeRed.clear();
      const node = { id: 'e000000000000055', type: 'phase0-metrics', ...PLACED, port: String(busy), wires: [[]] };
      await nodeRed.deploy(flow({}, node));
      await nodeRed.waitForLog(/EADDRINUSE/);
      // The port is tried again after 5 s.
      await new Promise((resolve) => setTimeout(resolve, 5500));
      assert.equal(nodeRed.log().match(/EADDRINUSE/g)?.length, 1);
      await new Promise((resolve) => squatter.close(resolve));
      await nodeRed.waitForStatus(node.id, ({ fill }) => fill === 'green');
    });
  });
}
