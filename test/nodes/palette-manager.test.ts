/** The palette manager: uninstall, install again and upgrade through its HTTP API, without a restart. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { NODE_TYPES } from '../support/node-types';
import { packedTarball, tarballOfVersion } from '../support/packed-package';
import { requires } from '../support/requirements';

const PACKAGE = 'node-red-contrib-phase0';
const TAB = { id: 'f000000000000001', type: 'tab', label: 'test' };
const INJECT = 'a000000000000001';
const CONFIRMED = 'c000000000000001';
const OTHER_NODES: FlowNode[] = [TAB, { id: 'c000000000000009', z: TAB.id, type: 'comment', name: 'no phase0 node' }];

function flowFor(port: number): FlowNode[] {
  const debug = { z: TAB.id, type: 'debug', active: true, tosidebar: true, complete: 'payload', targetType: 'msg' };
  const inject = { props: [{ p: 'payload' }], payload: 'true', payloadType: 'bool' };
  return [
    TAB,
    { id: 'd000000000000001', type: 'phase0-device', deviceId: 'lamp', host: '127.0.0.1', port: String(port) },
    { id: INJECT, type: 'inject', z: TAB.id, ...inject, wires: [['b000000000000001']] },
    {
      id: 'b000000000000001',
      type: 'phase0-toggle',
      z: TAB.id,
      device: 'd000000000000001',
      wires: [[CONFIRMED], [], []],
    },
    { ...debug, id: CONFIRMED, wires: [] },
  ];
}

/** Uploads a tarball, as the editor does. */
async function upload(nodeRed: NodeRed, tarball: string): Promise<void> {
  const form = new FormData();
  form.append('tarball', new Blob([readFileSync(tarball)], { type: 'application/x-gzip' }), basename(tarball));
  const headers = { accept: 'application/json' };
  const response = await fetch(`${nodeRed.url}/nodes`, { method: 'POST', headers, body: form });
  assert.ok(response.ok, `${response.status} ${await response.text()}\n${nodeRed.log()}`);
}

async function assertLoaded(nodeRed: NodeRed): Promise<void> {
  const sets = (await nodeRed.nodes()).filter(({ module }) => module === PACKAGE);
  assert.deepEqual(sets.flatMap(({ types }) => types).toSorted(), NODE_TYPES);
  for (const { id, enabled, err } of sets) assert.deepEqual([enabled, err], [true, undefined], id);
}

function assertNoErrors(nodeRed: NodeRed): void {
  assert.doesNotMatch(nodeRed.log(), /already registered|\[error\]|Uncaught|^\s+at .*phase0/m);
}

function tests(generation: 4 | 5): void {
  const simulator = new DeviceSimulator({ port: 0 });
  let nodeRed: NodeRed;
  let flow: FlowNode[];

  const switches = async () => {
    const before = simulator.receivedPackets.length;
    await nodeRed.inject(INJECT);
    await nodeRed.waitForDebug(({ id }) => id === CONFIRMED);
    assert.equal(simulator.receivedPackets.length, before + 1);
  };

  before(async () => {
    flow = flowFor((await simulator.start()).port);
    // The npm that Node-RED runs takes the dependencies from npm's cache, which `npm ci` filled.
    const env = { npm_config_prefer_offline: 'true' };
    nodeRed = await startNodeRed({ generation, packed: true, flows: flow, env });
  });
  after(async () => {
    await nodeRed?.stop();
    await simulator.close();
  });

  it('refuses to uninstall the package while a flow uses its nodes, which go on', async () => {
    await assert.rejects(nodeRed.request('DELETE', `/nodes/${PACKAGE}`), /400 .*type_in_use/);
    await switches();
  });

  it('uninstalls it while other flows run, and installs it again', async () => {
    await nodeRed.deploy(OTHER_NODES);
    nodeRed.clear();
    await nodeRed.request('DELETE', `/nodes/${PACKAGE}`);
    assert.deepEqual(
      (await nodeRed.nodes()).filter(({ module }) => module === PACKAGE),
      [],
    );
    await upload(nodeRed, packedTarball());
    await assertLoaded(nodeRed);
    await nodeRed.deploy(flow);
    await switches();
    assertNoErrors(nodeRed);
  });

  it('upgrades it in place while its nodes run; they go on until a restart loads the new version', async () => {
    nodeRed.clear();
    await upload(nodeRed, tarballOfVersion('99.0.0'));
    await assertLoaded(nodeRed);
    await switches();
    nodeRed.clear();
    await nodeRed.deploy(flow);
    await switches();
    assertNoErrors(nodeRed);
    const manifest = `${nodeRed.userDir}/node_modules/${PACKAGE}/package.json`;
    assert.equal((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, '99.0.0');
  });
}

describe('the palette manager of Node-RED 4.1', function () {
  this.timeout(180_000);
  tests(4);
});

describe('the palette manager of Node-RED 5 on Node.js 24', function () {
  this.timeout(180_000);
  requires('node24');
  tests(5);
});
