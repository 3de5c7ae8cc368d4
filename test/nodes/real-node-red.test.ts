/** The package as users get it, in Node-RED itself, against a device written from the protocol page alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../support/certificates';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = { id: 'f000000000000001', type: 'tab', label: 'test' };
const DASHBOARD = '@flowfuse/node-red-dashboard';
const REQUEST = /^\{"opcode":"toggle","device_id":"DEVICE123","msg_id":"[0-9a-f]{16}","state":(true|false)\}$/;

/** Answers ACK as a lab device does; knows nothing of our code. */
class LabDevice {
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.serve(socket));

  async start(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 7 || bytes.length < 7 + bytes.readUInt32BE(3)) return;
      assert.equal(bytes.subarray(0, 3).toString('hex'), 'f00d01');
      this.requests.push(bytes.subarray(7).toString());
      if (this.requests.length % 2 === 1) socket.write('ACK');
      else for (const byte of 'ACK') socket.write(byte);
    });
  }
}

function flowFor(port: number): FlowNode[] {
  const debug = { z: TAB.id, type: 'debug', active: true, tosidebar: true, complete: 'payload', targetType: 'msg' };
  return [
    TAB,
    { id: 'd000000000000001', type: 'phase0-device', deviceId: 'DEVICE123', host: '127.0.0.1', port: String(port) },
    {
      id: 'a000000000000001',
      type: 'inject',
      z: TAB.id,
      props: [{ p: 'payload' }],
      payload: 'flip',
      payloadType: 'str',
      wires: [['b000000000000001']],
    },
    {
      id: 'b000000000000001',
      type: 'phase0-toggle',
      z: TAB.id,
      device: 'd000000000000001',
      wires: [['c000000000000001'], ['c000000000000002'], []],
    },
    { ...debug, id: 'c000000000000001', wires: [] },
    { ...debug, id: 'c000000000000002', wires: [] },
  ];
}

async function switchesALabDevice(nodeRed: NodeRed): Promise<void> {
  const device = new LabDevice();
  const port = await device.start();
  try {
    await nodeRed.deploy(flowFor(port));
    await nodeRed.inject('a000000000000001');
    await nodeRed.waitForDebug(({ id }) => id === 'c000000000000001');
    await nodeRed.waitForStatus('b000000000000001', ({ fill }) => fill === 'green');
    nodeRed.clear();
    await nodeRed.inject('a000000000000001');
    await nodeRed.waitForDebug(({ id }) => id === 'c000000000000001');
    assert.equal(device.requests.length, 2);
    for (const request of device.requests) assert.match(request, REQUEST);
  } finally {
    await device.stop();
  }
}

async function installsAndSwitches(generation: 4 | 5): Promise<void> {
  const nodeRed = await startNodeRed({ generation, packed: true });
  try {
    const ours = (await nodeRed.nodes()).filter((set) => set.module === 'node-red-contrib-phase0');
    assert.deepEqual(ours.flatMap(({ types }) => types).toSorted(), [
      'phase0-device',
      'phase0-metrics',
      'phase0-simulator',
      'phase0-toggle',
    ]);
    assert.deepEqual(
      ours.filter(({ enabled, err }) => !enabled || err),
      [],
    );
    await switchesALabDevice(nodeRed);
  } finally {
    assert.equal(await nodeRed.stop(), 0);
  }
}

describe('the packed package in Node-RED 4.1', function () {
  this.timeout(120_000);
  it('installs, loads its four nodes and switches a lab device', () => installsAndSwitches(4));
});

describe('the packed package in Node-RED 5 on Node.js 24', function () {
  this.timeout(120_000);
  requires('node24');
  it('installs, loads its four nodes and switches a lab device', () => installsAndSwitches(5));
});

describe('examples', function () {
  this.timeout(60_000);
  const folder = join(process.cwd(), 'examples');
  const read = (file: string) => ({ file, nodes: JSON.parse(readFileSync(join(folder, file), 'utf8')) as FlowNode[] });
  const alone = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map(read);
  const dashboard = read('dashboard/dashboard.json');
  const examples = [...alone, dashboard];
  const certificates = mkdtempSync(join(tmpdir(), 'phase0-certificates-'));
  const paths = { PHASE0_TLS_CERT: join(certificates, 'lamp.pem'), PHASE0_TLS_KEY: join(certificates, 'lamp-key.pem') };
  let nodeRed: NodeRed;
  let withDashboard: NodeRed;

  before(async () => {
    const { cert, key } = await selfSigned({ names: ['127.0.0.1'] });
    writeFileSync(paths.PHASE0_TLS_CERT, cert);
    writeFileSync(paths.PHASE0_TLS_KEY, key);
    nodeRed = await startNodeRed({ flows: alone.flatMap(({ nodes }) => nodes), env: paths });
    withDashboard = await startNodeRed({ flows: dashboard.nodes, modules: [DASHBOARD] });
  });
  after(async () => {
    await nodeRed?.stop();
    await withDashboard?.stop();
    rmSync(certificates, { recursive: true });
  });

  it('there are at least five in the package, each with a comment that tells what to do', () => {
    assert.ok(alone.length >= 5);
    for (const { file, nodes } of examples)
      assert.ok(
        nodes.some(({ type, info }) => type === 'comment' && info),
        file,
      );
  });

  it('imported all together they share no id and no port, and start without an error', () => {
    const all = examples.flatMap(({ nodes }) => nodes);
    const simulators = all.filter(({ type }) => type === 'phase0-simulator');
    for (const values of [all.map(({ id }) => id), simulators.map(({ port }) => port)]) {
      assert.equal(new Set(values).size, values.length);
    }
    for (const each of [nodeRed, withDashboard]) {
      assert.doesNotMatch(each.log(), /\[(error|warn)\] \[(phase0|ui-)|EADDRINUSE/);
    }
  });

  it('none in the package needs another palette; the note of the dashboard says that it does', () => {
    assert.ok(!alone.some(({ nodes }) => needsDashboard(nodes)));
    const note = dashboard.nodes.find(({ type }) => type === 'comment');
    assert.ok(String(note?.info).includes(DASHBOARD));
  });

  for (const { file, nodes } of examples) {
    it(`${file} confirms a toggle`, async () => {
      const runs = needsDashboard(nodes) ? withDashboard : nodeRed;
      const toggle = nodes.find(({ type }) => type === 'phase0-toggle');
      assert.ok(toggle);
      // Flaky devices may need a few presses; each press is answered before the next one.
      for (let press = 0; press < 20 && !greenOnce(runs, toggle.id); press += 1) {
        const { length } = runs.statuses(toggle.id);
        const button = nodes.find(({ type, name }) => type === 'inject' && name !== 'read');
        assert.ok(button);
        await runs.inject(button.id);
        await runs.waitForStatus(
          toggle.id,
          ({ fill }) => runs.statuses(toggle.id).length > length && (fill === 'green' || fill === 'red'),
        );
      }
      assert.ok(greenOnce(runs, toggle.id));
    });
  }

  it('04-metrics.json serves the metrics through Node-RED', async () => {
    const response = await nodeRed.request('GET', '/phase0/metrics');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await response.text(), /tcp_comm_packet_sent_total\{device_id="pump-1",outcome="success"\} \d/);
  });
});

function greenOnce(nodeRed: NodeRed, id: string): boolean {
  return nodeRed.statuses(id).some(({ fill }) => fill === 'green');
}

function needsDashboard(nodes: readonly FlowNode[]): boolean {
  return nodes.some(({ type }) => type.startsWith('ui-'));
}
