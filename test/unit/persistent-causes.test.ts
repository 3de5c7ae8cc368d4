/** Why attempts over a persistent connection fail, and what is reported of the connection and its bytes. */
import assert from 'node:assert/strict';
import { encodeReply, encodeToggle } from '../../src/protocol/toggle';
import { StopSignal } from '../../src/stop-signal';
import { ConnectionStateReporter, MAX_IDS } from '../../src/transport/persistent/connection-state';
import { PersistentTransport } from '../../src/transport/persistent/transport';
import { FakeNetwork } from '../support/fake-sockets';
import { fakeClock } from '../support/fixtures';
import { persistentScene, servedScene } from '../support/transport-scene';

const SLOW = { reply: 'auto', connectTimeoutMs: 1000, ioTimeoutMs: 5000 } as const;
const HASTY = { reply: 'auto', connectTimeoutMs: 200, ioTimeoutMs: 500 } as const;

const settingsAt = (port: number) => ({ ...SLOW, host: 'device.test', port, deviceId: 'lamp', ioTimeoutMs: 500 });

/** A transport of its own, to see what it asks of a connection, and what it reports of the bytes. */
function bareTransport() {
  const clock = fakeClock();
  const network = new FakeNetwork();
  const endpoints: { readonly port: number; readonly staysOpen?: boolean }[] = [];
  const received: string[] = [];
  const transport = new PersistentTransport(
    settingsAt(1),
    clock,
    {
      bytesReceived: (deviceId, msgId, attempt, bytes) =>
        received.push(`${deviceId} ${msgId} ${attempt} ${Buffer.from(bytes).toString()}`),
    },
    (endpoint, events) => {
      endpoints.push(endpoint);
      return network.connect(endpoint, events);
    },
  );
  const start = async (deviceId: string, msgId: string) => {
    const request = { deviceId, msgId, state: true };
    const packet = encodeToggle(request);
    const result = transport.exchange({ request, packet, attempt: 1, signal: new StopSignal() });
    await clock.advance(0);
    return result.then(({ outcome, error }) => error ?? outcome);
  };
  return { clock, network, endpoints, received, transport, start };
}

describe('persistent connection: why no reply came', () => {
  it('a reply to another toggle, if one alone waits', async () => {
    const scene = await servedScene();
    const on = await scene.start('m1');
    scene.socket(1).reply('unknown');
    await scene.advance(500);
    assert.equal(on.result?.cause, 'other_msg_id');
  });

  it('nothing, if it was a late reply to an older toggle of the same device', async () => {
    const scene = await servedScene();
    (await scene.start('m1')).cancel();
    const on = await scene.start('m2');
    scene.socket(1).reply('m1');
    await scene.advance(500);
    assert.equal(on.result?.cause, 'no_reply');
  });

  it('nothing, if several wait: it is not known which of them the reply was meant for', async () => {
    const scene = await servedScene();
    const both = [await scene.start('m1', { deviceId: 'a' }), await scene.start('m2', { deviceId: 'b' })];
    scene.socket(1).reply('unknown');
    await scene.advance(500);
    assert.deepEqual(
      both.map(({ result }) => result?.cause),
      ['no_reply', 'no_reply'],
    );
  });

  it('a part of a reply', async () => {
    const scene = persistentScene();
    const on = await scene.start('m1', { settings: { ...HASTY, ioTimeoutMs: 400 } });
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).receive('AC');
    await scene.advance(400);
    assert.equal(on.result?.cause, 'reply_incomplete');
  });

  it('others on the connection all the time', async () => {
    const scene = persistentScene();
    await scene.start('m1', { deviceId: 'a', settings: SLOW });
    const waiting = await scene.start('m2', { deviceId: 'b' });
    await scene.advance(100);
    scene.socket(1).open();
    await scene.advance(499);
    const early = waiting.result?.cause;
    await scene.advance(1);
    assert.deepEqual([early, waiting.result?.cause], [undefined, 'connection_busy']);
  });

  it('the failure of the last connection, while the next one is not made', async () => {
    for (const end of ['refused', 'broken'] as const) {
      const scene = end === 'refused' ? persistentScene() : await servedScene();
      if (end === 'refused') await scene.start('m1');
      scene.socket(1).break(end);
      await scene.advance(0);
      const late = await scene.start('m2', { settings: HASTY });
      await scene.advance(200);
      assert.equal(late.result?.error, `no connection within 200 ms: ${end}`);
    }
  });
});

describe('persistent connection: what is given up', () => {
  it('one that never answered, with replies that would name their toggle', async () => {
    const scene = persistentScene({ reply: 'framed' });
    await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(500);
    await scene.start('m2');
    assert.equal(scene.network.sockets.length, 2);
  });

  it('one whose toggle was stopped: what waits for it takes another one', async () => {
    const scene = persistentScene();
    const first = await scene.start('m1', { deviceId: 'a' });
    scene.socket(1).open();
    await scene.start('m2', { deviceId: 'b' });
    first.cancel();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
  });

  it('not one that many share: only what could be taken for the stopped toggle goes another way, at once', async () => {
    const scene = await servedScene();
    const first = await scene.start('same', { deviceId: 'a' });
    await scene.start('same', { deviceId: 'b' });
    await scene.start('m1', { deviceId: 'c' });
    assert.equal(scene.network.sockets.length, 1);
    first.cancel();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
  });

  it('not the new one, when a toggle on the one before it gets no reply', async () => {
    const scene = await servedScene();
    const silent = await scene.start('m1', { deviceId: 'a' });
    await scene.advance(100);
    scene.transport.closeIdle();
    await scene.start('m2', { deviceId: 'b', settings: SLOW });
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).reply('m2');
    await scene.advance(400);
    assert.equal(silent.result?.outcome, 'timeout');
    await scene.start('m3');
    assert.equal(scene.network.sockets.length, 2);
  });

  it('without sending again what was in flight, if bytes came meanwhile: it was not closed while idle', async () => {
    const scene = await servedScene();
    const one = await scene.start('m1', { deviceId: 'a' });
    scene.socket(1).reply('unknown');
    const two = await scene.start('m2', { deviceId: 'b' });
    scene.socket(1).break('lost');
    await scene.advance(0);
    assert.deepEqual([one.result?.outcome, two.result?.outcome], ['connection_closed', 'connection_closed']);
  });

  it('none that drains, as long as one of its toggles waits for its reply', async () => {
    const scene = await servedScene();
    const [one, two] = [await scene.start('m1', { deviceId: 'a' }), await scene.start('m2', { deviceId: 'b' })];
    scene.transport.closeIdle();
    scene.socket(1).reply('m1');
    await scene.advance(100);
    scene.socket(1).reply('m2');
    await scene.advance(0);
    assert.deepEqual([one.result?.outcome, two.result?.outcome], ['success', 'success']);
    assert.equal(scene.socket(1).ending, 'end');
  });
});

describe('persistent connection: after its end', () => {
  it('nothing that comes is read, or reported, and a failure changes nothing', async () => {
    const scene = await servedScene();
    scene.transport.closeIdle();
    scene.socket(1).reply('unknown');
    scene.socket(1).receive('junk');
    scene.socket(1).fail();
    assert.deepEqual([scene.decodeErrors, scene.socket(1).ending], [[], 'end']);
  });

  it('no timer is left, be it closed in a reply, by a reply, or before it is open', async () => {
    const incomplete = encodeReply({ kind: 'ack', msgId: 'm2' }).subarray(0, 9);
    const inside = await servedScene();
    await inside.start('m1');
    inside.socket(1).receive(incomplete);
    inside.transport.close();
    await inside.advance(0);
    const by = await servedScene();
    await by.start('m1');
    by.transport.onceAnswering?.(() => by.transport.close());
    by.socket(1).receive(Buffer.concat([encodeReply({ kind: 'ack', msgId: 'm1' }), incomplete]));
    await by.advance(0);
    const before = persistentScene();
    await before.start('m1');
    before.socket(1).break('refused');
    await before.advance(0);
    assert.deepEqual([inside.pendingTimers, by.pendingTimers, before.pendingTimers], [0, 0, 0]);
  });

  it('what follows the reply that closed it in the same chunk is not reported', async () => {
    const scene = await servedScene();
    await scene.start('m1');
    scene.transport.onceAnswering?.(() => scene.transport.close());
    scene.socket(1).receive(Buffer.concat([encodeReply({ kind: 'ack', msgId: 'm1' }), Buffer.from('junk')]));
    assert.deepEqual(scene.decodeErrors, []);
  });

  it('no other one is made, unless a toggle waits for it', async () => {
    const scene = persistentScene();
    await scene.start('m1');
    scene.socket(1).open();
    await scene.advance(0);
    scene.socket(1).ack();
    await scene.start('m2');
    scene.socket(1).free();
    await scene.advance(0);
    scene.socket(2).open();
    await scene.advance(0);
    scene.socket(2).ack();
    await scene.advance(0);
    scene.socket(2).free();
    await scene.advance(0);
    assert.equal(scene.network.sockets.length, 2);
  });

  it('it is forgotten once its socket is freed', async () => {
    const scene = await servedScene();
    scene.transport.closeIdle();
    scene.socket(1).free();
    scene.socket(1).reset = () => assert.fail('reset after it was freed');
    scene.transport.close();
  });
});

describe('persistent connection: states', () => {
  it('are reported when they change', async () => {
    const scene = await servedScene();
    scene.transport.closeIdle();
    scene.transport.closeIdle();
    assert.deepEqual(scene.states, ['disconnected', 'connecting', 'connected', 'disconnected']);
  });

  it('no longer reconnects once the device has answered, or once it rests', async () => {
    for (const calm of ['answer', 'rest'] as const) {
      const scene = persistentScene();
      await scene.start('m1');
      scene.socket(1).open();
      await scene.advance(0);
      scene.socket(1).break('lost');
      await scene.advance(0);
      await scene.start('m2');
      assert.equal(scene.states.at(-1), 'reconnecting');
      scene.socket(2).open();
      await scene.advance(0);
      if (calm === 'answer') scene.socket(2).reply('m2');
      else scene.transport.closeIdle();
      await scene.advance(0);
      scene.socket(2).break('idle');
      await scene.advance(0);
      await scene.start('m3');
      assert.equal(scene.states.at(-1), 'connecting');
      scene.transport.close();
    }
  });

  it('are told to the 10,000 device ids that used it last', () => {
    const told: string[] = [];
    const connection = { state: 'connected', isLost: false } as const;
    const reporter = new ConnectionStateReporter({ connectionState: (deviceId) => told.push(deviceId) }, connection);
    for (let id = 0; id < MAX_IDS; id += 1) reporter.register(`d${id}`);
    reporter.register('d0');
    assert.deepEqual([told.length, told[0]], [MAX_IDS, 'd0']);
    told.length = 0;
    reporter.changed();
    assert.equal(told.length, MAX_IDS);
    reporter.register('new');
    told.length = 0;
    reporter.changed();
    assert.deepEqual([told.length, told[0], told.at(-2), told.at(-1)], [MAX_IDS, 'd2', 'd0', 'new']);
  });
});

describe('persistent connection: bytes and settings', () => {
  it('reports bytes under the toggle that waits, if one alone does', async () => {
    const { clock, network, received, start } = bareTransport();
    void start('lamp', 'm1');
    await clock.advance(0);
    network.socket(1).open();
    await clock.advance(0);
    network.socket(1).receive('ACK');
    assert.deepEqual(received, ['lamp m1 1 ACK']);
    network.socket(1).receive('late');
    assert.equal(received.length, 1);
  });

  it('asks for a connection that stays open, and takes new settings for the next one', async () => {
    const { clock, network, endpoints, transport, start } = bareTransport();
    const first = start('lamp', 'm1');
    await clock.advance(0);
    network.socket(1).break('refused');
    assert.equal(await first, 'refused');
    transport.configure({ ...settingsAt(2), connectTimeoutMs: 50, ioTimeoutMs: 70 });
    const second = start('lamp', 'm2');
    await clock.advance(50);
    assert.match(await second, /^no connection within 50 ms/);
    const third = start('lamp', 'm3');
    await clock.advance(0);
    network.socket(3).open();
    await clock.advance(70);
    assert.equal(await third, 'no reply within 70 ms');
    assert.deepEqual(
      endpoints.map(({ port, staysOpen }) => [port, staysOpen]),
      [
        [1, true],
        [2, true],
        [2, true],
      ],
    );
  });

  it('sends what waits for room as soon as a packet has gone', async () => {
    const scene = await servedScene();
    const socket = scene.socket(1);
    socket.isStuck = true;
    await scene.start('m1', { deviceId: 'a' });
    socket.unsentBytes = 65_536;
    await scene.start('m2', { deviceId: 'b' });
    assert.equal(socket.written.length, 2);
    socket.unsentBytes = 0;
    socket.flush();
    assert.equal(socket.written.length, 3);
  });

  it('sends one that comes alone at once, and gathers those that come in numbers', async () => {
    const scene = persistentScene({ reply: 'framed' });
    const gathered: (boolean | undefined)[] = [];
    await scene.start('m0');
    const socket = scene.socket(1);
    const write = socket.write.bind(socket);
    socket.write = (bytes: Uint8Array, onSent: () => void, gathers?: boolean) => {
      gathered.push(gathers);
      write(bytes, onSent);
    };
    socket.open();
    await scene.advance(0);
    socket.reply('m0');
    await scene.start('m1', { deviceId: 'a' });
    await scene.start('m2', { deviceId: 'b' });
    for (const msgId of ['m1', 'm2']) socket.reply(msgId);
    for (const msgId of ['m3', 'm4']) {
      await scene.start(msgId);
      socket.reply(msgId);
    }
    assert.deepEqual(gathered, [false, false, true, true, false]);
  });
});
