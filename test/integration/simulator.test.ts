import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeFrame } from '../../src/protocol/frame';
import { decodeReply, encodeToggle } from '../../src/protocol/toggle';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Mode } from '../../src/settings/simulator';
import { selfSigned } from '../support/certificates';
import { useSimulator } from '../support/fixtures';

const request = (msgId: string, state = true) => encodeToggle({ deviceId: 'lamp', msgId, state });
const ACK_BYTES = 7 + '{"opcode":"ack","msg_id":"m1","state":true}'.length;

describe('simulated device', () => {
  const simulator = useSimulator({ delayMs: 10 });
  const sockets: Socket[] = [];

  const connectTo = async (): Promise<Socket> => {
    const socket = connect(simulator().port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('answers ACK, records the packet, keeps the state', async () => {
    const socket = await connectTo();
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
    const socket = await connectTo();
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

  it('executes a repeated msg_id once, and replies to it again', async () => {
    const socket = await connectTo();
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
    const socket = await connectTo();
    socket.write(request('m1', false));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.deepEqual(decodeReply(reply.subarray(7)), { kind: 'ack', msgId: 'm1', state: false });
  });

  it('nack: refuses, and does not switch', async () => {
    await simulator().setMode('nack');
    const socket = await connectTo();
    socket.write(request('m1'));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(decodeReply(reply.subarray(7)).kind, 'nack');
    assert.equal(simulator().states.size, 0);
  });

  it('delay: replies after delayMs, no sooner', async () => {
    await simulator().setMode('delay');
    simulator().delayMs = 40;
    const socket = await connectTo();
    socket.write(request('m1'));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    // Timers count whole milliseconds of a clock that may have begun one before.
    assert.ok(performance.now() - (simulator().receivedPackets[0]?.at ?? Infinity) >= 39);
    assert.equal(reply.toString(), 'ACK');
  });

  it('timeout: switches, and never replies', async () => {
    await simulator().setMode('timeout');
    const socket = await connectTo();
    let heard = 0;
    socket.on('data', ({ length }) => (heard += length));
    socket.write(request('m1'));
    await once(simulator(), 'packet');
    assert.equal(simulator().states.get('lamp'), true);
    // The reply to a later packet would come after one to the first.
    await simulator().setMode('success');
    socket.write(request('m2'));
    await once(socket, 'data');
    assert.equal(heard, 'ACK'.length);
  });

  it('garbage: begins like a frame but is not one', async () => {
    await simulator().setMode('garbage');
    const socket = await connectTo();
    socket.write(request('m1'));
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(reply.subarray(0, 2).toString('hex'), 'f00d');
    assert.notEqual(reply[2], 1);
  });

  it('drip: the reply byte by byte, and two replies do not mix', async () => {
    await simulator().setMode('drip');
    simulator().delayMs = 1;
    simulator().reply = 'framed';
    const socket = await connectTo();
    const chunks: Buffer[] = [];
    const replies = () => Buffer.concat(chunks);
    socket.write(Buffer.concat([request('m1'), request('m2')]));
    while (replies().length < 2 * ACK_BYTES) chunks.push(((await once(socket, 'data')) as [Buffer])[0]);
    assert.ok(chunks.length > 2, `came in ${chunks.length} pieces`);
    assert.deepEqual(decodeReply(replies().subarray(7, ACK_BYTES)), { kind: 'ack', msgId: 'm1', state: true });
    assert.deepEqual(decodeReply(replies().subarray(ACK_BYTES + 7)), { kind: 'ack', msgId: 'm2', state: true });
  });

  for (const [reply, half, length] of [
    ['framed', 'f00d01', ACK_BYTES / 2],
    ['raw', '41', 1],
  ] as const) {
    it(`truncate: half a ${reply} reply, then closes, and looks at nothing more`, async () => {
      await simulator().setMode('truncate');
      simulator().reply = reply;
      const socket = await connectTo();
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.write(Buffer.concat([request('m1'), request('m2')]));
      await once(socket, 'end');
      const received = Buffer.concat(chunks);
      assert.equal(received.length, length);
      assert.equal(received.subarray(0, 3).toString('hex'), half);
      assert.equal(simulator().receivedPackets.length, 1);
    });
  }

  it('flaky: a packet that fails switches nothing and gets no reply', async () => {
    await simulator().setMode('flaky');
    simulator().failureRate = 1;
    const socket = await connectTo();
    let heard = 0;
    socket.on('data', ({ length }) => (heard += length));
    socket.write(request('m1'));
    await once(socket, 'end');
    assert.equal(heard, 0);
    assert.equal(simulator().receivedPackets.length, 1);
    assert.equal(simulator().appliedCount, 0);
  });

  it('disconnect: closes without reading', async () => {
    await simulator().setMode('disconnect');
    const socket = await connectTo();
    socket.resume();
    await once(socket, 'close');
    assert.equal(simulator().receivedPackets.length, 0);
  });

  it('reject: the port is closed while the mode lasts, and is the same afterwards', async () => {
    const { port } = simulator();
    await simulator().setMode('reject');
    await assert.rejects(connectTo(), { code: 'ECONNREFUSED' });
    await simulator().setMode('success');
    assert.equal(simulator().port, port);
    await connectTo();
  });

  it('reject: a port that was taken meanwhile is reported', async () => {
    await simulator().setMode('reject');
    const thief = createServer().listen(simulator().port, '127.0.0.1');
    await once(thief, 'listening');
    await assert.rejects(simulator().setMode('success'), { code: 'EADDRINUSE' });
    const errors: unknown[] = [];
    simulator().on('error', (error) => errors.push(error));
    const rejection = await simulator()
      .setMode('success')
      .catch((error: unknown) => error);
    assert.deepEqual(errors, [rejection]);
    thief.close();
    await once(thief, 'close');
    await simulator().setMode('success');
    await connectTo();
  });

  it('reject: closes what is connected', async () => {
    const socket = await connectTo();
    const closed = once(socket.resume(), 'close');
    await simulator().setMode('reject');
    await closed;
    assert.equal(simulator().openConnections, 0);
  });

  it('numbers connections as they are accepted, over TLS too', async () => {
    const secure = new DeviceSimulator({ port: 0, tls: await selfSigned({ names: ['127.0.0.1'] }) });
    const { port } = await secure.start();
    const clients = [1, 2, 3].map((each) => {
      const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      client.on('error', () => undefined).on('secureConnect', () => client.write(request(`m${each}`)));
      return client;
    });
    while (secure.receivedPackets.length < 3) await once(secure, 'packet');
    const numbers = secure.receivedPackets.map(({ connection }) => connection);
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      [1, 2, 3],
    );
    for (const client of clients) client.destroy();
    await secure.close();
  });

  it('rejects just the next connection', async () => {
    simulator().rejectNextConnection();
    const first = connect(simulator().port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => first.once('close', resolve));
    const second = await connectTo();
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
      const socket = await connectTo();
      const malformed = once(simulator(), 'malformed');
      const closed = once(socket.resume(), 'close');
      socket.write(Buffer.from(bytes, 'hex'));
      const [error] = (await malformed) as [Error];
      assert.match(error.name, /ProtocolError/);
      await closed;
    }
    const socket = await connectTo();
    socket.write(request('m1'));
    await once(socket, 'data');
  });

  it('refuses JSON so deep that listeners would overflow', async () => {
    const socket = await connectTo();
    const malformed = once(simulator(), 'malformed');
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    socket.write(encodeFrame(`{"opcode":"toggle","device_id":"lamp","msg_id":"m1","state":true,"x":${deep}}`));
    const [error] = (await malformed) as [{ reason: string }];
    assert.equal(error.reason, 'bad_message');
    assert.equal(simulator().appliedCount, 0);
  });

  it('a peer that leaves inside a frame is malformed, one that leaves between frames is not', async () => {
    const reasons: string[] = [];
    simulator().on('malformed', ({ reason }) => reasons.push(reason));
    for (const bytes of [request('m1'), request('m2').subarray(0, 9)]) {
      const socket = await connectTo();
      const closed = once(socket.resume(), 'close');
      socket.end(bytes);
      await closed;
    }
    assert.deepEqual(reasons, ['truncated']);
  });

  it('goes on when its listeners throw or reject, with a warning', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    for (const name of ['packet', 'mode', 'malformed'] as const) {
      simulator().on(name, () => Promise.reject(new Error(`rejecting ${name}`)) as never);
      simulator().on(name, () => {
        throw new Error(`throwing ${name}`);
      });
    }
    await simulator().setMode('success');
    const hostile = await connectTo();
    hostile.write('hello');
    await once(hostile.resume(), 'close');
    const socket = await connectTo();
    socket.write(request('m1'));
    await once(socket, 'data');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    const expected = ['packet', 'mode', 'malformed'].flatMap((name) => [`rejecting ${name}`, `throwing ${name}`]);
    assert.deepEqual(warnings.toSorted(), expected.toSorted());
  });

  it('refuses options and modes that are none', async () => {
    assert.throws(() => new DeviceSimulator({ port: -1 }), /port must be/);
    await assert.rejects(simulator().setMode('sleepy' as Mode), /mode must be/);
    assert.equal(simulator().mode, 'success');
  });

  it('a second start does nothing', async () => {
    const { port } = simulator();
    assert.equal((await simulator().start()).port, port);
    await simulator().close();
    await assert.rejects(connectTo(), { code: 'ECONNREFUSED' });
  });

  it('closes a port that is about to open', async () => {
    await simulator().setMode('reject');
    const opening = simulator().setMode('success');
    const refusing = simulator().setMode('reject');
    await Promise.all([opening, refusing]);
    await assert.rejects(connectTo(), { code: 'ECONNREFUSED' });

    const mayOpen = once(simulator(), 'listening');
    const reopening = simulator().setMode('success');
    await mayOpen;
    await Promise.all([reopening, simulator().close()]);
    await assert.rejects(connectTo(), { code: 'ECONNREFUSED' });

    const starting = simulator().start();
    await Promise.all([starting, simulator().close()]);
    await assert.rejects(connectTo(), { code: 'ECONNREFUSED' });
  });

  it('keeps the newest 10,000 packets', async () => {
    const socket = await connectTo();
    socket.resume();
    const all = Array.from({ length: 10_001 }, (_, index) => request(`m${index}`));
    socket.write(Buffer.concat(all));
    while (simulator().appliedCount < all.length) await once(simulator(), 'packet');
    assert.equal(simulator().receivedPackets.length, 10_000);
    assert.equal(simulator().receivedPackets[0]?.payload.msg_id, 'm1');
  });

  it('keeps large packets and long device ids only as far as they fit, the newest last', async () => {
    const socket = await connectTo();
    socket.resume();
    const count = 400;
    const long = 'x'.repeat(60_000);
    for (let index = 0; index < count; index += 1) {
      socket.write(encodeToggle({ deviceId: `${index}-${long}`, msgId: 'm1', state: true }));
    }
    while (simulator().appliedCount < count) await once(simulator(), 'packet');
    const { receivedPackets, states } = simulator();
    assert.ok(receivedPackets.length < 100 && states.size < 100, `${receivedPackets.length}, ${states.size}`);
    assert.equal(receivedPackets.at(-1)?.payload.device_id, `${count - 1}-${long}`);
    assert.equal(states.get(`${count - 1}-${long}`), true);
  });

  it('stops reading from a client that does not read, and goes on when it does', async () => {
    simulator().reply = 'framed';
    const socket = await connectTo();
    socket.pause();
    const count = 400;
    const long = 'x'.repeat(60_000);
    const sent = new Promise<unknown>((resolve) => {
      for (let index = 1; index <= count; index += 1) {
        const packet = encodeToggle({ deviceId: 'lamp', msgId: `${index}-${long}`, state: true });
        socket.write(packet, index === count ? resolve : undefined);
      }
    });
    // Connections take turns: what the device reads of the first one, it has read when this one was served so often.
    const other = await connectTo();
    for (let index = 0; index < 100; index += 1) {
      other.write(encodeToggle({ deviceId: 'other', msgId: `o${index}`, state: true }));
      await once(other, 'data');
    }
    const ofOther = 100;
    const applied = simulator().appliedCount - ofOther;
    assert.ok(applied < count, `${applied} of ${count}`);
    socket.resume();
    await sent;
    while (simulator().appliedCount < count + ofOther) await once(simulator(), 'packet');
  });

  it('leaves nothing open when closed', async () => {
    await simulator().setMode('delay');
    simulator().delayMs = 60_000;
    const socket = await connectTo();
    socket.resume();
    socket.write(request('m1'));
    await once(simulator(), 'packet');
    await simulator().close();
    await simulator().close();
    assert.equal(simulator().openConnections, 0);
  });
});
