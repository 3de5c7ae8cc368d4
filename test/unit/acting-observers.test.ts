/** Observers that close the device, or switch it again, within the call that tells them of something. */
import assert from 'node:assert/strict';
import { Device } from '../../src/device/device';
import type { Observer, PacketEvent } from '../../src/observer';
import type { DeviceSettings } from '../../src/settings/device';
import type { Verdict } from '../../src/verdict';
import { FakeNetwork } from '../support/fake-sockets';
import { fakeClock, settingsWith } from '../support/fixtures';

/** An observer that acts once, on the first event for which `isIt` says so. */
function onFirst(isIt: (name: string, args: readonly unknown[]) => boolean, act: () => void): Observer {
  let hasActed = false;
  return new Proxy<Observer>(
    {},
    {
      get: (_target, name) =>
        typeof name === 'string' &&
        ((...args: readonly unknown[]) => {
          if (hasActed || !isIt(name, args)) return;
          hasActed = true;
          act();
        }),
    },
  );
}

function setUp(
  settings: Partial<DeviceSettings>,
  isIt: (name: string, args: readonly unknown[]) => boolean,
  act: () => void,
) {
  const clock = fakeClock();
  const network = new FakeNetwork();
  const options = { clock, connect: network.connect, addresses: new Map(), random: () => 0 };
  const device = new Device(settingsWith(settings), { ...options, observers: [onFirst(isIt, act)] });
  return { clock, network, device };
}

/** Answers every packet on every connection until nothing happens any more. */
async function serve({ clock, network }: Pick<ReturnType<typeof setUp>, 'clock' | 'network'>): Promise<void> {
  const answered = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    for (const socket of network.sockets) {
      if (socket.ending !== 'none') continue;
      socket.open();
      await clock.advance(0);
      for (const msgId of socket.msgIds) {
        if (socket.ending !== 'none' || answered.has(msgId)) continue;
        answered.add(msgId);
        socket.reply(msgId);
        await clock.advance(0);
      }
    }
    await clock.advance(0);
  }
}

const EVENTS: Readonly<Record<string, (name: string, args: readonly unknown[]) => boolean>> = {
  'a toggle is asked for': (name) => name === 'asked',
  'its attempt starts': (name) => name === 'attemptStarted',
  'the circuit of its lane is closed': (name) => name === 'circuitState',
  'it waits': (name) => name === 'queueDepth',
  'a connection is being opened': (name, [, state]) => name === 'connectionState' && state === 'connecting',
  'a connection is open': (name, [, state]) => name === 'connectionState' && state === 'connected',
  'the packet was sent': (name) => name === 'packet',
};

describe('an observer that closes the device', () => {
  for (const connection of ['per-toggle', 'persistent'] as const) {
    for (const queueMode of ['fifo', 'latest'] as const) {
      for (const [when, isIt] of Object.entries(EVENTS)) {
        it(`${connection}, ${queueMode}, when ${when}: every toggle ends as closed, and nothing is left`, async () => {
          const scene = setUp({ connection, queueMode, reply: 'framed', breakerFailures: 3 }, isIt, () =>
            scene.device.close(),
          );
          const verdicts: Verdict[] = [];
          for (const msgId of ['one', 'two', 'three']) {
            void scene.device.toggle({ msgId, state: true }).then((verdict) => verdicts.push(verdict));
          }
          await serve(scene);
          const reasons = verdicts.map(({ msgId, reason }) => `${msgId} ${reason}`).toSorted();
          // The newest one replaces it before the device is closed, or together with that.
          const ofTheSecond = queueMode === 'latest' && reasons.includes('two superseded') ? 'superseded' : 'closed';
          assert.deepEqual(reasons, ['one closed', 'three closed', `two ${ofTheSecond}`]);
          assert.equal(scene.clock.pendingTimers, 0);
          assert.deepEqual(
            scene.network.sockets.filter(({ ending }) => ending === 'none'),
            [],
          );
        });
      }
    }
  }
});

describe('an observer that stops a toggle and closes the idle connection', () => {
  it('when its bad reply came: the connection is reset, for the device may still take the packet', async () => {
    const scene = setUp(
      { connection: 'persistent', reply: 'auto' },
      (name) => name === 'decodeError',
      () => {
        scene.device.stop('cancelled');
        scene.device.closeIdle();
      },
    );
    const verdict = scene.device.toggle({ msgId: 'one', state: true });
    await scene.clock.advance(0);
    const socket = scene.network.socket(1);
    socket.end = () => assert.fail('it is closed in order');
    socket.open();
    await scene.clock.advance(0);
    socket.receive('no frame');
    assert.equal((await verdict).reason, 'cancelled');
    assert.equal(socket.ending, 'reset');
  });
});

describe('an observer that closes the device when an idle connection took a packet in vain', () => {
  it('nothing is sent again', async () => {
    const scene = setUp(
      { connection: 'persistent', reply: 'framed' },
      (name, [event]) => name === 'packet' && (event as PacketEvent).outcome === 'closed',
      () => scene.device.close(),
    );
    const first = scene.device.toggle({ msgId: 'one', state: true });
    await serve(scene);
    assert.equal((await first).outcome, 'confirmed');
    const others = ['a', 'b'].map((deviceId) => scene.device.toggle({ deviceId, msgId: deviceId, state: true }));
    await scene.clock.advance(0);
    scene.network.socket(1).break();
    const verdicts = (await Promise.all(others)).map(({ outcome, reason }) => `${outcome}/${reason}`);
    assert.deepEqual(verdicts, ['unknown/closed', 'unknown/closed']);
    assert.equal(scene.network.sockets.length, 1);
    assert.equal(scene.clock.pendingTimers, 0);
  });
});
