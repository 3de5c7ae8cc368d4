/** Observers of persistent connections that end, stop or start something within the call that tells them of it. */
import assert from 'node:assert/strict';
import { persistentScene, servedScene, type StartedAttempt } from '../support/transport-scene';

const outcomes = (...attempts: StartedAttempt[]) => attempts.map(({ result }) => result?.outcome);

describe('an observer of a persistent connection', () => {
  it('that closes the new connection leaves what waits its time for the next one', async () => {
    let hasClosed = false;
    const scene = persistentScene({}, (_deviceId, state) => {
      if (state !== 'connected' || hasClosed) return;
      hasClosed = true;
      scene.transport.closeIdle();
    });
    const waiting = await scene.start('m1');
    scene.socket(1).open();
    // Longer than a packet may wait for room, but not than one may wait for a connection.
    await scene.advance(700);
    assert.deepEqual(outcomes(waiting), [undefined]);
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).reply('m1');
    await scene.advance(0);
    assert.deepEqual(outcomes(waiting), ['success']);
  });

  it('that toggles when no connection was made lets what waits go on waiting for the one that it opened', async () => {
    const started: Promise<StartedAttempt>[] = [];
    let acts = false;
    const scene = persistentScene({}, (_deviceId, state) => {
      if (state !== 'disconnected' || !acts) return;
      acts = false;
      started.push(scene.start('m2', { deviceId: 'b' }));
    });
    const waiting = await scene.start('m1');
    acts = true;
    scene.socket(1).break('ECONNREFUSED');
    await scene.advance(0);
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).reply('m1');
    await scene.advance(0);
    scene.socket(2).reply('m2');
    await scene.advance(0);
    assert.deepEqual(outcomes(waiting, ...(await Promise.all(started))), ['success', 'success']);
  });

  it('that stops the toggles for which a connection is reset: neither of them is sent', async () => {
    // The newest is stopped first: what waits is sent when one that was in flight is stopped.
    const attempts: StartedAttempt[] = [];
    const scene = await servedScene({}, undefined, ({ direction, outcome }) => {
      if (direction === 'recv' && outcome === 'closed') for (const attempt of attempts.toReversed()) attempt.cancel();
    });
    // Two toggles in flight on a silent connection: the first one times out, and the connection drains.
    await scene.start('a', { deviceId: 'a' });
    await scene.advance(100);
    attempts.push(await scene.start('b', { deviceId: 'b' }));
    await scene.advance(400);
    // The newer command for the first device resets it, so the other toggle would be sent again.
    attempts.push(await scene.start('c', { deviceId: 'a', state: false }));
    scene.socket(2).open();
    await scene.advance(0);
    assert.equal(scene.socket(1).ending, 'reset');
    assert.deepEqual(outcomes(...attempts), ['cancelled', 'cancelled']);
    assert.deepEqual(scene.socket(2).msgIds, []);
  });
});
