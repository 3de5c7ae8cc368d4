/** Devices against real sockets: what the device saw decides whether a verdict was honest. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { deviceAt, frame, scripted } from '../support/devices';
import { useSimulator } from '../support/fixtures';
import { recordLatency } from '../support/latency';
import { listen, refusedPort } from '../support/loopback';

describe('one honest verdict', () => {
  const simulator = useSimulator();

  for (const [mode, expected, seen] of [
    ['success', 'confirmed', 1],
    ['delay', 'confirmed', 1],
    ['drip', 'confirmed', 1],
    ['timeout', 'unknown/timeout', 2],
    ['disconnect', 'unknown/connection_closed', 0],
    ['reject', 'failed/connection_failed', 0],
    ['nack', 'rejected/rejected', 1],
    ['garbage', 'unknown/bad_reply', 2],
    ['truncate', 'unknown/bad_reply', 2],
  ] as const) {
    it(`${mode}: ${expected}`, async () => {
      simulator().delayMs = 20;
      await simulator().setMode(mode);
      const { device } = deviceAt(simulator().port);
      const { outcome, reason } = await device.toggle({ state: true });
      assert.equal(reason ? `${outcome}/${reason}` : outcome, expected);
      assert.equal(simulator().receivedPackets.length, seen);
    });
  }

  it('framed: confirms with the state that the device reports', async () => {
    simulator().reply = 'framed';
    const { device } = deviceAt(simulator().port, { reply: 'framed' });
    const verdict = await device.toggle({ state: false });
    assert.equal(verdict.outcome, 'confirmed');
    assert.equal(verdict.reportedState, false);
  });

  it('framed: raw bytes are not a reply', async () => {
    const { device, decodeErrors } = deviceAt(simulator().port, { reply: 'framed' });
    const verdict = await device.toggle({ state: true });
    assert.equal(`${verdict.outcome}/${verdict.reason}`, 'unknown/bad_reply');
    assert.deepEqual(decodeErrors, ['bad_magic', 'bad_magic']);
  });

  it('carries an id of the caller, and addresses another device id', async () => {
    const { device } = deviceAt(simulator().port);
    const verdict = await device.toggle({ state: true, msgId: 'order 7', deviceId: 'pump-3' });
    assert.equal(verdict.msgId, 'order 7');
    assert.equal(verdict.deviceId, 'pump-3');
    assert.equal(simulator().states.get('pump-3'), true);
  });

  it('drops invalid ids and states without a packet', async () => {
    const { device } = deviceAt(simulator().port);
    for (const [command, expected] of [
      [{ state: true, msgId: '' }, 'invalid_settings'],
      [{ state: true, msgId: 'x'.repeat(65) }, 'invalid_settings'],
      [{ state: true, msgId: 'é' }, 'invalid_settings'],
      [{ state: true, deviceId: '' }, 'invalid_settings'],
      [{ state: true, deviceId: 'x'.repeat(129) }, 'invalid_settings'],
      [{ state: 'on' as unknown as boolean }, 'invalid_state'],
    ] as const) {
      const verdict = await device.toggle(command);
      assert.equal(`${verdict.outcome}/${verdict.reason}`, `dropped/${expected}`);
      assert.equal(verdict.attempts, 0);
    }
    assert.equal(simulator().connectionCount, 0);
  });

  it('a flip is decided when its turn comes', async () => {
    const { device } = deviceAt(simulator().port);
    const flip = () => device.toggle({ state: 'flip' });
    await Promise.all([flip(), flip(), flip()]);
    assert.deepEqual(
      simulator().receivedPackets.map(({ payload }) => payload.state),
      [true, false, true],
    );
  });
});

describe('replies on the wire', () => {
  it('a frame for another toggle is counted and skipped', async () => {
    const port = await scripted((socket, msgId) => {
      socket.write(frame('{"opcode":"ack","msg_id":"0000000000000000"}'));
      socket.write(frame(`{"opcode":"ack","msg_id":"${msgId}","state":true}`));
    });
    const { device, decodeErrors } = deviceAt(port);
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    assert.deepEqual(decodeErrors, ['msg_id_mismatch']);
  });

  it('a framed reply byte by byte within the deadline confirms', async () => {
    const port = await scripted((socket, msgId) => {
      socket.setNoDelay(true);
      for (const byte of frame(`{"opcode":"ack","msg_id":"${msgId}"}`)) socket.write(Buffer.of(byte));
    });
    const { device } = deviceAt(port, { reply: 'framed' });
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
  });

  it('does not reset a device that is still writing its ACK', async () => {
    const errors: Error[] = [];
    const closed = deferred();
    const { port } = await listen((socket) => {
      socket.setNoDelay(true);
      socket.on('error', (error) => errors.push(error));
      socket.on('close', () => closed.resolve());
      socket.once('data', () => {
        let left = ['A', 'C', 'K'];
        const timer = setInterval(() => {
          const [byte, ...rest] = left;
          if (byte === undefined) return clearInterval(timer);
          left = rest;
          if (socket.writable) socket.write(byte);
        }, 5);
      });
    });
    const { device } = deviceAt(port);
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    await closed.promise;
    assert.deepEqual(errors, []);
  });

  for (const [what, bytes] of [
    ['huge length', 'f00d01ffffffff'],
    ['bad version', 'f00d02'],
    ['bad UTF-8', 'f00d0100000002c328'],
    ['no object', 'f00d01000000026e6f'],
  ] as const) {
    it(`${what} is a bad reply at once`, async () => {
      const port = await scripted((socket) => socket.write(Buffer.from(bytes, 'hex')));
      const { device } = deviceAt(port, { maxAttempts: 1, ioTimeoutMs: 5000 });
      const { outcome, reason } = await device.toggle({ state: true });
      // At the deadline the reason would be `timeout`.
      assert.equal(`${outcome}/${reason}`, 'unknown/bad_reply');
    });
  }
});

describe('stopping', () => {
  it('a close settles what runs and what waits, and frees the sockets', async () => {
    const sockets = new Set<Socket>();
    const { port } = await listen((socket) => {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
      socket.resume();
      if (sockets.size === 1) setImmediate(() => device.close());
    });
    const { device } = deviceAt(port, { ioTimeoutMs: 60_000 });
    const verdicts = await Promise.all(Array.from({ length: 6 }, () => device.toggle({ state: true })));
    assert.deepEqual(
      verdicts.map(({ reason }) => reason),
      Array(6).fill('closed'),
    );
    assert.deepEqual(
      verdicts.slice(1).map(({ outcome }) => outcome),
      Array(5).fill('dropped'),
    );
    assert.equal((await device.toggle({ state: true })).reason, 'closed');
  });
});

describe('lanes over sockets', () => {
  const simulator = useSimulator();

  it('2,000 in a burst arrive in order', async () => {
    const { device } = deviceAt(simulator().port, { queueLimit: 5000, ioTimeoutMs: 5000 });
    const ids = Array.from({ length: 2000 }, (_, index) => `m${index}`);
    const verdicts = await Promise.all(ids.map((msgId, index) => device.toggle({ state: index % 2 === 0, msgId })));
    assert.ok(verdicts.every(({ outcome }) => outcome === 'confirmed'));
    for (const { latencyMs } of verdicts) recordLatency(latencyMs ?? Number.NaN);
    assert.deepEqual(
      simulator().receivedPackets.map(({ payload }) => payload.msg_id),
      ids,
    );
  });

  it('2,000 in a burst under latest: the last one sent is the last one asked for', async () => {
    const { device } = deviceAt(simulator().port, { queueMode: 'latest' });
    const ids = Array.from({ length: 2000 }, (_, index) => `m${index}`);
    const verdicts = await Promise.all(ids.map((msgId) => device.toggle({ state: true, msgId })));
    assert.equal(verdicts.length, 2000);
    assert.equal(verdicts.at(-1)?.outcome, 'confirmed');
    assert.equal(verdicts.filter(({ reason }) => reason === 'superseded').length, 1998);
    assert.equal(simulator().receivedPackets.at(-1)?.payload.msg_id, 'm1999');
  });

  it('a dead lane delays no other', async () => {
    const dead = deviceAt(await refusedPort(), { backoffBaseMs: 5000 });
    const stuck = dead.device.toggle({ state: true });
    const { device } = deviceAt(simulator().port);
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    dead.device.close();
    assert.equal((await stuck).reason, 'closed');
  });
});

function deferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
