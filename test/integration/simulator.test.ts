import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { decodeReply, encodeToggle } from '../../src/protocol/toggle';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { useSimulator } from '../support/fixtures';

const request = (msgId: string, state = true) => encodeToggle({ deviceId: 'lamp', msgId, state });

describe('simulated device', () => {
  const simulator = useSimulator({ delayMs: 10 });
  const sockets: Socket[] = [];

  const dial = async (): Promise<Socket> => {
    const socket = connect(simulator().port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('answers ACK, records the packet, keeps the state', async () => {
    const socket = await dial();
    socket.write(request('m1'));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(reply.toString(), 'ACK');
    const [packet] = simulator().receivedPackets;
    assert.equal(packet?.magic, 0xf00d);
    assert.equal(packet?.version, 1);
    assert.equal(packet?.payload.opcode, 'toggle');
    assert.equal(packet?.raw.toString('hex'), request('m1').toString('hex'));
    assert.equal(simulator().states.get('lamp'), true);
  });

  it('takes requests byte by byte, and several in one chunk', async () => {
    const socket = await dial();
    socket.setNoDelay(true);
    for (const byte of request('m1')) socket.write(Buffer.of(byte));
    await once(simulator(), 'packet');
    socket.write(Buffer.concat([request('m2'), request('m3', false)]));
    while (simulator().receivedPackets.length < 3) await once(simulator(), 'packet');
    assert.deepEqual(
      simulator().receivedPackets.map(({ payload }) => payload.msg_id),
      ['m1', 'm2', 'm3'],
    );
    assert.equal(simulator().states.get('lamp'), false);
  });

  it('carries a repeated msg_id out once, and answers it again', async () => {
    const socket = await dial();
    for (let time = 0; time < 2; time += 1) {
      socket.write(request('m1'));
      await once(socket, 'data');
    }
    assert.equal(simulator().appliedCount, 1);
    assert.deepEqual(
      simulator().receivedPackets.map(({ repeated }) => repeated),
      [false, true],
    );
  });

  it('framed: acknowledges with the state', async () => {
    simulator().reply = 'framed';
    const socket = await dial();
    socket.write(request('m1', false));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.deepEqual(decodeReply(reply.subarray(7)), { kind: 'ack', msgId: 'm1', state: false });
  });

  it('nack: refuses, and does not switch', async () => {
    await simulator().setMode('nack');
    const socket = await dial();
    socket.write(request('m1'));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(decodeReply(reply.subarray(7)).kind, 'nack');
    assert.equal(simulator().states.size, 0);
  });

  it('disconnect: closes without reading', async () => {
    await simulator().setMode('disconnect');
    const socket = await dial();
    socket.resume();
    await once(socket, 'close');
    assert.equal(simulator().receivedPackets.length, 0);
  });

  it('reject: the port is closed while the mode lasts, and is the same afterwards', async () => {
    const { port } = simulator();
    await simulator().setMode('reject');
    await assert.rejects(dial(), { code: 'ECONNREFUSED' });
    await simulator().setMode('success');
    assert.equal(simulator().port, port);
    await dial();
  });

  it('reject: a port that was taken meanwhile is reported', async () => {
    await simulator().setMode('reject');
    const thief = createServer().listen(simulator().port, '127.0.0.1');
    await once(thief, 'listening');
    await assert.rejects(simulator().setMode('success'), { code: 'EADDRINUSE' });
    thief.close();
  });

  it('rejects just the next connection', async () => {
    simulator().rejectNextConnection();
    const first = connect(simulator().port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => first.once('close', resolve));
    const second = await dial();
    second.write(request('m1'));
    await once(second, 'data');
    assert.equal(simulator().connectionCount, 2);
  });

  it('flaky: fails by its seed, the same way each time, and by the rate', async () => {
    const outcomes = async (seed: number): Promise<string> => {
      const flaky = new DeviceSimulator({ port: 0, mode: 'flaky', failureRate: 0.5, seed });
      const { port } = await flaky.start();
      let seen = '';
      for (let index = 0; index < 20; index += 1) {
        const socket = connect(port, '127.0.0.1');
        socket.write(request(`m${index}`));
        seen += await Promise.race([once(socket, 'data').then(() => '1'), once(socket, 'end').then(() => '0')]);
        socket.destroy();
      }
      await flaky.close();
      return seen;
    };
    const first = await outcomes(7);
    assert.equal(await outcomes(7), first);
    assert.match(first, /0/);
    assert.match(first, /1/);
  });

  it('hostile bytes end their connection and nothing else', async () => {
    for (const bytes of ['00', 'f00d01ffffffff', 'f00d01000000025b5d']) {
      const socket = await dial();
      const malformed = once(simulator(), 'malformed');
      const closed = once(socket.resume(), 'close');
      socket.write(Buffer.from(bytes, 'hex'));
      const [error] = (await malformed) as [Error];
      assert.match(error.name, /ProtocolError/);
      await closed;
    }
    const socket = await dial();
    socket.write(request('m1'));
    await once(socket, 'data');
  });

  it('leaves nothing open when closed', async () => {
    await simulator().setMode('delay');
    simulator().delayMs = 60_000;
    const socket = await dial();
    socket.resume();
    socket.write(request('m1'));
    await once(simulator(), 'packet');
    await simulator().close();
    await simulator().close();
    assert.equal(simulator().openConnections, 0);
  });
});
