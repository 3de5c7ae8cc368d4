/** A connection for each attempt, step by step, on fake sockets. */
import assert from 'node:assert/strict';
import { encodeReply, encodeToggle } from '../../src/protocol/toggle';
import type { Observer } from '../../src/observer';
import { StopSignal } from '../../src/stop-signal';
import { PerToggleTransport } from '../../src/transport/per-toggle';
import type { Connect } from '../../src/transport/socket';
import type { AttemptResult } from '../../src/transport/transport';
import { FakeSocket } from '../support/fake-sockets';
import { fakeClock } from '../support/fixtures';
import { perToggleScene, type TransportScene } from '../support/transport-scene';

describe('per-toggle transport', () => {
  it('connects, sends, receives the reply and closes in order', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(10);
    scene.socket(1).reply('m1', { state: true });
    await scene.advance(0);
    const received = encodeReply({ kind: 'ack', msgId: 'm1', state: true }).toString('hex').slice(0, 128);
    const expected = { outcome: 'success', maybeDelivered: true, latencyMs: 10, received };
    assert.deepEqual(on.result, { ...expected, reportedState: true });
    assert.equal(scene.socket(1).ending, 'end');
    assert.deepEqual(scene.states, ['connecting', 'connected', 'disconnected']);
    scene.socket(1).free();
    assert.equal(scene.pendingTimers, 0);
  });

  it('takes ACK as a reply', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).receive('A');
    scene.socket(1).receive('CK\r\n');
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'success');
    assert.equal(on.result.reportedState, undefined);
  });

  for (const [error, expected] of [
    ['lamp is broken', 'the device refused: lamp is broken'],
    [undefined, 'the device refused'],
  ] as const) {
    it(`reports a rejection: ${expected}`, async () => {
      const scene = perToggleScene();
      const on = await scene.start('m1');
      scene.socket(1).open();
      await scene.advance(0);
      scene.socket(1).reply('m1', { kind: 'nack', ...(error !== undefined && { error }) });
      await scene.advance(0);
      assert.equal(on.result?.outcome, 'rejected');
      assert.equal(on.result.error, expected);
    });
  }

  it('gives an attempt the deadlines and the reply policy that are its own', async () => {
    const scene = perToggleScene();
    const settings = { reply: 'any', connectTimeoutMs: 20, ioTimeoutMs: 30 } as const;
    const unconnected = await scene.start('m1', { settings });
    await scene.advance(20);
    assert.equal(unconnected.result?.error, 'no connection within 20 ms');
    const silent = await scene.start('m2', { settings });
    scene.socket(2).open();
    await scene.advance(30);
    assert.equal(silent.result?.error, 'no reply within 30 ms');
    const answered = await scene.start('m3', { settings });
    scene.socket(3).open();
    await scene.advance(0);
    scene.socket(3).receive('?');
    await scene.advance(0);
    assert.equal(answered.result?.outcome, 'success');
  });

  it('skips a reply to another toggle', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).reply('m0');
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'success');
    assert.ok(!('reportedState' in on.result));
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'msg_id_mismatch', msgId: 'm1' }]);
  });

  it('shows nothing of a reply to another toggle as received, whatever else comes with it', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).receive(Buffer.concat([encodeReply({ kind: 'ack', msgId: 'm0' }), Buffer.from('junk')]));
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'bad_reply');
    assert.equal('received' in on.result && on.result.received, Buffer.from('junk').toString('hex'));
  });

  it('takes a connection that is there at once, and a socket that says twice that it has sent', async () => {
    const received: string[] = [];
    const result = await new Promise<AttemptResult>((resolve) => {
      const connect: Connect = (_endpoint, events) => {
        const socket = new FakeSocket(events);
        events.connected();
        socket.write = (_bytes, onSent) => {
          onSent();
          // By then it waits for the reply.
          setImmediate(() => {
            onSent();
            socket.ack();
          });
        };
        return socket;
      };
      const settings = {
        host: 'device.test',
        port: 1,
        reply: 'auto',
        connectTimeoutMs: 1000,
        ioTimeoutMs: 500,
      } as const;
      const observer: Observer = {
        bytesReceived: (deviceId, msgId, attempt, bytes) =>
          received.push(`${deviceId} ${msgId} ${attempt} ${Buffer.from(bytes).toString()}`),
      };
      const transport = new PerToggleTransport(settings, fakeClock(), observer, connect, new Map());
      const request = { deviceId: 'lamp', msgId: 'm1', state: true };
      const attempt = { request, packet: encodeToggle(request), attempt: 1, signal: new StopSignal() };
      void transport.exchange(attempt).then(resolve);
    });
    assert.equal(result.outcome, 'success');
    assert.deepEqual(received, ['lamp m1 1 ACK']);
  });

  it('leaves nothing behind when its attempt has ended: neither on the signal, nor of the connection', async () => {
    const scene = perToggleScene();
    const signal = new StopSignal();
    const listeners = new Set<() => void>();
    signal.onStop = (listener) => listeners.add(listener);
    signal.removeListener = (listener) => listeners.delete(listener);
    await scene.start('m1', { signal });
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).ack();
    await scene.advance(0);
    assert.equal(listeners.size, 0);
    scene.socket(1).free();
    scene.socket(1).reset = () => assert.fail('reset after it was freed');
    scene.transport.close();
  });

  it('measures each step from its start: a turn, a connection, a send', async () => {
    const scene = perToggleScene();
    await scene.start('m1');
    const waiting = await scene.start('m2');
    await scene.advance(20);
    waiting.cancel();
    scene.socket(1).fail({ error: 'refused' });
    scene.socket(1).free();
    await scene.start('m3');
    await scene.advance(30);
    scene.socket(2).isStuck = true;
    scene.socket(2).open();
    await scene.advance(500);
    const slow = await scene.start('m4', { deviceId: 'b' });
    await scene.advance(40);
    scene.socket(3).open();
    await scene.advance(0);
    slow.cancel();
    await scene.advance(0);
    assert.deepEqual(
      scene.packets.map(({ msgId, outcome, elapsedMs }) => `${msgId} ${outcome} ${elapsedMs}`),
      ['m1 error 20', 'm3 error 530', 'm4 success 40'],
    );
  });

  it('gives up the connection when it is stopped between two steps', async () => {
    let cancel = () => {};
    const scene: TransportScene = perToggleScene({}, (_deviceId, state) => {
      if (state === 'connected') cancel();
    });
    const on = await scene.start('m1');
    ({ cancel } = on);
    scene.socket(1).open();
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'cancelled');
    assert.deepEqual([scene.socket(1).ending, scene.socket(1).written], ['reset', []]);
  });

  it('fails when the connection fails', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).fail({ error: 'not trusted', nonRetryable: true });
    await scene.advance(0);
    assert.deepEqual(on.result, {
      outcome: 'connection_failed',
      error: 'not trusted',
      maybeDelivered: false,
      nonRetryable: true,
    });
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('fails when the connection is late', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    await scene.advance(1000);
    assert.equal(on.result?.outcome, 'connection_failed');
    assert.equal(on.result.error, 'no connection within 1000 ms');
    // A connection that comes now is not used.
    scene.socket(1).open();
    assert.deepEqual(scene.socket(1).written, []);
  });

  it('fails when the connection breaks under the packet', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).isStuck = true;
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).break('ECONNRESET');
    await scene.advance(0);
    assert.deepEqual(on.result, { outcome: 'send_failed', error: 'ECONNRESET', maybeDelivered: true });
  });

  it('fails when the connection broke between two steps', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    scene.socket(1).break('ECONNRESET');
    await scene.advance(0);
    assert.deepEqual(on.result, { outcome: 'send_failed', error: 'ECONNRESET', maybeDelivered: true });
  });

  it('fails when the packet is not sent in time', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).isStuck = true;
    scene.socket(1).open();
    await scene.advance(500);
    assert.deepEqual(on.result, {
      outcome: 'send_failed',
      error: 'not sent within 500 ms',
      cause: 'send_stuck',
      maybeDelivered: true,
    });
    assert.equal(scene.socket(1).ending, 'reset');
    scene.socket(1).flush();
  });

  it('fails when no reply comes in time, even if bytes trickle in', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(400);
    scene.socket(1).receive('A');
    await scene.advance(100);
    assert.deepEqual(on.result, {
      outcome: 'timeout',
      error: 'no reply within 500 ms',
      cause: 'reply_incomplete',
      maybeDelivered: true,
    });
    assert.equal(scene.socket(1).ending, 'reset');
    const event = { direction: 'recv', outcome: 'timeout', deviceId: 'lamp', msgId: 'm1', attempt: 1, elapsedMs: 500 };
    assert.deepEqual(scene.packets.at(-1), event);
  });

  it('fails when the device closes without a reply', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).fail();
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'connection_closed');
    assert.equal(scene.packets.at(-1)?.outcome, 'closed');
  });

  it('reports a reply that was cut off as bad', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).receive('AC');
    scene.socket(1).fail();
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'bad_reply');
    assert.equal(on.result.received, '4143');
  });

  it('resets after a bad reply', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).receive('HTTP/1.1 400 Bad Request');
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'bad_reply');
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'bad_magic', msgId: 'm1' }]);
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('ignores a greeting, and reports it', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).receive('ACK');
    scene.socket(1).open();
    await scene.advance(0);
    assert.deepEqual(
      [on.result, scene.decodeErrors],
      [undefined, [{ deviceId: 'lamp', msgId: 'm1', reason: 'unsolicited' }]],
    );
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'success');
  });

  it('can be cancelled while it waits for its turn', async () => {
    const scene = perToggleScene();
    await scene.start('m1');
    const second = await scene.start('m2');
    second.cancel();
    await scene.advance(0);
    assert.deepEqual(second.result, {
      outcome: 'cancelled',
      error: 'cancelled',
      cause: 'cancelled',
      maybeDelivered: false,
    });
    assert.equal(scene.network.sockets.length, 1);
  });

  for (const [step, prepare, maybeDelivered] of [
    ['connecting', () => undefined, false],
    ['sending', (socket: { isStuck: boolean; open(): void }) => ((socket.isStuck = true), socket.open()), true],
    ['receiving', (socket: { open(): void }) => socket.open(), true],
  ] as const) {
    it(`can be cancelled while ${step}`, async () => {
      const scene = perToggleScene();
      const on = await scene.start('m1');
      prepare(scene.socket(1));
      await scene.advance(0);
      on.cancel();
      await scene.advance(0);
      assert.deepEqual(on.result, { outcome: 'cancelled', error: 'cancelled', cause: 'cancelled', maybeDelivered });
      assert.equal(scene.socket(1).ending, 'reset');
      assert.equal(scene.pendingTimers, 0);
      assert.ok(scene.packets.every(({ outcome }) => outcome === 'success'));
    });
  }

  it('does not take a cancel while connecting for a refusal, after which all lanes would take turns', async () => {
    const scene = perToggleScene();
    await scene.start('m1', { deviceId: 'a' });
    scene.socket(1).open();
    await scene.advance(0);
    const second = await scene.start('m2', { deviceId: 'b' });
    second.cancel();
    await scene.advance(0);
    await scene.start('m3', { deviceId: 'c' });
    await scene.start('m4', { deviceId: 'd' });
    assert.equal(scene.network.sockets.length, 4);
  });

  it('resets what is open when it is closed', async () => {
    const scene = perToggleScene();
    const on = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.transport.closeIdle();
    assert.equal(scene.socket(1).ending, 'none');
    scene.transport.close();
    await scene.advance(0);
    assert.equal(on.result?.outcome, 'connection_closed');
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('opens the next connection of a lane when the last one has ended', async () => {
    const scene = perToggleScene();
    await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).ack();
    await scene.advance(0);
    await scene.start('m2');
    assert.equal(scene.network.sockets.length, 1);
    scene.socket(1).free();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
  });
});
