/** `connection: persistent` over real sockets: one connection, many toggles, and what happens to them when it ends. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, type ToggleRequest } from '../../src/protocol/toggle';
import { deviceAt, frame } from '../support/devices';
import { useSimulator } from '../support/fixtures';
import { listen, refusedPort } from '../support/loopback';

const PERSISTENT = { connection: 'persistent', reply: 'framed' } as const;
const ids = (count: number) => Array.from({ length: count }, (_, index) => `lamp-${index}`);

/** A device of the test's own: hears each request, and on which connection it came. */
async function peer(hear: (request: ToggleRequest, socket: Socket) => void) {
  const sockets: Socket[] = [];
  const { port } = await listen((socket) => {
    sockets.push(socket.on('error', () => undefined));
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => decoder.push(chunk, ({ payload }) => hear(decodeToggle(payload), socket)));
  });
  return { port, sockets };
}
const ack = ({ msgId }: ToggleRequest) => frame(`{"opcode":"ack","msg_id":"${msgId}"}`);

describe('a persistent connection', () => {
  const simulator = useSimulator({ reply: 'framed' });

  for (const reply of ['framed', 'auto'] as const) {
    it(`${reply}: serves many lanes over one connection`, async () => {
      const { device } = deviceAt(simulator().port, { ...PERSISTENT, reply });
      for (let round = 0; round < 3; round += 1) {
        const verdicts = await Promise.all(ids(64).map((deviceId) => device.toggle({ deviceId, state: true })));
        assert.deepEqual(new Set(verdicts.map(({ outcome }) => outcome)), new Set(['confirmed']));
      }
      assert.equal(simulator().connectionCount, 1);
      assert.equal(simulator().receivedPackets.length, 192);
    });
  }

  for (const reply of ['any', 'auto'] as const) {
    it(`${reply}, raw: one toggle for each connection, in order`, async () => {
      simulator().reply = 'raw';
      const { device } = deviceAt(simulator().port, {
        ...PERSISTENT,
        reply,
        connectTimeoutMs: 5000,
        ioTimeoutMs: 5000,
      });
      const verdicts = await Promise.all(ids(20).map((deviceId) => device.toggle({ deviceId, state: true })));
      assert.deepEqual(new Set(verdicts.map(({ outcome }) => outcome)), new Set(['confirmed']));
      assert.deepEqual(
        simulator().receivedPackets.map(({ payload }) => payload.device_id),
        ids(20),
      );
      assert.equal(simulator().connectionCount, 20);
    });
  }

  it('opens on first use, and again after closeIdle', async () => {
    const { device } = deviceAt(simulator().port, PERSISTENT);
    assert.equal(simulator().connectionCount, 0);
    await device.toggle({ state: true });
    device.closeIdle();
    await device.toggle({ state: true });
    assert.equal(simulator().connectionCount, 2);
  });

  it('reports its state to every device id that uses it', async () => {
    const { device, states } = deviceAt(simulator().port, PERSISTENT);
    await device.toggle({ deviceId: 'a', state: true });
    await device.toggle({ deviceId: 'b', state: true });
    device.close();
    assert.deepEqual(states, [
      'a disconnected',
      'a connecting',
      'a connected',
      'b connected',
      'a disconnected',
      'b disconnected',
    ]);
  });

  it('reopens by itself after a loss, and goes on', async () => {
    const { device, states } = deviceAt(simulator().port, { ...PERSISTENT, maxAttempts: 5, backoffBaseMs: 20 });
    await device.toggle({ state: true });
    await simulator().setMode('reject');
    const waiting = device.toggle({ state: true });
    await simulator().setMode('success');
    assert.equal((await waiting).outcome, 'confirmed');
    assert.ok(states.some((state) => state.endsWith('reconnecting')));
    assert.equal(simulator().openConnections, 1);
  });

  it('fails waiting toggles as soon as a connect fails', async () => {
    const { device } = deviceAt(await refusedPort(), { ...PERSISTENT, maxAttempts: 1, connectTimeoutMs: 5000 });
    const [one, other] = await Promise.all(ids(2).map((deviceId) => device.toggle({ deviceId, state: true })));
    for (const verdict of [one, other])
      assert.equal(`${verdict?.outcome}/${verdict?.reason}`, 'failed/connection_failed');
    assert.match(one?.error ?? '', /ECONNREFUSED/);
    assert.ok((one?.elapsedMs ?? 0) < 1000);
  });

  it('a new toggle does not wait for the end of a long back-off', async () => {
    const patient = {
      ...PERSISTENT,
      maxAttempts: 1,
      backoffBaseMs: 600_000,
      backoffMaxMs: 600_000,
      connectTimeoutMs: 5000,
    };
    const { device } = deviceAt(simulator().port, patient);
    await simulator().setMode('reject');
    assert.equal((await device.toggle({ state: true })).reason, 'connection_failed');
    await simulator().setMode('success');
    const verdict = await device.toggle({ state: true });
    assert.equal(verdict.outcome, 'confirmed');
    assert.ok(verdict.elapsedMs < 2000, `${verdict.elapsedMs} ms`);
  });

  it('frees everything when it is closed, also while reopening', async () => {
    const { device } = deviceAt(await refusedPort(), {
      ...PERSISTENT,
      maxAttempts: 1,
      backoffBaseMs: 600_000,
      backoffMaxMs: 600_000,
    });
    await device.toggle({ state: true });
    const waiting = device.toggle({ state: true });
    device.close();
    assert.equal((await waiting).reason, 'closed');
  });
});

describe('replies over a persistent connection', () => {
  it('settle their own toggle, in any order', async () => {
    const requests: ToggleRequest[] = [];
    const { port, sockets } = await peer((request, socket) => {
      requests.push(request);
      if (requests.length === 8) for (const each of requests.toReversed()) socket.write(ack(each));
    });
    const { device } = deviceAt(port, PERSISTENT);
    const verdicts = await Promise.all(ids(8).map((deviceId) => device.toggle({ deviceId, state: true })));
    assert.ok(verdicts.every(({ outcome }) => outcome === 'confirmed'));
    assert.equal(sockets.length, 1);
  });

  it('that come late settle the next attempt, also over the connection given up', async () => {
    let first: { request: ToggleRequest; socket: Socket } | undefined;
    const { port, sockets } = await peer((request, socket) => {
      if (first) first.socket.write(ack(request));
      else first = { request, socket };
    });
    const { device } = deviceAt(port, PERSISTENT);
    const verdict = await device.toggle({ state: true });
    assert.equal(`${verdict.outcome} ${verdict.attempts}`, 'confirmed 2');
    assert.equal(sockets.length, 2);
  });

  it('for no waiting toggle are counted and skipped', async () => {
    const { port } = await peer((request, socket) => {
      socket.write(ack({ ...request, msgId: 'ffff' }));
      socket.write(ack(request));
    });
    const { device, decodeErrors } = deviceAt(port, PERSISTENT);
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    assert.deepEqual(decodeErrors, ['msg_id_mismatch']);
  });

  it('one silent device behind it does not delay the others', async () => {
    const { port, sockets } = await peer((request, socket) => {
      if (request.deviceId !== 'lamp-0') socket.write(ack(request));
    });
    const { device } = deviceAt(port, { ...PERSISTENT, maxAttempts: 1 });
    const silent = device.toggle({ deviceId: 'lamp-0', state: true });
    const running = Symbol('running');
    while ((await Promise.race([silent, Promise.resolve(running)])) === running) {
      const { outcome, attempts } = await device.toggle({ deviceId: 'lamp-1', state: true });
      assert.equal(`${outcome} ${attempts}`, 'confirmed 1');
    }
    assert.equal((await silent).reason, 'timeout');
    assert.equal(sockets.length, 1);
  });

  it('that are garbage end the connection, and all its toggles are retried', async () => {
    let bad = true;
    const { port, sockets } = await peer((request, socket) => {
      socket.write(bad ? 'garbage' : ack(request));
      bad = false;
    });
    const { device, decodeErrors } = deviceAt(port, PERSISTENT);
    const verdicts = await Promise.all(ids(3).map((deviceId) => device.toggle({ deviceId, state: true })));
    assert.ok(verdicts.every(({ outcome }) => outcome === 'confirmed'));
    assert.deepEqual(decodeErrors, ['bad_magic']);
    assert.equal(sockets.length, 2);
  });

  it('raw: a late one never passes for the reply to the next toggle', async () => {
    const heard: Socket[] = [];
    const { port, sockets } = await peer((_request, socket) => {
      heard.push(socket);
      if (heard.length === 2) heard[0]?.write('ACK');
    });
    const { device } = deviceAt(port, { ...PERSISTENT, reply: 'any', maxAttempts: 1 });
    assert.equal((await device.toggle({ state: true })).reason, 'timeout');
    assert.equal((await device.toggle({ state: true })).reason, 'timeout');
    assert.equal(sockets.length, 2);
  });

  it('raw: the rest of a reply never passes for the reply to the next toggle', async () => {
    let count = 0;
    const { port } = await peer((_request, socket) => {
      count += 1;
      if (count > 1) return;
      socket.write('O');
      setTimeout(() => socket.write('K'), 10);
    });
    const { device } = deviceAt(port, { ...PERSISTENT, reply: 'any', maxAttempts: 1 });
    const [one, other] = await Promise.all(ids(2).map((deviceId) => device.toggle({ deviceId, state: true })));
    assert.equal(one?.outcome, 'confirmed');
    assert.equal(other?.reason, 'timeout');
  });

  it('the same msg_id for two devices: one after the other', async () => {
    let inFlight = 0;
    const { port } = await peer((request, socket) => {
      inFlight += 1;
      assert.equal(inFlight, 1);
      setImmediate(() => {
        inFlight -= 1;
        socket.write(ack(request));
      });
    });
    const { device } = deviceAt(port, PERSISTENT);
    const verdicts = await Promise.all(
      ids(5).map((deviceId) => device.toggle({ deviceId, state: true, msgId: 'scene' })),
    );
    assert.ok(verdicts.every(({ outcome }) => outcome === 'confirmed'));
  });
});
