/** One attempt over a persistent connection: its times, its deadlines, and its one end. */
import assert from 'node:assert/strict';
import type { PacketEvent } from '../../src/observer';
import { StopSignal } from '../../src/stop-signal';
import { AttemptReporter } from '../../src/transport/attempt-reporter';
import { noReply } from '../../src/transport/persistent/late-failures';
import { PendingRequest } from '../../src/transport/persistent/pending-request';
import type { AttemptResult, StepFailure } from '../../src/transport/transport';
import { fakeClock } from '../support/fixtures';

const SESSION = { greeting: new Uint8Array() };
const LATE: StepFailure = { failure: 'timeout', error: 'late' };
const CLOSED: StepFailure = { failure: 'connection_closed', error: 'closed' };
const ANSWER = { kind: 'raw', bytes: Buffer.from('ACK') } as const;
const nothing = () => undefined;

/** A request that was made at 1,000 ms. */
async function setUp(onPacket: (event: PacketEvent) => void = nothing) {
  const clock = fakeClock();
  await clock.advance(1000);
  const packets: PacketEvent[] = [];
  const results: AttemptResult[] = [];
  const listeners = new Set<() => void>();
  const signal = new StopSignal();
  signal.onStop = (listener) => listeners.add(listener);
  signal.removeListener = (listener) => listeners.delete(listener);
  const request = new PendingRequest<typeof SESSION>(
    { request: { deviceId: 'lamp', msgId: 'm1', state: true }, packet: Buffer.of(1), attempt: 1, signal },
    clock,
    new AttemptReporter({ packet: (event) => (packets.push(event), onPacket(event)) }),
    (result) => results.push(result),
    nothing,
  );
  const times = () => packets.map(({ direction, elapsedMs }) => `${direction} after ${elapsedMs}`);
  return { clock, request, packets, results, listeners, times };
}

describe('pending request', () => {
  it('measures the send from its start, and the reply from the send', async () => {
    const { clock, request, results, times } = await setUp();
    await clock.advance(20);
    request.sent(SESSION, 500, nothing);
    await clock.advance(7);
    request.reply(ANSWER);
    assert.deepEqual(times(), ['send after 20', 'recv after 7']);
    assert.equal(results[0]?.latencyMs, 7);
  });

  it('measures a reply that does not come from the send, and a send that fails from its start', async () => {
    for (const [isSent, time] of [
      [true, 'recv after 5'],
      [false, 'send after 25'],
    ] as const) {
      const { clock, request, times } = await setUp();
      await clock.advance(20);
      if (isSent) request.sent(SESSION, 500, nothing);
      else request.startSend(SESSION, 500, nothing);
      await clock.advance(5);
      request.fail(LATE);
      assert.equal(times().at(-1), time);
    }
  });

  it('may have been delivered from the beginning of its send on', async () => {
    const waiting = await setUp();
    waiting.request.fail(LATE);
    const sending = await setUp();
    sending.request.startSend(SESSION, 500, nothing);
    sending.request.fail(CLOSED);
    assert.deepEqual([waiting.results[0]?.maybeDelivered, sending.results[0]?.maybeDelivered], [false, true]);
    assert.equal(sending.results[0]?.outcome, 'send_failed');
  });

  it('ends once, and leaves no timer and no listener', async () => {
    const { clock, request, packets, results, listeners } = await setUp();
    request.waitForConnection(1000, nothing);
    assert.deepEqual([request.hasEnded, request.sawOtherMsgId, listeners.size], [false, false, 1]);
    request.fail(LATE);
    request.fail(LATE);
    request.reply(ANSWER);
    assert.deepEqual([request.hasEnded, results.length, packets.length], [true, 1, 1]);
    assert.deepEqual([listeners.size, clock.pendingTimers], [0, 0]);
  });

  it('has one deadline for the send, from its first wait for room on', async () => {
    const { clock, request } = await setUp();
    const late: string[] = [];
    request.waitForConnection(1000, () => late.push('connect'));
    await clock.advance(100);
    request.waitForRoom(500, () => late.push('room'));
    await clock.advance(200);
    request.waitForRoom(500, () => late.push('room again'));
    request.startSend(SESSION, 500, () => late.push('send'));
    request.waitForRoom(500, () => late.push('room while it is sent'));
    await clock.advance(299);
    assert.deepEqual(late, []);
    await clock.advance(1);
    assert.deepEqual(late, ['send']);
    assert.equal(request.session, SESSION);
  });

  it('has a new deadline for room after it waited for another connection', async () => {
    const { clock, request } = await setUp();
    const late: string[] = [];
    request.waitForRoom(500, () => late.push('first'));
    request.waitForConnection(1000, () => late.push('connect'));
    await clock.advance(400);
    request.waitForRoom(500, () => late.push('second'));
    await clock.advance(500);
    assert.deepEqual(late, ['second']);
  });

  it('waits again when its connection closed while idle, and reports how long no reply came', async () => {
    const { clock, request, results, times } = await setUp();
    request.sent(SESSION, 500, nothing);
    await clock.advance(30);
    request.prepareResend({ error: 'closed' });
    assert.deepEqual([request.session, request.sentAt], [undefined, undefined]);
    assert.equal(times().at(-1), 'recv after 30');
    request.fail(LATE);
    assert.equal(results[0]?.maybeDelivered, true);
  });

  it('does not wait again if an observer that heard of the closed connection has stopped it', async () => {
    const { request, results } = await setUp(({ direction }) => {
      if (direction === 'recv') request.fail(LATE);
    });
    request.sent(SESSION, 500, nothing);
    request.prepareResend({ error: 'closed' });
    assert.deepEqual([request.hasEnded, results.length], [true, 1]);
  });

  it('ends in time what is due when its connection is given up', async () => {
    const { request } = await setUp();
    const late: string[] = [];
    request.sent(SESSION, 500, () => late.push('reply'));
    request.passBy(1499);
    assert.deepEqual(late, []);
    request.passBy(1500);
    assert.deepEqual(late, ['reply']);
  });
});

describe('why no reply came', () => {
  for (const [isInsideReply, sawOtherMsgId, cause] of [
    [false, false, 'no_reply'],
    [true, false, 'reply_incomplete'],
    [true, true, 'other_msg_id'],
    [false, true, 'other_msg_id'],
  ] as const) {
    it(`is ${cause}${isInsideReply ? ', inside a reply' : ''}`, () => {
      const expected = { failure: 'timeout', error: 'no reply within 500 ms', cause };
      assert.deepEqual(noReply(500, { isInsideReply }, { sawOtherMsgId }), expected);
    });
  }
});
