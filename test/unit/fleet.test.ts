import assert from 'node:assert/strict';
import { BrokerError } from '../../src/fleet/amqp/broker';
import { Fleet, type FleetOptions } from '../../src/fleet/fleet';
import { encodeVerdict } from '../../src/fleet/verdict-message';
import { parseSettings } from '../../src/settings/field';
import { fleetFields } from '../../src/settings/fleet';
import { TraceRecorder } from '../../src/trace/recorder';
import type { Verdict } from '../../src/verdict';
import { FakeBroker } from '../support/fake-broker';
import { fakeClock } from '../support/fixtures';

function scene(more: Partial<FleetOptions> = {}, isDown = false) {
  const parsed = parseSettings(fleetFields, {});
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const broker = new FakeBroker();
  broker.isDown = isDown;
  const clock = fakeClock();
  const states: string[] = [];
  const fleet = new Fleet(parsed.settings, {
    url: 'amqp://user:sEcret@rabbit',
    clock,
    connect: broker.connect,
    onState: (state) => states.push('error' in state ? `${state.kind}: ${state.error}` : state.kind),
    ...more,
  });
  const replyQueue = () => broker.channels.flatMap(({ consumers }) => [...consumers.keys()]).at(-1) ?? '';
  function reply(verdict: Pick<Verdict, 'deviceId' | 'msgId'> & Partial<Verdict>) {
    const body = encodeVerdict({ outcome: 'confirmed', attempts: 1, elapsedMs: 1, ...verdict }, '0');
    return broker.deliver(replyQueue(), { deliveryTag: 9, routingKey: '', redelivered: false, body });
  }
  return {
    broker,
    clock,
    states,
    fleet,
    sent: () => broker.channels.flatMap(({ published }) => published),
    reply,
  };
}

describe('fleet', () => {
  it('sends a command with its reply queue, and has the verdict that comes there', async () => {
    const heard: string[] = [];
    const { fleet, clock, broker, sent, states, reply } = scene({
      observers: [
        { verdict: ({ outcome }) => heard.push(outcome), confirmedState: (id, state) => heard.push(`${id} ${state}`) },
      ],
    });
    await clock.advance(0);
    assert.deepEqual(states, ['connecting', 'connected']);
    const toggled = fleet.toggle({ deviceId: 'a', msgId: 'm1', state: true });
    await clock.advance(0);
    const [message] = sent();
    assert.deepEqual([message?.exchange, message?.routingKey, message?.mandatory], ['phase0.commands', 'a', true]);
    assert.match(message?.replyTo ?? '', /^phase0\.reply\.[\da-f]{16}$/);
    assert.match(String(message?.body), /^\{"device_id":"a","msg_id":"m1","state":true,"sent_at":\d+\}$/);
    broker.deliver(message?.replyTo ?? '', { deliveryTag: 1, routingKey: '', redelivered: false, body: 'no verdict' });
    const channel = reply({ deviceId: 'a', msgId: 'm1', state: true });
    assert.equal((await toggled).outcome, 'confirmed');
    assert.deepEqual(channel.acknowledged, [1, 9]);
    assert.deepEqual(heard, ['a true', 'confirmed']);
    assert.equal(fleet.knownState('a'), true);
    await fleet.close();
  });

  it('ends toggles as failed while the broker is away, and goes on when it is back', async () => {
    const { fleet, clock, broker, states } = scene({}, true);
    broker.events?.lost('ECONNREFUSED');
    const first = fleet.toggle({ deviceId: 'a', state: true });
    await clock.advance(5000);
    assert.equal((await first).reason, 'broker_unreachable');
    broker.comeBack();
    await clock.advance(1000);
    assert.equal(fleet.isConnected, true);
    await broker.lose();
    await clock.advance(0);
    assert.equal(fleet.isConnected, false);
    assert.equal(states.at(-1), 'disconnected: gone');
    broker.comeBack();
    await clock.advance(1000);
    assert.equal(states.at(-1), 'connected');
    await fleet.close();
  });

  it('says that the broker has not been set up', async () => {
    const { fleet, clock, broker, states } = scene({}, true);
    broker.comeBack();
    const open = broker.openChannel.bind(broker);
    broker.openChannel = async () => {
      const channel = await open();
      channel.bind = () => Promise.reject(new BrokerError('NOT_FOUND', "no exchange 'phase0.results'"));
      return channel;
    };
    await clock.advance(3000);
    const missing = "disconnected: no exchange 'phase0.results' (phase0-worker --setup creates it)";
    assert.deepEqual(states, ['connecting', missing], 'once, though it is tried every second');
    broker.openChannel = open;
    await clock.advance(1000);
    assert.deepEqual(states.slice(2), ['connected']);
    await fleet.close();
  });

  it('is recorded by the packet trace: who asked, the verdict, and the worker that gave it', async () => {
    const recorder = new TraceRecorder();
    const owner = { nodeId: 'f1', deviceIds: [], isComplete: false, settingsOf: () => ({}) } as const;
    const { fleet, clock, reply } = scene({ observers: [recorder.observer({ ...owner, nodeType: 'phase0-fleet' })] });
    await clock.advance(0);
    const ask = (msgId: string) =>
      fleet.toggle({ deviceId: 'a', msgId, state: true, requester: 't1', requestId: 'r1' });
    const toggled = [ask('m1'), ask('m2')];
    await clock.advance(0);
    assert.equal(recorder.devices().devices[0]?.running, false, 'nothing is attempted here');
    reply({ deviceId: 'a', msgId: 'm1', state: true });
    fleet.stop('cancelled');
    await Promise.all(toggled);
    const { toggles } = recorder.toggles({});
    assert.deepEqual(
      toggles.map(({ key, msgId, who, outcome, worker }) => [key, msgId, who?.nodeId, outcome, worker]),
      [
        ['f1:a', 'm1', 't1', 'confirmed', '0'],
        ['f1:a', 'm2', 't1', 'unknown', undefined],
      ],
    );
    const [summary] = recorder.devices().devices;
    assert.deepEqual([summary?.nodeType, summary?.state, summary?.address], ['phase0-fleet', true, undefined]);
    await fleet.close();
  });

  it('reports each reason of a loss once, and what the broker refuses once it is back', async () => {
    const { fleet, clock, broker, states } = scene();
    await clock.advance(0);
    await broker.lose();
    for (const error of ['gone', 'refused', 'gone', 'refused']) broker.events?.lost(error);
    assert.deepEqual(states.slice(2), ['disconnected: gone', 'disconnected: refused']);
    const open = broker.openChannel.bind(broker);
    broker.openChannel = async () => {
      const channel = await open();
      channel.declareQueue = () => Promise.reject(new BrokerError('ACCESS_REFUSED', 'no access'));
      return channel;
    };
    broker.comeBack();
    await clock.advance(3000);
    assert.deepEqual(states.slice(4), ['disconnected: no access']);
    broker.openChannel = open;
    await clock.advance(1000);
    assert.equal(states.at(-1), 'connected');
    await fleet.close();
  });

  it('drops what is no toggle, and what cannot be routed', async () => {
    const { fleet, clock, sent } = scene();
    await clock.advance(0);
    const reasons = await Promise.all(
      [
        { state: true },
        { deviceId: 'a', state: 'on' as unknown as boolean },
        { deviceId: 'ä'.repeat(128), state: true },
        { deviceId: 'a', msgId: '', state: true },
      ].map(async (command) => (await fleet.toggle(command)).reason),
    );
    assert.deepEqual(reasons, ['invalid_settings', 'invalid_state', 'invalid_settings', 'invalid_settings']);
    assert.deepEqual(sent(), []);
    await fleet.close();
  });

  it('ends everything when it is closed, once, and frees the broker', async () => {
    const { fleet, clock, broker } = scene();
    await clock.advance(0);
    const toggled = fleet.toggle({ deviceId: 'a', state: true });
    const closed = fleet.close();
    assert.equal(fleet.close(), closed);
    assert.deepEqual([(await toggled).outcome, (await toggled).reason], ['unknown', 'closed']);
    assert.equal((await fleet.toggle({ deviceId: 'a', state: true })).reason, 'closed');
    await closed;
    assert.ok(broker.channels.every(({ isOpen }) => !isOpen));
    assert.equal(clock.pendingTimers, 0);
  });

  it('stops the toggles of one requester', async () => {
    const { fleet, clock } = scene();
    await clock.advance(0);
    const mine = fleet.toggle({ deviceId: 'a', state: true, requester: 'n1' });
    const other = fleet.toggle({ deviceId: 'b', state: true, requester: 'n2' });
    fleet.stop('cancelled', 'n1');
    assert.equal((await mine).reason, 'cancelled');
    assert.equal(fleet.inFlight, 1);
    await fleet.close();
    assert.equal((await other).reason, 'closed');
  });

  it('ends in time also while the broker reads nothing', async () => {
    const { broker, clock, fleet } = scene();
    await clock.advance(0);
    broker.isBlocked = true;
    const closed = fleet.close();
    await clock.advance(1000);
    await closed;
    assert.equal(clock.pendingTimers, 0);
  });
});
