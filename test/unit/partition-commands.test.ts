import assert from 'node:assert/strict';
import type { FleetCommand } from '../../src/fleet/command-message';
import { PartitionCommands, type FinishedCommand } from '../../src/fleet/partition-commands';
import { RememberedVerdicts } from '../../src/fleet/remembered-verdicts';
import type { VerdictOutcome, VerdictReason } from '../../src/outcomes';
import type { Verdict } from '../../src/verdict';
import { commandMessage } from '../support/fake-broker';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Commands whose running, publishing and acknowledging the test watches and ends. */
function scene() {
  const events: string[] = [];
  const running = new Map<string, (verdict: Verdict) => void>();
  const publishing: (() => void)[] = [];
  const published: FinishedCommand[] = [];
  const states: FleetCommand['state'][] = [];
  let holdsPublishing = false;
  let abortsAs: VerdictOutcome = 'dropped';
  const flushes: (() => void)[] = [];
  let holdsFlush = false;
  const commands = new PartitionCommands({
    run: (command: FleetCommand) =>
      new Promise((resolve) => {
        events.push(`run ${command.msgId}`);
        states.push(command.state);
        running.set(command.msgId, resolve);
      }),
    abort: () => {
      for (const msgId of running.keys()) end(msgId, abortsAs, 'cancelled');
    },
    publish: (finished) => {
      published.push(finished);
      events.push(`publish ${finished.verdict.msgId}`);
      return holdsPublishing ? new Promise((resolve) => publishing.push(resolve)) : Promise.resolve();
    },
    remembered: new RememberedVerdicts(),
    observer: { commandReceived: (isRedelivered) => isRedelivered && events.push('redelivered') },
  });
  function end(msgId: string, outcome: VerdictOutcome = 'confirmed', reason?: VerdictReason): void {
    const resolve = running.get(msgId);
    if (!resolve) throw new Error(`${msgId} does not run`);
    running.delete(msgId);
    const asked = states.at(-1);
    const state = { state: asked === 'flip' ? false : asked === true };
    resolve({ outcome, ...(reason && { reason }), deviceId: 'a', msgId, ...state, attempts: 1, elapsedMs: 1 });
  }
  function deliver(
    msgId: string,
    more: {
      channel?: number;
      redelivered?: boolean;
      deviceId?: string;
      replyTo?: string;
      state?: FleetCommand['state'];
    } = {},
  ): void {
    const { channel = 1, redelivered = false, deviceId = 'a', replyTo, state = true } = more;
    const message = commandMessage(
      { device_id: deviceId, msg_id: msgId, state },
      { redelivered, ...(replyTo && { replyTo }) },
    );
    commands.deliver(message, {
      acknowledge: () => events.push(`ack ${msgId} on ${channel}`),
      flushed: () => (holdsFlush ? new Promise((resolve) => flushes.push(resolve)) : Promise.resolve()),
    });
  }
  return {
    events,
    published,
    states,
    commands,
    abortAs: (outcome: VerdictOutcome): void => {
      abortsAs = outcome;
    },
    end: async (...args: Parameters<typeof end>) => {
      end(...args);
      await settled();
    },
    deliver,
    holdPublishing: (): void => {
      holdsPublishing = true;
    },
    confirmPublishing: async (): Promise<void> => {
      for (const resolve of publishing.splice(0)) resolve();
      await settled();
    },
    holdFlush: (): void => {
      holdsFlush = true;
    },
    flush: async (): Promise<void> => {
      for (const resolve of flushes.splice(0)) resolve();
      await settled();
    },
    take: () => events.splice(0),
  };
}

describe('commands of a partition', () => {
  it('are acknowledged after their verdict is confirmed, and the next one for the device starts after that', async () => {
    const { deliver, end, holdPublishing, confirmPublishing, take } = scene();
    holdPublishing();
    deliver('m1');
    deliver('m2');
    deliver('n1', { deviceId: 'b' });
    assert.deepEqual(take(), ['run m1', 'run n1']);
    await end('m1');
    assert.deepEqual(take(), ['publish m1'], 'neither acknowledged nor followed yet');
    await confirmPublishing();
    assert.deepEqual(take(), ['ack m1 on 1', 'run m2']);
  });

  it('that are not confirmed are followed only when the broker has read the acknowledgement', async () => {
    const { deliver, end, holdFlush, flush, take } = scene();
    holdFlush();
    deliver('m1');
    deliver('m2');
    await end('m1', 'failed', 'connection_failed');
    assert.deepEqual(take(), ['run m1', 'publish m1', 'ack m1 on 1']);
    await flush();
    assert.deepEqual(take(), ['run m2']);
  });

  for (const reason of ['closed', 'cancelled'] as const) {
    it(`whose worker ends (${reason}) have no verdict and no acknowledgement`, async () => {
      const { deliver, end, take, commands } = scene();
      deliver('m1');
      const quiet = commands.pause();
      await end('m1', 'unknown', reason);
      await quiet;
      assert.deepEqual(take(), ['run m1']);
    });
  }

  it('come again by another channel: what had not started is forgotten, what ran is aborted and runs anew', async () => {
    const { deliver, commands, end, take } = scene();
    deliver('m1');
    deliver('m2');
    commands.channelClosed();
    await settled();
    take();
    deliver('m1', { channel: 2, redelivered: true });
    deliver('m2', { channel: 2, redelivered: true });
    assert.deepEqual(take(), ['redelivered', 'run m1', 'redelivered']);
    await end('m1');
    await end('m2');
    assert.deepEqual(take(), ['publish m1', 'ack m1 on 2', 'run m2', 'publish m2', 'ack m2 on 2']);
  });

  it('that come again before the abort has ended run once more, in the same place', async () => {
    const { deliver, commands, end, take } = scene();
    deliver('m1');
    commands.channelClosed();
    deliver('m1', { channel: 2, redelivered: true });
    deliver('m2', { channel: 2 });
    await settled();
    assert.deepEqual(take(), ['run m1', 'redelivered', 'run m1']);
    await end('m1');
    assert.deepEqual(take(), ['publish m1', 'ack m1 on 2', 'run m2']);
  });

  it('that come again while their verdict waits for the broker take over the acknowledgement', async () => {
    const { deliver, commands, end, holdPublishing, confirmPublishing, take } = scene();
    holdPublishing();
    deliver('m1');
    await end('m1');
    commands.channelClosed();
    deliver('m1', { channel: 2, redelivered: true });
    deliver('m2', { channel: 2 });
    assert.deepEqual(take(), ['run m1', 'publish m1', 'redelivered'], 'neither runs');
    await confirmPublishing();
    assert.deepEqual(take(), ['ack m1 on 2', 'run m2']);
  });

  it('that come again after their verdict is out are acknowledged at once', async () => {
    const { deliver, end, take } = scene();
    deliver('m1');
    await end('m1');
    take();
    deliver('m1', { channel: 2, redelivered: true });
    assert.deepEqual(take(), ['redelivered', 'ack m1 on 2']);
  });

  it('that their sender repeats get the same verdict, and are not switched again', async () => {
    const { deliver, end, take, published } = scene();
    deliver('m1', { replyTo: 'q1' });
    await end('m1');
    take();
    deliver('m1', { replyTo: 'q2' });
    await settled();
    assert.deepEqual(take(), ['publish m1', 'ack m1 on 1']);
    assert.deepEqual(
      published.map(({ replyTo }) => replyTo),
      ['q1', 'q2'],
    );
    assert.deepEqual(published[1]?.verdict, published[0]?.verdict);
  });

  it('that are none are dropped, and acknowledged when that is out', async () => {
    const { commands, published, take } = scene();
    commands.deliver(
      { ...commandMessage({}), routingKey: 'a', body: Buffer.from('?') },
      { acknowledge: () => take().push('x'), flushed: () => Promise.resolve() },
    );
    await settled();
    assert.equal(published[0]?.verdict.outcome, 'dropped');
    assert.equal(published[0]?.verdict.reason, 'invalid_command');
  });

  it('that flip are not decided again after an earlier delivery, which may have switched', async () => {
    const { deliver, published, take } = scene();
    deliver('m1', { state: 'flip', redelivered: true });
    await settled();
    assert.deepEqual(take(), ['redelivered', 'publish m1', 'ack m1 on 1']);
    assert.equal(published[0]?.verdict.outcome, 'unknown');
    assert.match(published[0]?.verdict.error ?? '', /^a flip that was delivered before is not tried again/);
  });

  for (const [outcome, again] of [
    ['unknown', false],
    ['dropped', 'flip'],
  ] as const) {
    it(`that flip and are aborted as ${outcome} ask for ${again} when they run once more here`, async () => {
      const { deliver, commands, states, abortAs, end } = scene();
      abortAs(outcome);
      deliver('m1', { state: 'flip' });
      commands.channelClosed();
      deliver('m1', { state: 'flip', channel: 2, redelivered: true });
      await settled();
      assert.deepEqual(states, ['flip', again]);
      await end('m1');
    });
  }

  it('with the message id of another one for their device are dropped, while it runs and after that', async () => {
    const { deliver, end, take, published } = scene();
    deliver('m1', { state: true, replyTo: 'q1' });
    deliver('m1', { state: false, replyTo: 'q2' });
    deliver('m1', { state: false, deviceId: 'b' });
    await settled();
    assert.deepEqual(take(), ['run m1', 'publish m1', 'run m1', 'ack m1 on 1']);
    const refusal = published[0]?.verdict;
    assert.deepEqual(
      [refusal?.outcome, refusal?.reason, refusal?.state, refusal?.error],
      ['dropped', 'invalid_command', false, 'msg_id "m1" was used for another command for this device: true'],
    );
    await end('m1');
    deliver('m1', { state: 'flip' });
    await settled();
    assert.equal(published.at(-1)?.verdict.outcome, 'dropped');
  });

  it('that failed become unknown while their verdict waits for the broker, since another worker may have them', async () => {
    const { deliver, commands, end, holdPublishing, published } = scene();
    holdPublishing();
    deliver('m1');
    await end('m1', 'failed', 'connection_failed');
    assert.equal(published[0]?.verdict.outcome, 'failed');
    commands.channelClosed();
    assert.equal(published[0]?.verdict.outcome, 'unknown');
  });

  it('that come again after their verdict is out hold back the next one until the broker has read that', async () => {
    const { deliver, end, holdFlush, flush, take } = scene();
    deliver('m1');
    await end('m1', 'failed', 'connection_failed');
    take();
    holdFlush();
    deliver('m1', { channel: 2, redelivered: true });
    deliver('m2', { channel: 2 });
    assert.deepEqual(take(), ['redelivered', 'ack m1 on 2']);
    await flush();
    assert.deepEqual(take(), ['run m2']);
  });

  it('do not start while the partition is handed over', async () => {
    const { deliver, commands, end, take } = scene();
    deliver('m1');
    const quiet = commands.pause();
    deliver('m2');
    deliver('n1', { deviceId: 'b' });
    await end('m1');
    await quiet;
    assert.deepEqual(take(), ['run m1', 'publish m1', 'ack m1 on 1']);
    commands.resume();
    assert.deepEqual(take(), ['run m2', 'run n1']);
  });
});
