import assert from 'node:assert/strict';
import { BrokerError } from '../../src/fleet/amqp/broker';
import { partitionQueue } from '../../src/fleet/topology';
import { FleetWorker, type FleetWorkerOptions } from '../../src/fleet/worker';
import { parseSettings } from '../../src/settings/field';
import { workerFields, type WorkerSettings } from '../../src/settings/fleet';
import type { Verdict } from '../../src/verdict';
import { commandMessage, FakeBroker } from '../support/fake-broker';
import { fakeClock } from '../support/fixtures';

const URL_WITH_SECRET = 'amqp://user:sEcret@rabbit';

/** Worker 0 of two, with four partitions, the first and the third of which are its own. */
function scene(settings: Partial<WorkerSettings> = {}, more: Partial<FleetWorkerOptions> = {}) {
  const parsed = parseSettings(workerFields, { index: 0, workers: 2, partitions: 4, ...settings });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const broker = new FakeBroker();
  const clock = fakeClock();
  const problems: string[] = [];
  const ended: string[] = [];
  const running = new Map<string, (verdict: Verdict) => void>();
  const requesters = new Map<string, string | undefined>();
  const stopped: string[] = [];
  /** Queues that others consume, and workers that are there. */
  const elsewhere = new Set<string>([partitionQueue(1), partitionQueue(3)]);
  broker.consumerCount = (queue) => {
    if (!queue.startsWith('phase0.worker.')) return elsewhere.has(queue) ? 1 : 0;
    throw new BrokerError(elsewhere.has(queue) ? 'RESOURCE_LOCKED' : 'NOT_FOUND', queue);
  };
  const worker = new FleetWorker({
    url: URL_WITH_SECRET,
    settings: parsed.settings,
    clock,
    connect: broker.connect,
    onProblem: (problem) => problems.push(problem),
    onProblemEnded: (problem) => ended.push(problem),
    target: {
      toggle: ({ deviceId = '', msgId = '', requester }) =>
        new Promise((resolve) => {
          requesters.set(msgId, requester);
          running.set(msgId, (verdict) => resolve({ ...verdict, deviceId, msgId }));
        }),
      stop: (reason, requester) => {
        stopped.push(reason);
        for (const msgId of running.keys()) {
          if (requesters.get(msgId) === requester) end(msgId, { outcome: 'dropped', reason });
        }
      },
    },
    ...more,
  });
  function end(msgId: string, verdict: Pick<Verdict, 'outcome' | 'reason'> = { outcome: 'confirmed' }): void {
    running.get(msgId)?.({ ...verdict, deviceId: '', msgId, attempts: 1, elapsedMs: 1 });
    running.delete(msgId);
  }
  return {
    broker,
    clock,
    problems,
    ended,
    running,
    stopped,
    elsewhere,
    worker,
    end,
    consumed: () => worker.consumed.map((queue) => Number(queue.slice(-2))),
    published: () => broker.channels.flatMap((channel) => channel.published),
  };
}

describe('worker of a fleet', () => {
  it('consumes its own partitions at once, and is ready then', async () => {
    const { worker, clock, consumed } = scene();
    assert.equal(worker.isReady, false);
    worker.start();
    await clock.advance(0);
    assert.deepEqual([consumed(), worker.isReady], [[0, 2], true]);
    await clock.advance(10_000);
    assert.deepEqual(consumed(), [0, 2], 'the others have consumers');
  });

  it('takes a partition of another worker that two looks saw without a consumer', async () => {
    const { worker, clock, consumed, elsewhere } = scene();
    worker.start();
    await clock.advance(2000);
    elsewhere.delete(partitionQueue(3));
    await clock.advance(1500);
    assert.deepEqual(consumed(), [0, 2]);
    await clock.advance(1500);
    assert.deepEqual(consumed(), [0, 2, 3]);
  });

  it('hands it over when its home is there: after what runs, and by closing the channel', async () => {
    const { worker, clock, consumed, elsewhere, broker, end, running } = scene();
    elsewhere.clear();
    worker.start();
    await clock.advance(5000);
    assert.deepEqual(consumed(), [0, 1, 2, 3]);
    const channel = broker.deliver(partitionQueue(1), commandMessage({ device_id: 'a', msg_id: 'm1' }));
    elsewhere.add('phase0.worker.1.of.2');
    await clock.advance(4500);
    assert.deepEqual(consumed(), [0, 1, 2], 'one of them still runs a command');
    broker.deliver(partitionQueue(1), commandMessage({ device_id: 'b', msg_id: 'm2' }));
    assert.deepEqual([...running.keys()], ['m1'], 'nothing more is started');
    end('m1');
    await clock.advance(0);
    assert.deepEqual(consumed(), [0, 2]);
    assert.deepEqual([channel.acknowledged.length, channel.isOpen], [1, false]);
  });

  it('keeps it while its home counts other workers, and would not keep it', async () => {
    const { worker, clock, elsewhere, consumed } = scene();
    worker.start();
    elsewhere.delete(partitionQueue(1));
    for (let look = 0; look < 2; look += 1) await clock.advance(1500);
    assert.deepEqual(consumed(), [0, 1, 2]);
    elsewhere.add('phase0.worker.1');
    elsewhere.add('phase0.worker.1.of.3');
    for (let look = 0; look < 6; look += 1) await clock.advance(1500);
    assert.deepEqual(consumed(), [0, 1, 2]);
    await worker.drain();
  });

  it('aborts what takes too long when it hands a partition over, without a verdict', async () => {
    const { worker, clock, consumed, elsewhere, broker, stopped, published } = scene();
    elsewhere.clear();
    worker.start();
    await clock.advance(5000);
    const channel = broker.deliver(partitionQueue(1), commandMessage({ device_id: 'a' }));
    elsewhere.add('phase0.worker.1.of.2');
    await clock.advance(6500);
    assert.deepEqual(consumed(), [0, 2]);
    assert.ok(stopped.includes('cancelled'));
    assert.deepEqual([channel.acknowledged, published()], [[], []]);
  });

  it('lets what runs end when it drains, and takes nothing more', async () => {
    const { worker, clock, broker, end, published, running } = scene();
    worker.start();
    await clock.advance(0);
    const channel = broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a', msg_id: 'm1' }));
    broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a', msg_id: 'm2' }));
    const drained = worker.drain();
    await clock.advance(1000);
    assert.equal(worker.isReady, false);
    end('m1');
    await drained;
    assert.deepEqual(
      published().map(({ messageId }) => messageId),
      ['m1'],
    );
    assert.deepEqual([channel.acknowledged.length, running.size], [1, 0]);
    assert.ok(broker.channels.every(({ isOpen }) => !isOpen));
    assert.equal(clock.pendingTimers, 0);
  });

  it('that drains for too long leaves the rest to others, without a verdict', async () => {
    const { worker, clock, broker, published } = scene({ drainMs: 3000 });
    worker.start();
    await clock.advance(0);
    const channel = broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a' }));
    let isDrained = false;
    void worker.drain().then(() => (isDrained = true));
    await clock.advance(2999);
    assert.equal(isDrained, false);
    await clock.advance(1001);
    assert.equal(isDrained, true);
    assert.deepEqual([channel.acknowledged, published()], [[], []]);
  });

  it('publishes a verdict again on the next channel if the broker has not confirmed it', async () => {
    const { worker, clock, broker, end, published, consumed } = scene();
    worker.start();
    await clock.advance(0);
    broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a', msg_id: 'm1' }));
    broker.onPublish = () => new Promise(() => undefined);
    end('m1');
    await clock.advance(0);
    broker.onPublish = async () => 'confirmed';
    await broker.lose();
    await clock.advance(1500);
    assert.deepEqual([consumed(), worker.isReady], [[], false]);
    broker.comeBack();
    await clock.advance(1000);
    assert.deepEqual(consumed(), [0, 2]);
    assert.deepEqual(
      published().map(({ messageId }) => messageId),
      ['m1', 'm1'],
    );
    const channel = broker.deliver(
      partitionQueue(0),
      commandMessage({ device_id: 'a', msg_id: 'm1' }, { redelivered: true }),
    );
    assert.equal(channel.acknowledged.length, 1, 'its verdict is out');
  });

  it('promises of no command that came again that its device did not switch: another worker may have sent it', async () => {
    const { worker, clock, broker, end, published } = scene();
    worker.start();
    await clock.advance(0);
    const outcomes = [
      ['failed', 'connection_failed', true],
      ['dropped', 'circuit_open', true],
      ['dropped', 'unknown_device', true],
      ['failed', 'connection_failed', false],
    ] as const;
    for (const [index, [outcome, reason, redelivered]] of outcomes.entries()) {
      const fields = { device_id: `d${index}`, msg_id: `m${index}` };
      broker.deliver(partitionQueue(0), commandMessage(fields, { redelivered }));
      await clock.advance(0);
      end(`m${index}`, { outcome, reason });
      await clock.advance(0);
    }
    assert.deepEqual(
      published().map(({ body }) => (JSON.parse(String(body)) as Verdict).outcome),
      ['unknown', 'unknown', 'dropped', 'failed'],
    );
  });

  it('tries again once a second if the broker closes the channel because of a verdict, and says why', async () => {
    const { broker, clock, worker, end, problems, ended, published } = scene();
    worker.start();
    await clock.advance(0);
    let mayPublish = false;
    broker.onPublish = async () => {
      if (mayPublish) return 'confirmed';
      const channel = broker.channels.find(({ isOpen, published: sent }) => isOpen && sent.length > 0);
      setImmediate(() => void channel?.close());
      throw new BrokerError('ACCESS_REFUSED', "ACCESS_REFUSED - access to exchange 'phase0.results' refused");
    };
    broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a', msg_id: 'm1' }));
    await clock.advance(0);
    end('m1');
    for (let second = 0; second < 3; second += 1) await clock.advance(1000);
    assert.ok(published().length >= 3 && published().length <= 5, `${published().length} times`);
    assert.deepEqual(problems, ["ACCESS_REFUSED - access to exchange 'phase0.results' refused"]);
    mayPublish = true;
    await clock.advance(1000);
    assert.deepEqual(ended, problems);
    await worker.drain();
  });

  it('ends in time also while the broker reads nothing', async () => {
    const { broker, clock, worker } = scene({ drainMs: 1000 });
    worker.start();
    await clock.advance(0);
    broker.isBlocked = true;
    const drained = worker.drain();
    await clock.advance(1000 + 3000);
    await drained;
    assert.equal(clock.pendingTimers, 0);
  });

  it('publishes a verdict again when the broker refuses it', async () => {
    const { worker, clock, broker, end, published } = scene();
    worker.start();
    await clock.advance(0);
    const channel = broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a', msg_id: 'm1' }));
    broker.onPublish = async () => 'refused';
    end('m1');
    await clock.advance(100);
    assert.deepEqual(channel.acknowledged, []);
    broker.onPublish = async () => 'confirmed';
    await clock.advance(500);
    assert.equal(published().length, 2);
    assert.equal(channel.acknowledged.length, 1);
  });

  it('says what is missing at the broker and who has its index, and no secret', async () => {
    const { worker, clock, broker, problems } = scene();
    broker.failures.set(partitionQueue(0), new BrokerError('NOT_FOUND', 'no queue phase0.commands.00'));
    worker.start();
    await clock.advance(0);
    assert.deepEqual(problems, ['no queue phase0.commands.00 (phase0-worker --setup creates it)']);
    await broker.lose();
    await clock.advance(3000);
    assert.deepEqual(problems.slice(1), ['no connection to the broker: gone']);
    assert.doesNotMatch(JSON.stringify(problems), /sEcret/);
    broker.failures.clear();
    broker.comeBack();
    await clock.advance(1000);
    assert.equal(worker.isReady, true);
  });

  it('says once what lasts, once more when its words change, and once when it has ended', async () => {
    const connections: boolean[] = [];
    const brokerConnected = (isConnected: boolean) => connections.push(isConnected);
    const { worker, clock, broker, problems, ended } = scene({}, { observers: [{ brokerConnected }] });
    const refused = (words: string) => broker.failures.set(partitionQueue(0), new BrokerError('ACCESS_REFUSED', words));
    refused('no access');
    worker.start();
    await clock.advance(5000);
    assert.deepEqual([problems, ended], [['no access'], []]);
    for (const words of ['not today', 'no access', 'not today']) {
      refused(words);
      await clock.advance(3000);
    }
    assert.deepEqual(problems, ['no access', 'not today']);
    broker.failures.clear();
    await clock.advance(1000);
    assert.deepEqual(ended, ['not today']);
    await broker.lose();
    for (const error of ['gone', 'gone', 'refused', 'gone']) broker.events?.lost(error);
    assert.deepEqual(problems.slice(2), ['no connection to the broker: gone', 'no connection to the broker: refused']);
    broker.comeBack();
    await clock.advance(1000);
    assert.deepEqual(ended.slice(1), ['no connection to the broker: refused']);
    await broker.lose();
    assert.deepEqual(problems.slice(4), ['no connection to the broker: gone'], 'it is said again after its end');
    assert.deepEqual(connections, [true, false, true, false]);
    await worker.drain();
  });

  it('does not wait for the end of a problem with a partition that another worker consumes by now', async () => {
    const { worker, clock, broker, problems, ended, elsewhere } = scene();
    elsewhere.clear();
    broker.failures.set(partitionQueue(1), new BrokerError('ACCESS_REFUSED', 'no access'));
    worker.start();
    await clock.advance(12_000);
    assert.deepEqual([problems, ended], [['no access'], []]);
    elsewhere.add(partitionQueue(1));
    await clock.advance(1500);
    assert.deepEqual(ended, ['no access']);
    await worker.drain();
  });

  it('gives a command whose target has a bug a verdict all the same', async () => {
    const { worker, clock, broker, published } = scene(
      {},
      { target: { toggle: () => Promise.reject(new Error('bug')), stop: () => undefined } },
    );
    worker.start();
    await clock.advance(0);
    const channel = broker.deliver(partitionQueue(0), commandMessage({ device_id: 'a' }));
    await clock.advance(0);
    assert.match(String(published()[0]?.body), /"outcome":"unknown".*"error":"bug"/);
    assert.equal(channel.acknowledged.length, 1);
  });

  it('gives a dead letter its verdict', async () => {
    const deadLetters: string[] = [];
    const { worker, clock, broker, published } = scene(
      {},
      {
        observers: [
          { deadLettered: () => deadLetters.push('one') },
          {
            deadLettered: () => {
              throw new Error('x');
            },
          },
        ],
      },
    );
    worker.start();
    await clock.advance(0);
    const channel = broker.deliver('phase0.dead', commandMessage({ device_id: 'a', msg_id: 'm1' }, { replyTo: 'q' }));
    await clock.advance(0);
    const [message] = published();
    assert.deepEqual([message?.exchange, message?.routingKey], ['phase0.results', 'q']);
    assert.match(String(message?.body), /"outcome":"unknown","reason":"dead_lettered"/);
    assert.deepEqual([channel.acknowledged.length, deadLetters], [1, ['one']]);
  });
});
