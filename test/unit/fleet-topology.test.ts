import assert from 'node:assert/strict';
import { Balance } from '../../src/fleet/balance';
import { BrokerUrlError, readBrokerUrl } from '../../src/fleet/amqp/address';
import { declareTopology, definitionsOf, partitionQueue, topologyOf } from '../../src/fleet/topology';
import { MAX_REMEMBERED, RememberedVerdicts } from '../../src/fleet/remembered-verdicts';
import { FakeBroker, FakeChannel } from '../support/fake-broker';

describe('topology of a fleet', () => {
  it('has a queue for each partition, which one worker at a time consumes', () => {
    const { queues, bindings, exchanges } = topologyOf(12);
    assert.deepEqual(
      exchanges.map(({ type }) => type),
      ['x-modulus-hash', 'fanout', 'topic'],
    );
    assert.equal(queues.length, 14);
    assert.equal(bindings.length, 14);
    const [first] = queues;
    assert.equal(first?.queue, 'phase0.commands.00');
    assert.deepEqual(first?.arguments, {
      'x-queue-type': 'quorum',
      'x-single-active-consumer': true,
      'x-delivery-limit': 50,
      'x-dead-letter-exchange': 'phase0.dead',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
    assert.equal(partitionQueue(123), 'phase0.commands.123');
  });

  it('is the same when it is declared and as a definitions file', async () => {
    const calls: string[] = [];
    const channel = new FakeChannel(new FakeBroker());
    channel.declareExchange = async (exchange?: { exchange: string }) => void calls.push(exchange?.exchange ?? '');
    channel.declareQueue = async (queue?: { queue: string }) => void calls.push(queue?.queue ?? '');
    await declareTopology(channel, 3);
    const { exchanges, queues } = definitionsOf(3, '/') as Record<string, { name: string; vhost: string }[]>;
    assert.deepEqual(
      calls,
      [...(exchanges ?? []), ...(queues ?? [])].map(({ name }) => name),
    );
  });
});

describe('homes of partitions', () => {
  it('are spread over the workers, each partition at one of them', () => {
    const workers = [0, 1, 2].map((index) => new Balance({ index, workers: 3, partitions: 12 }));
    assert.deepEqual(
      workers.map(({ homes }) => homes.length),
      [4, 4, 4],
    );
    assert.deepEqual(
      workers.flatMap(({ homes }) => homes).toSorted((a, b) => a - b),
      Array.from({ length: 12 }, (_, i) => i),
    );
    assert.deepEqual(workers[1]?.homes, [1, 4, 7, 10]);
    assert.equal(workers[0]?.homeOf(7), 1);
    assert.deepEqual(new Balance({ index: 5, workers: 6, partitions: 3 }).homes, []);
  });

  it('are taken by another only after two looks in a row without a consumer', () => {
    const balance = new Balance({ index: 0, workers: 2, partitions: 4 });
    assert.deepEqual(balance.foreign, [1, 3]);
    assert.deepEqual(
      [0, 1, 0, 0].map((consumers) => balance.looked(1, consumers)),
      [false, false, false, true],
    );
    assert.equal(balance.looked(3, 0), false);
    balance.forgetLooks();
    assert.equal(balance.looked(3, 0), false);
    assert.equal(balance.looked(3, 0), true);
    assert.equal(balance.looked(3, 0), false, 'it starts anew');
  });
});

describe('remembered verdicts', () => {
  it('are those of the last 10,000 commands, by device and message id', () => {
    const remembered = new RememberedVerdicts();
    const verdictOf = (deviceId: string, msgId: string) =>
      ({ outcome: 'confirmed', deviceId, msgId, attempts: 1, elapsedMs: 1 }) as const;
    for (let index = 0; index < MAX_REMEMBERED * 1.2; index += 1) remembered.add(verdictOf('lamp', `m${index}`), true);
    assert.equal(remembered.get('lamp', 'm0'), undefined);
    assert.equal(remembered.get('lamp', `m${MAX_REMEMBERED}`)?.verdict.outcome, 'confirmed');
    assert.equal(remembered.get('lamp-2', `m${MAX_REMEMBERED}`), undefined);
  });
});

describe('URL of a broker', () => {
  it('has host, port, virtual host and credentials, with the defaults of AMQP', () => {
    assert.deepEqual(readBrokerUrl('amqp://us%40er:p%2Fw@rabbit:5673/my%2Fhost', undefined), {
      hostname: 'rabbit',
      port: 5673,
      vhost: 'my/host',
      username: 'us@er',
      password: 'p/w',
    });
    const { port, vhost, username, hostname } = readBrokerUrl('amqps://[::1]', undefined);
    assert.deepEqual([port, vhost, username, hostname], [5671, '/', 'guest', '::1']);
  });

  it('appears in no error', () => {
    const urls = [
      'amqp://u:sEcret@',
      'http://u:sEcret@h',
      'amqp://u:sEcret%zz@h',
      'u:sEcret@h',
      'amqp://u:sEcret@h:99999999',
    ];
    for (const url of urls) {
      assert.throws(
        () => readBrokerUrl(url, undefined),
        (error: unknown) => {
          assert.ok(error instanceof BrokerUrlError);
          assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /sEcret/);
          return true;
        },
        url,
      );
    }
  });

  it('with TLS options and without TLS is a mistake: they would be ignored', () => {
    assert.throws(() => readBrokerUrl('amqp://h', { ca: 'x' }), /must begin with amqps/);
    assert.throws(() => readBrokerUrl('amqps://h', { ca: 'x' }), /ca is not a certificate/);
  });
});
