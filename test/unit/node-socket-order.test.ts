/** In which turn of the event loop a client socket reports what happened, and in which order. */
import assert from 'node:assert/strict';
import { scripted, type Scripted } from '../support/scripted-socket';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const says = ({ stream }: Scripted, text: string) => stream.emit('data', Buffer.from(text));

async function connected(isSecure = false): Promise<Scripted> {
  const scene = scripted(isSecure);
  scene.stream.emit(isSecure ? 'secureConnect' : 'connect');
  await scene.connected;
  scene.events.length = 0;
  return scene;
}

describe('order of a client socket', () => {
  it('gives a greeting three turns before it is connected, and one over TLS', async () => {
    for (const [isSecure, turns] of [
      [false, 3],
      [true, 1],
    ] as const) {
      const scene = scripted(isSecure);
      scene.stream.emit(isSecure ? 'secureConnect' : 'connect');
      for (let each = 1; each <= turns; each += 1) {
        assert.deepEqual(scene.events, [], `turn ${each}`);
        await turn();
      }
      assert.deepEqual(scene.events, ['connected'], `after ${turns}`);
      scene.socket.reset();
    }
  });

  it('is connected before it says that the peer ended its side in these turns', async () => {
    const scene = scripted();
    scene.stream.emit('connect');
    scene.stream.emit('end');
    await scene.connected;
    assert.deepEqual(scene.events, ['connected']);
    await turn();
    assert.deepEqual(scene.events, ['connected', 'failed']);
    assert.equal((await scene.failure).cause, 'closed_without_reply');
  });

  it('never is connected once it has failed or was given up, in whichever of these turns', async () => {
    for (let turns = 0; turns <= 2; turns += 1) {
      const failing = scripted();
      const givenUp = scripted();
      for (const { stream } of [failing, givenUp]) stream.emit('connect');
      for (let each = 0; each < turns; each += 1) await turn();
      failing.tcp.emit('error', new Error('broken'));
      givenUp.socket.reset();
      await givenUp.closed;
      for (let each = 0; each < 4; each += 1) await turn();
      assert.deepEqual([failing.events, givenUp.events], [['failed'], ['failed', 'closed']]);
    }
  });

  for (const isSecure of [false, true]) {
    describe(isSecure ? 'over TLS' : 'over TCP', () => {
      it('passes on at once what comes while no write is under way', async () => {
        const scene = await connected(isSecure);
        says(scene, 'a');
        assert.deepEqual(scene.events, ['a']);
        scene.stream.emit('end');
        assert.deepEqual(scene.events, ['a', 'failed']);
      });

      it('holds back for a turn what comes while a write is under way, and all that comes after it', async () => {
        const scene = await connected(isSecure);
        scene.unsent = 1;
        says(scene, 'a');
        scene.unsent = 0;
        says(scene, 'b');
        scene.stream.emit('end');
        assert.deepEqual(scene.events, []);
        await turn();
        assert.deepEqual(scene.events, ['a', 'b', 'failed']);
        assert.equal((await scene.failure).cause, 'closed_without_reply');
      });

      it('holds back an error, too, and reports the first one only', async () => {
        const scene = await connected(isSecure);
        scene.unsent = 1;
        scene.stream.emit('error', new Error('first'));
        scene.tcp.emit('error', new Error('second'));
        assert.deepEqual(scene.events, []);
        await turn();
        assert.deepEqual(scene.events, ['failed']);
        assert.equal((await scene.failure).error, 'first');
      });

      it('passes on nothing that was held back once it is given up', async () => {
        for (const ending of ['end', 'reset'] as const) {
          const scene = await connected(isSecure);
          scene.unsent = 1;
          says(scene, 'a');
          scene.socket[ending]();
          await turn();
          assert.ok(!scene.events.includes('a'));
          scene.socket.reset();
        }
      });

      it('passes on nothing after it has failed', async () => {
        const scene = await connected(isSecure);
        scene.tcp.emit('error', new Error('broken'));
        says(scene, 'a');
        assert.deepEqual(scene.events, ['failed']);
      });
    });
  }
});
