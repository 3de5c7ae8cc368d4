import assert from 'node:assert/strict';
import type { PublishResult } from '../../src/fleet/amqp/broker';
import { Requests } from '../../src/fleet/requests';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';

function scene(settings: { maxInFlight?: number; queueTtlMs?: number } = {}) {
  const clock = fakeClock();
  const sent: string[] = [];
  const verdicts: string[] = [];
  const state: { answer: () => Promise<PublishResult> | undefined } = { answer: () => Promise.resolve('confirmed') };
  const requests = new Requests({
    clock,
    settings: { connectTimeoutMs: 500, replyTimeoutMs: 3000, maxInFlight: 10, queueTtlMs: 0, ...settings },
    send: ({ msgId }) => {
      const published = state.answer();
      if (published) sent.push(msgId);
      return published;
    },
  });
  const ask = (msgId: string, requester?: string, isOn = true) =>
    requests.add({
      command: { deviceId: 'a', msgId, state: isOn },
      requester,
      resolve: ({ outcome, reason, cause, elapsedMs }) =>
        verdicts.push([msgId, outcome, reason ?? '-', cause ?? '-', elapsedMs].join(' ')),
    });
  const verdictOn = (msgId: string): Verdict => ({
    outcome: 'confirmed',
    deviceId: 'a',
    msgId,
    attempts: 1,
    elapsedMs: 7,
  });
  return { clock, sent, verdicts, state, requests, ask, verdictOn };
}

describe('requests of a fleet', () => {
  it('are sent at once, and get the verdict that a worker sends, with their own time', async () => {
    const { clock, requests, ask, sent, verdicts, verdictOn } = scene();
    requests.ready();
    ask('m1');
    ask('m2');
    assert.deepEqual(sent, ['m1', 'm2']);
    await clock.advance(40);
    requests.settle(verdictOn('m2'));
    requests.settle(verdictOn('m2'));
    requests.settle(verdictOn('other'));
    assert.deepEqual(verdicts, ['m2 confirmed - - 40']);
    assert.equal(requests.count, 1);
  });

  it('with the message id of another one that waits are dropped, unless they ask for the same', () => {
    const { requests, ask, verdicts, sent } = scene();
    requests.ready();
    ask('m1');
    ask('m1', undefined, false);
    assert.deepEqual([verdicts, sent], [['m1 dropped invalid_command invalid_command 0'], ['m1']]);
  });

  it('do not take the verdict on a former command with their message id for theirs', async () => {
    const { clock, requests, ask, verdicts, verdictOn } = scene();
    requests.ready();
    ask('m1');
    await clock.advance(3000);
    ask('m1', undefined, false);
    requests.settle({ ...verdictOn('m1'), state: true });
    assert.equal(verdicts.length, 1);
    requests.settle({ ...verdictOn('m1'), state: false });
    assert.deepEqual(verdicts, ['m1 unknown timeout no_verdict 3000', 'm1 confirmed - - 0']);
  });

  it('that ask twice with one message id both get its verdict', () => {
    const { requests, ask, verdicts, verdictOn } = scene();
    requests.ready();
    ask('m1');
    ask('m1');
    requests.settle(verdictOn('m1'));
    assert.equal(verdicts.length, 2);
    assert.equal(requests.count, 0);
  });

  it('end as failed when the broker is away for too long', async () => {
    const { clock, ask, sent, verdicts } = scene();
    ask('m1');
    await clock.advance(500);
    assert.deepEqual(verdicts, ['m1 failed broker_unreachable broker_unreachable 500']);
    assert.deepEqual(sent, []);
    assert.equal(clock.pendingTimers, 0);
  });

  it('wait for the broker as long as queueTtlMs says, and go in order', async () => {
    const { clock, requests, ask, sent, verdicts } = scene({ queueTtlMs: 2000 });
    ask('m1');
    await clock.advance(1900);
    ask('m2');
    requests.ready();
    ask('m3');
    assert.deepEqual(sent, ['m1', 'm2', 'm3']);
    await clock.advance(200);
    assert.deepEqual(verdicts, []);
  });

  it('end as unknown without a verdict in time', async () => {
    const { clock, requests, ask, verdicts } = scene();
    requests.ready();
    ask('m1');
    await clock.advance(3000);
    assert.deepEqual(verdicts, ['m1 unknown timeout no_verdict 3000']);
  });

  for (const result of ['returned', 'refused'] as const) {
    it(`end as failed when the broker does not take them (${result})`, async () => {
      const { clock, requests, ask, verdicts, state } = scene();
      state.answer = () => Promise.resolve(result);
      requests.ready();
      ask('m1');
      await clock.advance(1);
      assert.equal(verdicts.length, 1);
      assert.match(verdicts[0] ?? '', /^m1 failed broker_refused broker_refused/);
    });
  }

  it('that the broker may have are not sent again: a verdict may come, and else they are unknown', async () => {
    const { clock, requests, ask, sent, verdicts, state, verdictOn } = scene();
    state.answer = () => Promise.reject(new Error('lost'));
    requests.ready();
    ask('m1');
    ask('m2');
    requests.notReady();
    await clock.advance(1000);
    requests.ready();
    requests.settle(verdictOn('m1'));
    await clock.advance(2000);
    assert.deepEqual(sent, ['m1', 'm2']);
    assert.deepEqual(verdicts, ['m1 confirmed - - 1000', 'm2 unknown timeout no_verdict 3000']);
  });

  it('that cannot be sent after all wait for the broker', async () => {
    const { clock, requests, ask, verdicts, state } = scene();
    state.answer = () => undefined;
    requests.ready();
    ask('m1');
    await clock.advance(500);
    assert.match(verdicts[0] ?? '', /failed broker_unreachable/);
  });

  it('over maxInFlight are dropped', () => {
    const { requests, ask, verdicts, sent } = scene({ maxInFlight: 1 });
    requests.ready();
    ask('m1');
    ask('m2');
    assert.deepEqual([sent, verdicts], [['m1'], ['m2 dropped queue_full queue_full 0']]);
  });

  it('that are stopped are dropped before they were sent, and unknown after', () => {
    const { requests, ask, verdicts } = scene();
    ask('m1', 'node-1');
    ask('m2', 'node-2');
    requests.stop('cancelled', 'node-1');
    requests.ready();
    requests.stop('closed');
    assert.deepEqual(verdicts, ['m1 dropped cancelled cancelled 0', 'm2 unknown closed closed 0']);
  });
});
