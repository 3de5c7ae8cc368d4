/** The package as users get it, in Node-RED itself, against a device written from the protocol page alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { NODE_TYPES } from '../support/node-types';
import { requires } from '../support/requirements';

const TAB = { id: 'f000000000000001', type: 'tab', label: 'test' };
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
    assert.deepEqual(ours.flatMap(({ types }) => types).toSorted(), NODE_TYPES);
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
  it('installs, loads its seven nodes and switches a lab device', () => installsAndSwitches(4));
});

describe('the packed package in Node-RED 5 on Node.js 24', function () {
  this.timeout(120_000);
  requires('node24');
  it('installs, loads its seven nodes and switches a lab device', () => installsAndSwitches(5));
});
