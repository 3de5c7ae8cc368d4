/** Devices as users met them: one connection at a time, a close after each reply, two addresses behind a name. */
import assert from 'node:assert/strict';
import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mock } from 'node:test';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Verdict } from '../../src/verdict';
import { deviceAt, frame } from '../support/devices';
import { blackHole, listen, refusedPort } from '../support/loopback';

/** The socket stays open this long after the client has ended it: longer than the next toggle takes to begin. */
const CLOSING_MS = 30;

const opened: (() => void)[] = [];
const msgIdIn = (request: Buffer) => JSON.parse(request.subarray(7).toString()).msg_id as string;

/** A device that refuses a second connection while it has one. */
async function oneAtATime(): Promise<number> {
  const port = await refusedPort();
  let isOver = false;
  const accept = async (): Promise<void> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      // Calls back once this connection has ended.
      server.close(() => isOver || void accept());
      socket.on('error', () => undefined).on('data', () => socket.write('ACK'));
      socket.on('end', () => setTimeout(() => socket.end(), CLOSING_MS));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    opened.push(() => server.close());
  };
  await accept();
  opened.push(() => (isOver = true));
  return port;
}

afterEach(() => {
  mock.restoreAll();
  for (const close of opened.splice(0)) close();
});

describe('a device that takes one connection at a time', () => {
  const settings = { ioTimeoutMs: 2000, connectTimeoutMs: 2000 };

  it('serves 8 toggles in a row without a retry', async () => {
    const { device } = deviceAt(await oneAtATime(), settings);
    for (let count = 0; count < 8; count += 1) {
      const { outcome, attempts } = await device.toggle({ state: count % 2 === 0 });
      assert.deepEqual([outcome, attempts], ['confirmed', 1]);
    }
  });

  it('is shared by two config nodes: after its first refusal it refuses none of them', async () => {
    const port = await oneAtATime();
    const patient = { ...settings, maxAttempts: 5 };
    const devices = [deviceAt(port, patient).device, deviceAt(port, patient).device];
    const both = async () => {
      const verdicts = await Promise.all(devices.map((device) => device.toggle({ state: true })));
      return verdicts.map(({ outcome, attempts }) => `${outcome} ${attempts}`).toSorted();
    };
    const [first, second = ''] = await both();
    assert.equal(first, 'confirmed 1');
    assert.match(second, /^confirmed [2-5]$/);
    for (let round = 0; round < 4; round += 1) assert.deepEqual(await both(), ['confirmed 1', 'confirmed 1']);
  });
});

describe('a device that closes after each reply, over persistent', () => {
  it('serves 20 toggles with one attempt each, and without a wait', async () => {
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (request) => socket.end(frame(`{"opcode":"ack","msg_id":"${msgIdIn(request)}"}`)));
    });
    const waits = { connection: 'persistent', ioTimeoutMs: 2000, connectTimeoutMs: 2000, backoffBaseMs: 5000 };
    const { device } = deviceAt(port, waits);
    for (let count = 0; count < 20; count += 1) {
      const { outcome, attempts, elapsedMs } = await device.toggle({ state: true });
      assert.deepEqual([outcome, attempts], ['confirmed', 1]);
      // A back-off would take 5 s.
      assert.ok(elapsedMs < 2000, `${elapsedMs} ms`);
    }
  });

  it('is not connected to again before it is wanted', async () => {
    let connections = 0;
    const served: Promise<unknown>[] = [];
    const { port } = await listen((socket) => {
      connections += 1;
      served.push(new Promise((resolve) => socket.on('close', resolve)));
      socket.on('error', () => undefined);
      socket.once('data', (request) => socket.end(frame(`{"opcode":"ack","msg_id":"${msgIdIn(request)}"}`)));
    });
    const { device, states } = deviceAt(port, { connection: 'persistent', backoffBaseMs: 0 });
    await device.toggle({ state: true });
    await served[0];
    while (!states.at(-1)?.endsWith('disconnected')) await new Promise((resolve) => setImmediate(resolve));
    // A reconnect after a loss comes after 50 ms at the earliest, so wait for several times that.
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(connections, 1);
    assert.equal((await device.toggle({ state: true })).attempts, 1);
    assert.equal(connections, 2);
  });
});

describe('a gateway that is away, over persistent', () => {
  const LAMPS = 10;

  it('switches all its lamps once it answers one of them, whatever is left of their back-off', async () => {
    const port = await refusedPort();
    // The back-off of a lamp that is not woken would end long after the test.
    const waits = { connection: 'persistent', ioTimeoutMs: 2000, backoffBaseMs: 60_000, backoffMaxMs: 60_000 };
    const { device, packets } = deviceAt(port, { ...waits, connectTimeoutMs: 2000 });
    const lamps = Array.from({ length: LAMPS }, (_, index) => device.toggle({ deviceId: `lamp${index}`, state: true }));
    while (packets.length < LAMPS) await new Promise((resolve) => setImmediate(resolve));
    const gateway = new DeviceSimulator({ port, reply: 'framed' });
    opened.push(() => void gateway.close());
    await gateway.start();
    const [first, ...others] = await Promise.all([device.toggle({ deviceId: 'another', state: true }), ...lamps]);
    assert.deepEqual([first.outcome, first.attempts], ['confirmed', 1]);
    for (const { outcome, attempts } of others) assert.deepEqual([outcome, attempts], ['confirmed', 2]);
  });
});

describe('a name with two addresses', () => {
  const addresses: LookupAddress[] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ];

  let servedBySecond = 0;

  /** A toggle by that name; behind the second address is a device that answers. */
  async function toggleBoth(first: Awaited<ReturnType<typeof blackHole>>, connectTimeoutMs: number): Promise<Verdict> {
    opened.push(() => void first.close());
    servedBySecond = 0;
    const server = createServer((socket) => {
      servedBySecond += 1;
      socket.on('error', () => undefined).on('data', () => socket.end('ACK'));
    });
    server.listen(first.port, '::1');
    await once(server, 'listening');
    opened.push(() => server.close());
    mock.method(dns, 'lookup', (_name: string, _options: object, callback: (error: null, found: object) => void) => {
      callback(null, addresses);
    });
    const host = 'two-addresses.invalid';
    const { device } = deviceAt(first.port, { host, connectTimeoutMs, ioTimeoutMs: 2000, maxAttempts: 1 });
    return device.toggle({ state: true });
  }

  it('has half of connectTimeoutMs for each, whatever the default of the platform, and tries both families', async () => {
    const { outcome, elapsedMs } = await toggleBoth(await blackHole(), 2000);
    assert.equal(outcome, 'confirmed');
    assert.ok(elapsedMs >= 900, `${elapsedMs} ms`);
  });

  it('is reached by the first one that answers, however late within its half', async () => {
    // The system repeats the first packet of a handshake after 1 s.
    const { outcome, elapsedMs } = await toggleBoth(await blackHole(500), 5000);
    assert.equal(outcome, 'confirmed');
    assert.deepEqual([servedBySecond, elapsedMs >= 900], [0, true]);
  });
});
