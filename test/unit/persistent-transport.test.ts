/** One connection for all toggles of a device: requests, replies and how connections end, on fake sockets. */
import assert from 'node:assert/strict';
import { encodeFrame } from '../../src/protocol/frame';
import { encodeReply } from '../../src/protocol/toggle';
import { persistentScene, servedScene, type StartedAttempt, type TransportScene } from '../support/transport-scene';

/** Starts the first toggle and opens its connection. */
async function openAnd(scene: TransportScene, msgId: string, options = {}): Promise<StartedAttempt> {
  const started = await scene.start(msgId, options);
  scene.socket(scene.network.sockets.length).open();
  await scene.advance(0);
  return started;
}

const outcomes = (...attempts: StartedAttempt[]) => attempts.map(({ result }) => result?.outcome);

/** The first connection is gone, and the toggle `m1` goes out over the next one. */
async function confirmsByNext(scene: TransportScene, attempt: StartedAttempt): Promise<void> {
  scene.socket(1).free();
  scene.socket(2).open();
  scene.socket(2).reply('m1');
  await scene.advance(0);
  assert.deepEqual(outcomes(attempt), ['success']);
}

/** What the first connection answers a second time does not confirm the toggle `m1`. */
async function ignoresSecondAnswer(scene: TransportScene, attempt: StartedAttempt): Promise<void> {
  scene.socket(1).reply('m1');
  await scene.advance(0);
  assert.deepEqual(outcomes(attempt), [undefined]);
  await confirmsByNext(scene, attempt);
}

describe('persistent transport', () => {
  it('connects once and keeps the connection', async () => {
    const scene = await servedScene();
    const second = await scene.start('m1', { state: false });
    await scene.advance(10);
    scene.socket(1).reply('m1', { state: false });
    await scene.advance(0);
    assert.equal(second.result?.latencyMs, 10);
    assert.equal(scene.network.sockets.length, 1);
    assert.equal(scene.socket(1).ending, 'none');
    assert.deepEqual(scene.states, ['disconnected', 'connecting', 'connected']);
    assert.equal(scene.pendingTimers, 0);
  });

  it('gives an attempt the deadlines that are its own', async () => {
    const scene = persistentScene();
    const settings = { reply: 'auto', connectTimeoutMs: 20, ioTimeoutMs: 30 } as const;
    const unconnected = await scene.start('m1', { settings });
    await scene.advance(20);
    assert.match(unconnected.result?.error ?? '', /^no connection within 20 ms/);
    scene.socket(1).open();
    const [silent, patient] = [await scene.start('m2', { settings }), await scene.start('m3', { deviceId: 'b' })];
    await scene.advance(30);
    assert.equal(silent.result?.error, 'no reply within 30 ms');
    assert.equal(patient.result, undefined);
  });

  it('matches replies that come out of order', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).reply('m2');
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), [undefined, 'success']);
    scene.socket(1).reply('m1', { kind: 'nack' });
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['rejected', 'success']);
  });

  it('wakes who waits for the device by the next reply to a toggle, and not by other bytes', async () => {
    const scene = persistentScene();
    let woken = 0;
    const stop = scene.transport.onceAnswering?.(() => (woken += 1));
    await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).reply('unknown');
    assert.equal(woken, 0);
    scene.socket(1).reply('m1');
    assert.equal(woken, 1);
    stop?.();
    await scene.start('m2');
    scene.socket(1).reply('m2');
    assert.equal(woken, 1);
  });

  it('sends one toggle at a time until replies name their toggle', async () => {
    const scene = persistentScene();
    await openAnd(scene, 'm1');
    await scene.start('m2', { deviceId: 'b' });
    await scene.start('m3', { deviceId: 'c' });
    assert.deepEqual(scene.socket(1).msgIds, ['m1']);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(scene.socket(1).msgIds, ['m1', 'm2', 'm3']);
  });

  it('sends at once what names its toggle by the policy', async () => {
    const scene = persistentScene({ reply: 'framed' });
    await openAnd(scene, 'm1');
    await scene.start('m2', { deviceId: 'b' });
    assert.deepEqual(scene.socket(1).msgIds, ['m1', 'm2']);
  });

  it('lets two devices with the same msg_id take turns', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    const two = await scene.start('m1', { deviceId: 'b' });
    assert.deepEqual(scene.socket(1).msgIds, ['m0', 'm1']);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['success', undefined]);
    await confirmsByNext(scene, two);
  });

  for (const [when, ask] of [
    ['waits', 'before'],
    ['comes later', 'after'],
  ] as const) {
    it(`a second answer to one device does not settle the toggle of another with the same msg_id, which ${when}`, async () => {
      const scene = await servedScene();
      const start = () => scene.start('m1', { deviceId: 'b' });
      const one = await scene.start('m1', { deviceId: 'a' });
      const early = ask === 'before' ? await start() : undefined;
      const reply = encodeReply({ kind: 'ack', msgId: 'm1' });
      scene.socket(1).receive(ask === 'before' ? Buffer.concat([reply, reply]) : reply);
      await scene.advance(0);
      const other = early ?? (await start());
      scene.socket(1).reply('m1');
      await scene.advance(0);
      assert.deepEqual(outcomes(one, other), ['success', undefined]);
      // Nothing is missing on the first connection, so that it closes in order before the next one is opened.
      assert.equal(scene.socket(1).ending, 'end');
      await confirmsByNext(scene, other);
    });
  }

  it('a second answer to a toggle that was given up does not settle the one of another device with its msg_id', async () => {
    const scene = await servedScene();
    const late = await scene.start('m1', { deviceId: 'a' });
    await scene.advance(100);
    const other = await scene.start('m1', { deviceId: 'b' });
    await scene.start('m2', { deviceId: 'c' });
    scene.socket(1).reply('m2');
    await scene.advance(400);
    assert.deepEqual(outcomes(late, other), ['timeout', undefined]);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    await ignoresSecondAnswer(scene, other);
  });

  it('a second answer that comes after a thousand others settles no toggle of another device either', async () => {
    const scene = await servedScene();
    await scene.start('m1', { deviceId: 'a' });
    scene.socket(1).reply('m1');
    for (let index = 2; index <= 1000; index += 1) {
      await scene.start(`m${index}`, { deviceId: 'c' });
      scene.socket(1).reply(`m${index}`);
    }
    const other = await scene.start('m1', { deviceId: 'b' });
    await ignoresSecondAnswer(scene, other);
  });

  it('an answer that comes after that to a newer toggle of its device settles no toggle of another one', async () => {
    const scene = await servedScene();
    const late = await scene.start('m1', { deviceId: 'a' });
    await scene.start('m2', { deviceId: 'c' });
    scene.socket(1).reply('m2');
    await scene.advance(500);
    const newer = await scene.start('m3', { deviceId: 'a' });
    scene.socket(1).reply('m3');
    await scene.advance(0);
    assert.deepEqual(outcomes(late, newer), ['timeout', 'success']);
    const other = await scene.start('m1', { deviceId: 'b' });
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(other), [undefined]);
  });

  it('leaves a connection whose second answer could confirm another device as soon as its last reply came', async () => {
    const scene = await servedScene();
    await scene.start('m1', { deviceId: 'a' });
    const running = await scene.start('m2', { deviceId: 'c' });
    scene.socket(1).reply('m1');
    await scene.start('m1', { deviceId: 'b' });
    assert.equal(scene.network.sockets.length, 2);
    assert.equal(scene.socket(1).ending, 'none');
    scene.socket(1).reply('m2');
    await scene.advance(0);
    assert.deepEqual(outcomes(running), ['success']);
    assert.equal(scene.socket(1).ending, 'end');
  });

  it('waits for room while the device reads slowly, until the deadline for the send', async () => {
    const scene = await servedScene();
    scene.socket(1).unsentBytes = 65_536;
    const waiting = await scene.start('m1');
    await scene.advance(100);
    const other = await scene.start('m2', { deviceId: 'b' });
    await scene.advance(400);
    assert.equal(waiting.result?.error, 'not sent within 500 ms: other toggles occupy the connection');
    assert.equal(waiting.result.maybeDelivered, false);
    assert.deepEqual(outcomes(other), [undefined]);
    assert.equal(scene.socket(1).written.length, 1);
  });

  it('shortens the deadline for the send by the wait for room', async () => {
    const scene = persistentScene();
    await openAnd(scene, 'm1');
    const two = await scene.start('m2', { deviceId: 'b' });
    await scene.advance(400);
    scene.socket(1).isStuck = true;
    scene.socket(1).reply('m1');
    await scene.advance(100);
    assert.deepEqual(two.result, {
      outcome: 'send_failed',
      error: 'not sent within 500 ms',
      cause: 'send_stuck',
      maybeDelivered: true,
    });
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('resets a connection whose write is stuck', async () => {
    const scene = await servedScene();
    scene.socket(1).isStuck = true;
    const stuck = await scene.start('m1');
    await scene.advance(500);
    assert.deepEqual(outcomes(stuck), ['send_failed']);
    assert.equal(scene.socket(1).ending, 'reset');
    scene.socket(1).flush();
    assert.equal(scene.packets.at(-1)?.outcome, 'error');
  });
});

describe('persistent transport: replies', () => {
  it('settles the next attempt of a toggle by a late reply on the draining connection', async () => {
    const scene = await servedScene();
    const first = await scene.start('m1');
    await scene.advance(500);
    assert.deepEqual(outcomes(first), ['timeout']);
    const second = await scene.start('m1');
    assert.equal(scene.network.sockets.length, 2);
    scene.socket(1).reply('m1', { state: true });
    await scene.advance(0);
    assert.deepEqual(outcomes(second), ['success']);
    // The second connection was only being opened; it serves the next toggle.
    scene.socket(2).open();
    await scene.start('m2');
    assert.deepEqual(scene.socket(2).msgIds, ['m2']);
  });

  it('settles an attempt whose packet is out on the new connection by the reply on the old one', async () => {
    const scene = await servedScene();
    await scene.start('m1');
    await scene.advance(500);
    const second = await openAnd(scene, 'm1');
    assert.deepEqual(scene.socket(2).msgIds, ['m1']);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(second), ['success']);
    // The answer to the second packet belongs to no waiting toggle.
    scene.socket(2).reply('m1');
    assert.deepEqual(
      scene.decodeErrors.map(({ reason }) => reason),
      ['unsolicited'],
    );
  });

  it('does not settle a toggle of another device that has the same msg_id', async () => {
    const scene = await servedScene();
    await scene.start('m1', { deviceId: 'a' });
    await scene.advance(500);
    const other = await scene.start('m1', { deviceId: 'b' });
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(other), [undefined]);
  });

  it('takes a new connection for a msg_id whose late reply to another device would look the same', async () => {
    const scene = await servedScene();
    const first = await scene.start('m1', { deviceId: 'a' });
    await scene.advance(100);
    // Another answer keeps the connection when the first toggle is given up.
    await scene.start('m2', { deviceId: 'c' });
    scene.socket(1).reply('m2');
    await scene.advance(400);
    assert.deepEqual(outcomes(first), ['timeout']);
    const second = await scene.start('m1', { deviceId: 'b' });
    assert.deepEqual(scene.socket(1).msgIds, ['m0', 'm1', 'm2']);
    scene.socket(2).open();
    await scene.advance(0);
    assert.equal(scene.socket(1).ending, 'reset');
    assert.deepEqual(scene.socket(2).msgIds, ['m1']);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(second), [undefined]);
    scene.socket(2).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(second), ['success']);
  });

  it('keeps a connection that answered others while one reply is missing', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    await scene.advance(100);
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).reply('m2');
    await scene.advance(400);
    assert.deepEqual(outcomes(one, two), ['timeout', 'success']);
    await scene.start('m3', { deviceId: 'b' });
    assert.equal(scene.network.sockets.length, 1);
    // A reply that is not awaited any more is counted and otherwise ignored.
    scene.socket(1).reply('m1');
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'msg_id_mismatch' }]);
    scene.transport.closeIdle();
    scene.socket(1).reply('m3');
    await scene.advance(500);
    assert.equal(scene.socket(1).ending, 'end');
  });

  it('ignores greetings and bytes that arrive while no toggle waits', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    scene.socket(1).receive('hello');
    scene.socket(1).open();
    await scene.advance(0);
    assert.deepEqual(outcomes(one), [undefined]);
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['success']);
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'unsolicited' }]);
  });

  it('ignores bytes on an open connection while no toggle waits', async () => {
    const scene = persistentScene();
    const one = await openAnd(scene, 'm1');
    one.cancel();
    await scene.advance(0);
    const two = await scene.start('m2');
    two.cancel();
    scene.socket(2).open();
    scene.socket(2).receive('hello');
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'unsolicited' }]);
    assert.equal(scene.socket(2).ending, 'none');
  });

  it('closes after a raw reply, and lets the next toggle wait for the end', async () => {
    const scene = persistentScene();
    const one = await openAnd(scene, 'm1');
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).ack();
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['success', undefined]);
    assert.equal(scene.socket(1).ending, 'end');
    assert.equal(scene.network.sockets.length, 1);
    scene.socket(1).free();
    await scene.advance(0);
    scene.socket(2).open();
    assert.deepEqual(scene.socket(2).msgIds, ['m2']);
  });

  it('never confirms the next toggle by a second raw reply', async () => {
    const scene = persistentScene();
    await openAnd(scene, 'm1');
    scene.socket(1).ack();
    const two = await scene.start('m2');
    scene.socket(1).ack();
    scene.socket(1).free();
    await scene.advance(0);
    scene.socket(2).open();
    await scene.advance(0);
    assert.deepEqual(outcomes(two), [undefined]);
    scene.socket(2).ack();
    await scene.advance(0);
    assert.deepEqual(outcomes(two), ['success']);
  });

  it('treats a frame that is not a reply as the answer if exactly one toggle waits', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).receive(encodeFrame('{}'));
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['bad_reply']);
    const two = await scene.start('m2', { deviceId: 'a' });
    const three = await scene.start('m3', { deviceId: 'b' });
    scene.socket(1).receive(encodeFrame('{}'));
    await scene.advance(0);
    assert.deepEqual(outcomes(two, three), [undefined, undefined]);
    assert.deepEqual(scene.decodeErrors, [
      { deviceId: 'lamp', reason: 'bad_message', msgId: 'm1' },
      { deviceId: 'lamp', reason: 'bad_message' },
    ]);
    assert.equal(scene.network.sockets.length, 1);
  });

  it('gives up a connection after a protocol error', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).receive('HTTP/1.1 400');
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['bad_reply', 'bad_reply']);
    assert.equal(scene.socket(1).ending, 'reset');
    scene.socket(1).receive('more');
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'bad_magic' }]);
  });

  it('reads no further reply from a chunk once the connection is closed', async () => {
    const scene = persistentScene();
    const one = await openAnd(scene, 'm1');
    scene.transport.close();
    scene.socket(1).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['connection_closed']);
  });
});

describe('persistent transport: incomplete replies', () => {
  const frame = encodeReply({ kind: 'ack', msgId: 'm1' });

  it('gives up the connection when a frame stays incomplete, so that it consumes no later reply', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).receive(frame.subarray(0, 9));
    await scene.advance(500);
    assert.deepEqual(outcomes(one), ['timeout']);
    assert.equal(scene.socket(1).ending, 'reset');
    assert.deepEqual(scene.decodeErrors, []);
    for (let each = 0; each < 255; each += 1) {
      const later = await scene.start(`n${each}`);
      if (each === 0) scene.socket(2).open();
      await scene.advance(0);
      scene.socket(2).reply(`n${each}`);
      await scene.advance(0);
      assert.deepEqual(outcomes(later), ['success']);
    }
    assert.equal(scene.network.sockets.length, 2);
  });

  it('does not extend the deadline by bytes that trickle in', async () => {
    const scene = await servedScene();
    scene.socket(1).receive(frame.subarray(0, 3));
    await scene.advance(300);
    scene.socket(1).receive(frame.subarray(3, 6));
    await scene.advance(199);
    assert.equal(scene.socket(1).ending, 'none');
    await scene.advance(1);
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('gives each incomplete frame its own deadline', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).receive(frame.subarray(0, 3));
    await scene.advance(300);
    scene.socket(1).receive(Buffer.concat([frame.subarray(3), frame.subarray(0, 3)]));
    await scene.advance(300);
    assert.deepEqual(outcomes(one), ['success']);
    assert.equal(scene.socket(1).ending, 'none');
    await scene.advance(200);
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('a bad reply is no sign that the packet arrived: it may have been meant for another one', async () => {
    const scene = await servedScene();
    const first = await scene.start('m1');
    scene.socket(1).receive(encodeFrame('no JSON'));
    await scene.advance(1);
    assert.deepEqual(outcomes(first), ['bad_reply']);
    const again = await scene.start('m1');
    await scene.advance(500);
    const elsewhere = await openAnd(scene, 'm1');
    assert.deepEqual(outcomes(again, elsewhere), ['timeout', undefined]);
    // One answer for two packets: the other one may still be on its way, and must not arrive later.
    scene.socket(1).reply('m1');
    await scene.advance(500);
    assert.deepEqual(outcomes(elsewhere), ['success']);
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('reports a reply that was cut off as bad if exactly one toggle waits', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1');
    scene.socket(1).receive(frame.subarray(0, 9));
    scene.socket(1).break();
    await scene.advance(0);
    assert.deepEqual(outcomes(one), ['bad_reply']);
    const received = one.result && 'received' in one.result && one.result.received;
    assert.equal(received, frame.subarray(0, 9).toString('hex'));
  });

  it('shows of a reply that was cut off nothing of the one before it, which came in pieces', async () => {
    const scene = await servedScene();
    await scene.start('m1');
    scene.socket(1).receive(frame.subarray(0, 3));
    scene.socket(1).receive(frame.subarray(3));
    const next = await scene.start('m2');
    scene.socket(1).receive(frame.subarray(0, 9));
    scene.socket(1).break();
    await scene.advance(0);
    const received = next.result && 'received' in next.result && next.result.received;
    assert.equal(received, frame.subarray(0, 9).toString('hex'));
  });

  it('is late for a toggle that is due with it, and bad for one that is not, whichever timer fires first', async () => {
    const scene = await servedScene();
    scene.socket(1).isStuck = true;
    const due = await scene.start('m1', { deviceId: 'a' });
    await scene.advance(10);
    // Its deadline is put off from here, by a timer that starts after that of the reply.
    scene.socket(1).flush();
    scene.socket(1).receive(frame.subarray(0, 9));
    await scene.advance(100);
    const newer = await scene.start('m2', { deviceId: 'b' });
    await scene.advance(400);
    assert.deepEqual(outcomes(due, newer), ['timeout', 'bad_reply']);
  });

  it('reports a lost connection if several toggles wait', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).receive(frame.subarray(0, 9));
    scene.socket(1).break();
    await scene.advance(0);
    assert.deepEqual(outcomes(one, two), ['connection_closed', 'connection_closed']);
    assert.deepEqual(scene.decodeErrors, [{ deviceId: 'lamp', reason: 'truncated' }]);
  });
});

describe('persistent transport: cancelling', () => {
  const cancelled = { outcome: 'cancelled', error: 'cancelled', cause: 'cancelled' };

  it('ends a toggle that waits for a connection', async () => {
    const scene = persistentScene();
    const one = await scene.start('m1');
    one.cancel();
    await scene.advance(0);
    assert.deepEqual(one.result, { ...cancelled, maybeDelivered: false });
    scene.socket(1).open();
    assert.deepEqual(scene.socket(1).written, []);
    assert.deepEqual(scene.packets, []);
  });

  it('ends a toggle that waits for room', async () => {
    const scene = persistentScene();
    await openAnd(scene, 'm1');
    const two = await scene.start('m2', { deviceId: 'b' });
    two.cancel();
    await scene.advance(0);
    assert.deepEqual(two.result, { ...cancelled, maybeDelivered: false });
    assert.equal(scene.socket(1).ending, 'none');
  });

  for (const isStuck of [true, false]) {
    it(`ends an exclusive connection ${isStuck ? 'that sends' : 'that waits for the reply'}`, async () => {
      const scene = persistentScene();
      const one = await scene.start('m1');
      scene.socket(1).isStuck = isStuck;
      scene.socket(1).open();
      await scene.advance(0);
      one.cancel();
      await scene.advance(0);
      assert.deepEqual(one.result, { ...cancelled, maybeDelivered: true });
      scene.socket(1).flush();
      await scene.start('m2', { deviceId: 'b' });
      assert.equal(scene.network.sockets.length, 2);
      await scene.advance(500);
      assert.equal(scene.socket(1).ending, 'reset');
    });

    it(`keeps a shared connection ${isStuck ? 'that sends' : 'that waits for the reply'}`, async () => {
      const scene = await servedScene();
      scene.socket(1).isStuck = isStuck;
      const one = await scene.start('m1');
      one.cancel();
      await scene.advance(0);
      assert.deepEqual(one.result, { ...cancelled, maybeDelivered: true });
      scene.socket(1).flush();
      const two = await scene.start('m2');
      scene.socket(1).reply('m2');
      await scene.advance(0);
      assert.deepEqual(outcomes(two), ['success']);
      assert.equal(scene.network.sockets.length, 1);
    });
  }

  it('resets a connection whose replies can never name their toggle', async () => {
    const scene = persistentScene({ reply: 'any' });
    const one = await openAnd(scene, 'm1');
    one.cancel();
    await scene.advance(0);
    assert.equal(scene.socket(1).ending, 'reset');
  });

  it('ends a connection that owes more replies than it can remember', async () => {
    const scene = await servedScene();
    for (let each = 0; each <= 1000; each += 1) {
      const one = await scene.start(`n${each}`, { deviceId: `d${each}` });
      one.cancel();
    }
    await scene.start('m1');
    assert.equal(scene.network.sockets.length, 2);
  });
});

describe('persistent transport: older commands', () => {
  it('resets a connection on which an older command was given up before the newer one is sent', async () => {
    const scene = await servedScene();
    const on = await scene.start('a', { state: true });
    on.cancel();
    const off = await scene.start('b', { state: false });
    await scene.advance(500);
    assert.deepEqual(outcomes(on, off), ['cancelled', 'timeout']);
    await scene.start('b', { state: false });
    assert.equal(scene.socket(1).ending, 'none');
    scene.socket(2).open();
    assert.equal(scene.socket(1).ending, 'reset');
    assert.deepEqual(scene.socket(2).msgIds, ['b']);
  });

  it('does not reset it for another device', async () => {
    const scene = await servedScene();
    const on = await scene.start('a');
    on.cancel();
    await scene.start('b');
    await scene.advance(500);
    await openAnd(scene, 'c', { deviceId: 'other' });
    assert.equal(scene.socket(1).ending, 'none');
  });

  it('forgets older commands once a newer one was answered on the same connection', async () => {
    const scene = await servedScene();
    const on = await scene.start('a');
    on.cancel();
    await scene.start('b');
    scene.socket(1).reply('b');
    scene.transport.closeIdle();
    assert.equal(scene.socket(1).ending, 'end');
  });

  describe('sent twice on one connection and answered once', () => {
    /** Toggle `a` gets no reply to its first attempt, while another device keeps the connection; then one reply comes. */
    async function answeredOnce(hasSecondTimedOut: boolean): Promise<TransportScene> {
      const scene = await servedScene();
      await scene.start('a');
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        await scene.advance(100);
        await scene.start(`other ${attempt}`, { deviceId: 'other' });
        scene.socket(1).reply(`other ${attempt}`);
        if (attempt === 1 || hasSecondTimedOut) await scene.advance(400);
        if (attempt === 1) await scene.start('a');
      }
      assert.deepEqual(scene.socket(1).msgIds, ['m0', 'a', 'other 1', 'a', 'other 2']);
      scene.socket(1).reply('a');
      // Time passes, so that what is sent next is sent after this reply.
      await scene.advance(1);
      return scene;
    }

    for (const hasSecondTimedOut of [false, true]) {
      const when = hasSecondTimedOut ? 'after both attempts' : 'during the second attempt';
      it(`is still on its way ${when}: the connection is reset before the next command goes another way`, async () => {
        const scene = await answeredOnce(hasSecondTimedOut);
        await scene.start('b', { state: false });
        await scene.advance(500);
        await openAnd(scene, 'b', { state: false });
        assert.equal(scene.socket(1).ending, 'reset');
        assert.deepEqual(scene.socket(2).msgIds, ['b']);
      });

      it(`is still on its way ${when}: a connection that rests is reset`, async () => {
        const scene = await answeredOnce(hasSecondTimedOut);
        scene.transport.closeIdle();
        assert.equal(scene.socket(1).ending, 'reset');
      });
    }

    it('is still on its way after a second reply: a device may answer one packet twice', async () => {
      const scene = await answeredOnce(false);
      scene.socket(1).reply('a');
      await scene.advance(1);
      await scene.start('b', { state: false });
      await scene.advance(500);
      await openAnd(scene, 'b', { state: false });
      assert.equal(scene.socket(1).ending, 'reset');
      assert.deepEqual(scene.socket(2).msgIds, ['b']);
    });

    it('has arrived once a newer toggle was answered', async () => {
      const scene = await answeredOnce(false);
      await scene.start('b', { state: false });
      scene.socket(1).reply('b');
      await scene.advance(0);
      scene.transport.closeIdle();
      assert.equal(scene.socket(1).ending, 'end');
    });
  });

  it('sends a packet once when the reset sends another toggle back to wait', async () => {
    const scene = await servedScene();
    // Two toggles in flight on a silent connection: the first one times out, and the connection drains.
    await scene.start('a', { deviceId: 'a' });
    await scene.advance(100);
    const other = await scene.start('b', { deviceId: 'b' });
    await scene.advance(400);
    // The newer command for the first device resets it, so the other toggle is sent again.
    const newer = await scene.start('c', { deviceId: 'a', state: false });
    scene.socket(2).open();
    await scene.advance(0);
    assert.equal(scene.socket(1).ending, 'reset');
    assert.deepEqual(scene.socket(2).msgIds, ['c']);
    scene.socket(2).reply('c');
    await scene.advance(0);
    assert.deepEqual(scene.socket(2).msgIds, ['c', 'b']);
    scene.socket(2).reply('b');
    await scene.advance(0);
    assert.deepEqual(outcomes(other, newer), ['success', 'success']);
  });

  it('counts what is in flight for the same device as an older command', async () => {
    const scene = await servedScene();
    await scene.start('x', { deviceId: 'x' });
    await scene.advance(100);
    const older = await scene.start('a', { deviceId: 'a' });
    scene.socket(1).receive(encodeReply({ kind: 'ack', msgId: 'unknown' }));
    await scene.advance(100);
    scene.transport.closeIdle();
    const newer = await openAnd(scene, 'b', { deviceId: 'a' });
    assert.deepEqual(outcomes(older, newer), ['connection_closed', undefined]);
    assert.deepEqual(scene.socket(2).msgIds, ['b']);
  });
});
