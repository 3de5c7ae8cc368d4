/** How persistent connections are opened, replaced and closed, on fake sockets. */
import assert from 'node:assert/strict';
import { MAX_IDS } from '../../src/transport/persistent/connection-state';
import { persistentScene, servedScene, type StartedAttempt } from '../support/transport-scene';

const outcomes = (...attempts: StartedAttempt[]) => attempts.map(({ result }) => result?.outcome);

describe('persistent connection: opening', () => {
  it('fails what waits when the connection fails, and connects at once for the next attempt', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).break('ECONNREFUSED');
    await scene.advance(0);
    assert.deepEqual(one.result, { outcome: 'connection_failed', error: 'ECONNREFUSED', maybeDelivered: false });
    assert.deepEqual(outcomes(two), ['connection_failed']);
    await scene.start('m1');
    assert.equal(scene.network.sockets.length, 2);
    assert.deepEqual(scene.states.slice(-2), ['reconnecting', 'reconnecting']);
  });

  it('reports that another connection would fail the same way', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).fail({ error: 'not trusted', nonRetryable: true });
    await scene.advance(0);
    assert.equal(one.result?.nonRetryable, true);
  });

  it('fails what waits when the connection is late, and ignores it afterwards', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    await scene.advance(1000);
    assert.equal(one.result?.error, 'no connection within 1000 ms');
    assert.equal(scene.socket(1).ending, 'reset');
    scene.socket(1).open();
    assert.deepEqual(scene.socket(1).written, []);
    assert.equal(scene.pendingTimers, 0);
  });

  it('lets each attempt wait for the connection on its own', async () => {
    const scene = persistentScene();
    await scene.start('m1');
    await scene.advance(600);
    const two = await scene.start('m2', { deviceId: 'b' });
    await scene.advance(400);
    assert.deepEqual(outcomes(two), ['connection_failed']);
  });
});

describe('persistent connection: loss', () => {
  it('is reported as a loss until a connection is open again, also while it is reopened', async () => {
    const scene = await servedScene();
    const now = () => [scene.states.at(-1), scene.lost.at(-1)];
    assert.deepEqual(now(), ['connected', false]);
    scene.socket(1).break();
    assert.deepEqual(now(), ['disconnected', true]);
    await scene.start('m1');
    assert.deepEqual(now(), ['connecting', true]);
    scene.socket(2).break('ECONNREFUSED');
    await scene.advance(0);
    assert.deepEqual(now(), ['disconnected', true]);
    await scene.start('m2', { deviceId: 'new' });
    assert.deepEqual(now(), ['reconnecting', true]);
    scene.socket(3).open();
    assert.deepEqual(now(), ['connected', false]);
  });

  it('is not reported if this side closes: idle, silent, or after a raw reply', async () => {
    const idle = await servedScene();
    idle.transport.closeIdle();
    const silent = await servedScene();
    await silent.start('m1');
    await silent.advance(500);
    const raw = persistentScene();
    await raw.start('m1');
    raw.socket(1).open();
    await raw.advance(0);
    raw.socket(1).ack();
    for (const scene of [idle, silent, raw]) {
      assert.equal(scene.states.at(-1), 'disconnected');
      assert.ok(scene.lost.every((isLost) => !isLost));
    }
  });

  it('is not a failure while idle', async () => {
    const scene = await servedScene();
    scene.socket(1).break();
    await scene.advance(5000);
    assert.equal(scene.network.sockets.length, 1);
    assert.equal(scene.states.at(-1), 'disconnected');
    await scene.start('m1');
    assert.equal(scene.states.at(-1), 'connecting');
  });

  it('ends the toggles that are in flight', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    // Something was received since, so that the connection was not closed while it was idle.
    scene.socket(1).reply('unknown');
    scene.socket(1).break('ECONNRESET');
    await scene.advance(0);
    assert.deepEqual(one.result, { outcome: 'connection_closed', error: 'ECONNRESET', maybeDelivered: true });
  });

  it('ends a toggle that was being sent as not sent', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).isStuck = true;
    scene.socket(1).open();
    scene.socket(1).break('ECONNRESET');
    await scene.advance(0);
    assert.deepEqual(one.result, { outcome: 'send_failed', error: 'ECONNRESET', maybeDelivered: true });
  });

  it('connects at once for what waits', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).open();
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).break();
    assert.equal(scene.network.sockets.length, 2);
    assert.equal(scene.states.at(-1), 'reconnecting');
    scene.socket(2).open();
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['connection_closed', undefined]);
    assert.deepEqual(scene.socket(2).msgIds, ['m2']);
  });

  it('does not connect again and again to a device that closes at once: each connection ends an attempt', async () => {
    const scene = persistentScene();
    const all = await Promise.all(['a', 'b', 'c'].map((deviceId) => scene.start(`m-${deviceId}`, { deviceId })));
    for (let number = 1; number <= 3; number += 1) {
      scene.socket(number).open();
      await scene.advance(0);
      scene.socket(number).break();
    }
    await scene.advance(5000);
    assert.equal(scene.network.sockets.length, 3);
    assert.deepEqual(outcomes(...all), ['connection_closed', 'connection_closed', 'connection_closed']);
  });

  it('connects no earlier for a toggle than its msg_id is free', async () => {
    const scene = await servedScene();
    await scene.start('same', { deviceId: 'a' });
    scene.transport.closeIdle();
    const two = await scene.start('same', { deviceId: 'b' });
    scene.socket(2).open();
    scene.socket(2).break();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
    scene.socket(1).reply('same');
    await scene.advance(0);
    scene.socket(3).open();
    await scene.advance(0);
    scene.socket(3).reply('same');
    await scene.advance(0);
    assert.deepEqual(outcomes(two), ['success']);
  });

  it('takes the cause of a late connection from that connection, not from the one before it', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).fail({ error: 'refused', cause: 'port_refused' });
    scene.socket(1).free();
    await scene.advance(0);
    assert.equal(one.result?.cause, 'port_refused');
    const two = await scene.start('m2');
    await scene.advance(1000);
    assert.equal(two.result?.cause, 'no_answer_to_connect');
  });

  it('reports the error of the last connection if no new one is established', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    await scene.advance(500);
    assert.deepEqual(outcomes(one), ['timeout']);
    const two = await scene.start('m2');
    await scene.advance(1000);
    assert.equal(two.result?.error, 'no connection within 1000 ms: no reply came over the last connection');
  });
});

describe('persistent connection: closed while idle', () => {
  it('is replaced within the same attempt', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).break();
    await scene.advance(0);
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['success']);
    assert.deepEqual(
      scene.packets.slice(2).map(({ direction, outcome }) => `${direction} ${outcome}`),
      ['send success', 'recv closed', 'send success', 'recv success'],
    );
  });

  it('is replaced even if the packet was not sent', async () => {
    const scene = await servedScene();
    scene.socket(1).isStuck = true;
    const one = await scene.start('m1');
    scene.socket(1).break();
    await scene.advance(0);
    scene.socket(2).fail({ error: 'ECONNREFUSED' });
    await scene.advance(0);
    assert.deepEqual(one.result, { outcome: 'connection_failed', error: 'ECONNREFUSED', maybeDelivered: true });
  });

  it('is replaced once', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).break();
    await scene.advance(0);
    scene.socket(2).open();
    scene.socket(2).break('ECONNRESET');
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['send_failed']);
    assert.equal(scene.network.sockets.length, 2);
  });
});

describe('persistent connection: closing', () => {
  for (const close of ['close', 'closeIdle'] as const) {
    it(`${close} does nothing before the first connection`, async () => {
      const scene = persistentScene();
      scene.transport[close]();
      await scene.advance(0);
      assert.equal(scene.network.sockets.length, 0);
      assert.equal(scene.pendingTimers, 0);
    });

    it(`${close} ends an idle connection`, async () => {
      const scene = await servedScene();
      scene.transport[close]();
      // The end of the process must not wait, so `close` resets what still lingers.
      assert.equal(scene.socket(1).ending, close === 'close' ? 'reset' : 'end');
      assert.equal(scene.states.at(-1), 'disconnected');
      await scene.start('m1');
      assert.equal(scene.network.sockets.length, 2);
    });

    it(`${close} resets a connection with an unanswered command`, async () => {
      const scene = await servedScene();
      const one = await scene.start('m1');
      one.cancel();
      scene.transport[close]();
      assert.equal(scene.socket(1).ending, 'reset');
      await scene.advance(0);
      assert.equal(scene.pendingTimers, 0);
    });
  }

  it('close ends what waits for a connection', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.transport.close();
    await scene.advance(0);
    assert.deepEqual(one.result, {
      outcome: 'connection_failed',
      error: 'closed',
      cause: 'closed',
      maybeDelivered: false,
    });
    assert.equal(scene.pendingTimers, 0);
  });

  it('close ends what is in flight', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.transport.close();
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['connection_closed']);
    assert.equal(scene.socket(1).ending, 'reset');
    assert.equal(scene.pendingTimers, 0);
  });

  it('close ends what would be sent again, and does not connect for it', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.transport.close();
    await scene.advance(5000);
    assert.deepEqual(outcomes(one), ['connection_failed']);
    assert.equal(scene.network.sockets.length, 1);
    assert.equal(scene.pendingTimers, 0);
  });

  it('closeIdle lets what is in flight get its reply', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.transport.closeIdle();
    await scene.advance(100);
    scene.socket(1).reply('m1');
    await scene.advance(400);
    assert.deepEqual(outcomes(one), ['success']);
    assert.equal(scene.socket(1).ending, 'end');
  });

  it('closeIdle opens a new connection for what waits', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.transport.closeIdle();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['success']);
  });

  /** A toggle waits until the connection that a raw reply closed is freed. */
  const waitingAfterRawReply = async () => {
    const scene = persistentScene();
    await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).ack();
    const waiting = await scene.start('m2');
    return { ...scene, waiting };
  };

  it('connects once for all waiting toggles when the ended connection is freed', async () => {
    const scene = await waitingAfterRawReply();
    await scene.start('m3', { deviceId: 'b' });
    assert.equal(scene.network.sockets.length, 1);
    scene.socket(1).free();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
  });

  it('does not connect after the end if nothing waits any more', async () => {
    const scene = await waitingAfterRawReply();
    scene.transport.close();
    scene.socket(1).free();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 1);
  });

  it('does not connect for a toggle that was stopped while it waited, once the connection rests', async () => {
    const { waiting, ...scene } = await waitingAfterRawReply();
    waiting.cancel();
    scene.transport.closeIdle();
    scene.socket(1).free();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 1);
  });
});

describe('persistent connection: states by device id', () => {
  it('reach the ids that use the connection, of too many the newest', async () => {
    const ids: string[] = [];
    const scene = persistentScene({}, (deviceId) => ids.push(deviceId));
    for (let each = 0; each <= MAX_IDS; each += 1) await scene.start(`m${each}`, { deviceId: `d${each}` });
    await scene.start('n', { deviceId: 'd1' });
    ids.length = 0;
    scene.socket(1).open();
    assert.equal(ids.length, MAX_IDS);
    assert.equal(ids.includes('d0'), false);
    assert.equal(ids.at(-1), 'd1');
    scene.transport.close();
  });
});
