/** Metrics at their edges: names to the letter, bad numbers, owners that come and go. What each event counts: observers.test.ts. */
import assert from 'node:assert/strict';
import { Device } from '../../src/device/device';
import { Metrics } from '../../src/observers/metrics';
import type { ConnectionState, Observer } from '../../src/observer';
import type { Verdict } from '../../src/verdict';
import { FakeNetwork } from '../support/fake-sockets';
import { fakeClock, settingsWith } from '../support/fixtures';

const CONFIRMED: Verdict = {
  outcome: 'confirmed',
  deviceId: 'lamp',
  msgId: 'm1',
  state: true,
  attempts: 1,
  latencyMs: 30,
  elapsedMs: 40,
};
const { latencyMs: _, ...UNCONFIRMED } = CONFIRMED;
const ATTEMPT = { deviceId: 'lamp', msgId: 'm1', state: true, attempt: 1, maxAttempts: 2, elapsedMs: 5 } as const;

/** Everything that an observer can hear of one device id, each on its own. */
const EVENTS: Readonly<Record<string, (observer: Observer, deviceId: string) => void>> = {
  packet: (observer, deviceId) =>
    observer.packet?.({ direction: 'send', outcome: 'success', deviceId, msgId: 'm1', attempt: 1, elapsedMs: 1 }),
  'a second attempt': (observer, deviceId) => {
    observer.attemptEnded?.({ ...ATTEMPT, deviceId, outcome: 'timeout', willRetry: true, retryInMs: 250 });
    observer.attemptStarted?.({ ...ATTEMPT, deviceId, attempt: 2 });
  },
  decodeError: (observer, deviceId) => observer.decodeError?.({ deviceId, reason: 'bad_magic' }),
  verdict: (observer, deviceId) =>
    observer.verdict?.({ ...UNCONFIRMED, deviceId, outcome: 'failed', reason: 'timeout' }),
  verdictUndelivered: (observer, deviceId) => observer.verdictUndelivered?.({ ...CONFIRMED, deviceId }),
  queueDepth: (observer, deviceId) => observer.queueDepth?.(deviceId, 2),
  connectionState: (observer, deviceId) => observer.connectionState?.(deviceId, 'connected'),
  circuitState: (observer, deviceId) => observer.circuitState?.(deviceId, 'open'),
  confirmedState: (observer, deviceId) => observer.confirmedState?.(deviceId, true, false),
  'a confirmed verdict': (observer, deviceId) => observer.verdict?.({ ...CONFIRMED, deviceId }),
};

/** The lines of the text that have `part`, without their comments. */
async function series(metrics: Metrics, part: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => !line.startsWith('#') && line.includes(part));
}

describe('metrics: names', () => {
  it('have the names and types of the protocol, and no others', async () => {
    const types = [...(await new Metrics().text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, ...each]) => each);
    assert.deepEqual(Object.fromEntries(types), {
      tcp_comm_packet_sent_total: 'counter',
      tcp_comm_packet_recv_total: 'counter',
      tcp_comm_packet_latency_seconds: 'histogram',
      tcp_comm_packet_retransmit_total: 'counter',
      tcp_comm_decode_errors_total: 'counter',
      tcp_comm_toggles_total: 'counter',
      tcp_comm_message_abandoned_total: 'counter',
      tcp_comm_verdicts_undelivered_total: 'counter',
      tcp_comm_inventory_devices: 'gauge',
      tcp_comm_inventory_reloads_total: 'counter',
      tcp_comm_groups_total: 'counter',
      tcp_comm_groups_undelivered_total: 'counter',
      tcp_comm_group_duration_seconds: 'histogram',
      tcp_comm_toggle_duration_seconds: 'histogram',
      tcp_comm_queue_depth: 'gauge',
      tcp_comm_connection_state: 'gauge',
      tcp_comm_circuit_state: 'gauge',
      tcp_comm_device_on: 'gauge',
      tcp_comm_last_confirmed_timestamp_seconds: 'gauge',
    });
  });

  it('have the latency buckets of the protocol, and durations up to 30 s', async () => {
    const metrics = new Metrics();
    metrics.observer('one').verdict?.(CONFIRMED);
    const bounds = async (name: string) =>
      (await series(metrics, `${name}_bucket`)).map((line) => /le="([^"]+)"/.exec(line)?.[1]);
    const latency = ['0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2', '5', '+Inf'];
    assert.deepEqual(await bounds('latency_seconds'), latency);
    assert.equal((await bounds('duration_seconds')).at(-2), '30');
  });
});

describe('metrics: values', () => {
  it('count verdicts that could not be delivered, whatever they were', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('one');
    observer.verdictUndelivered?.(CONFIRMED);
    observer.verdictUndelivered?.({ ...UNCONFIRMED, outcome: 'unknown', reason: 'timeout' });
    assert.deepEqual(await series(metrics, 'undelivered'), ['tcp_comm_verdicts_undelivered_total{device_id="lamp"} 2']);
  });

  it('count latency in seconds, and only of confirmed toggles', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('one');
    observer.verdict?.(CONFIRMED);
    observer.verdict?.({ ...UNCONFIRMED, outcome: 'unknown', reason: 'timeout' });
    assert.deepEqual(await series(metrics, 'latency_seconds_sum'), [
      'tcp_comm_packet_latency_seconds_sum{device_id="lamp"} 0.03',
    ]);
    assert.deepEqual(await series(metrics, 'duration_seconds_sum'), [
      'tcp_comm_toggle_duration_seconds_sum{device_id="lamp"} 0.08',
    ]);
  });

  it('count no confirmed toggle as abandoned, and no last attempt as retransmitted', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('one');
    observer.verdict?.(CONFIRMED);
    observer.attemptEnded?.({ ...ATTEMPT, outcome: 'timeout', willRetry: false, retryInMs: 0 });
    assert.deepEqual(await series(metrics, 'abandoned_total{'), []);
    assert.deepEqual(await series(metrics, 'retransmit_total{'), []);
  });

  it('count an attempt after a failed one when it begins, by how that one ended', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('one');
    const ended = { ...ATTEMPT, maxAttempts: 3, willRetry: true, retryInMs: 250 } as const;
    observer.attemptStarted?.(ATTEMPT);
    observer.attemptEnded?.({ ...ended, outcome: 'timeout' });
    assert.deepEqual(await series(metrics, 'retransmit_total{'), []);
    observer.attemptStarted?.({ ...ATTEMPT, attempt: 2 });
    observer.attemptEnded?.({ ...ended, attempt: 2, outcome: 'bad_reply' });
    // Another device id, whose toggle has the same id.
    observer.attemptStarted?.({ ...ATTEMPT, deviceId: 'other' });
    observer.attemptStarted?.({ ...ATTEMPT, attempt: 3 });
    assert.deepEqual(await series(metrics, 'retransmit_total{'), [
      'tcp_comm_packet_retransmit_total{device_id="lamp",reason="timeout"} 1',
      'tcp_comm_packet_retransmit_total{device_id="lamp",reason="bad_reply"} 1',
    ]);
  });

  for (const stop of ['cancelled', 'closed'] as const) {
    it(`count no attempt after a failed one when the toggle is ${stop} before it begins`, async () => {
      const metrics = new Metrics();
      const network = new FakeNetwork();
      const clock = fakeClock();
      const { connect } = network;
      const options = { clock, connect, addresses: new Map(), observers: [metrics.observer('one', 'lamp')] };
      const device = new Device(settingsWith({ maxAttempts: 2 }), options);
      const toggle = device.toggle({ state: true });
      await clock.advance(0);
      network.socket(1).fail();
      await clock.advance(0);
      if (stop === 'closed') device.close();
      else device.stop(stop);
      const { attempts, reason } = await toggle;
      assert.deepEqual([attempts, reason], [1, stop]);
      assert.deepEqual(await series(metrics, 'retransmit_total{'), []);
      assert.equal((await series(metrics, 'abandoned_total{')).length, 1);
    });
  }

  it('show one connection state at a time, whichever owner reports it', async () => {
    const metrics = new Metrics();
    const reports: readonly [owner: string, state: ConnectionState][] = [
      ['one', 'connecting'],
      ['two', 'connected'],
      ['one', 'connected'],
      ['one', 'reconnecting'],
      ['two', 'disconnected'],
    ];
    for (const [owner, state] of reports) {
      metrics.observer(owner).connectionState?.('lamp', state);
      const lines = await series(metrics, 'connection_state{');
      assert.equal(lines.length, 4);
      assert.deepEqual(
        lines.filter((line) => line.endsWith(' 1')),
        [`tcp_comm_connection_state{device_id="lamp",state="${state}"} 1`],
      );
    }
  });

  it('show the last confirmed state and its time, and neither before the first confirmation', async () => {
    let unixTimeMs = 1_700_000_000_250;
    const metrics = new Metrics({ unixTimeMs: () => unixTimeMs });
    const observer = metrics.observer('one', 'lamp');
    const shown = async () => [
      ...(await series(metrics, 'device_on{')),
      ...(await series(metrics, 'last_confirmed_timestamp_seconds{')),
    ];
    observer.verdict?.({ ...UNCONFIRMED, outcome: 'unknown', reason: 'timeout' });
    assert.deepEqual(await shown(), []);
    observer.verdict?.(CONFIRMED);
    const on = [
      'tcp_comm_device_on{device_id="lamp"} 1',
      'tcp_comm_last_confirmed_timestamp_seconds{device_id="lamp"} 1700000000.25',
    ];
    assert.deepEqual(await shown(), on);
    unixTimeMs += 1000;
    observer.verdict?.({ ...UNCONFIRMED, outcome: 'rejected', reason: 'rejected', state: false });
    assert.deepEqual(await shown(), on);
    observer.verdict?.({ ...CONFIRMED, reportedState: false });
    assert.deepEqual(await shown(), [
      'tcp_comm_device_on{device_id="lamp"} 0',
      'tcp_comm_last_confirmed_timestamp_seconds{device_id="lamp"} 1700000001.25',
    ]);
  });

  it('show a restored state, without a time of confirmation', async () => {
    const metrics = new Metrics();
    metrics.observer('one', 'lamp').confirmedState?.('lamp', false, true);
    assert.deepEqual(await series(metrics, 'device_on{'), ['tcp_comm_device_on{device_id="lamp"} 0']);
    assert.deepEqual(await series(metrics, 'last_confirmed_timestamp_seconds{'), []);
  });

  it('show the state that the last owner confirmed, where two have one device', async () => {
    const metrics = new Metrics();
    const [one, two] = [metrics.observer('one', 'lamp'), metrics.observer('two', 'lamp')];
    one.confirmedState?.('lamp', true, false);
    two.confirmedState?.('lamp', false, false);
    // For the first owner nothing has changed.
    one.verdict?.(CONFIRMED);
    assert.deepEqual(await series(metrics, 'device_on{'), ['tcp_comm_device_on{device_id="lamp"} 1']);
  });

  for (const bad of [NaN, Infinity, -Infinity, -5]) {
    it(`take ${bad} for 0`, async () => {
      const metrics = new Metrics();
      const observer = metrics.observer('one');
      observer.verdict?.({ ...CONFIRMED, latencyMs: bad, elapsedMs: bad });
      observer.queueDepth?.('lamp', bad);
      const values = [...(await series(metrics, '_sum{')), ...(await series(metrics, 'queue_depth{'))];
      assert.deepEqual(
        values.map((line) => line.split(' ').at(-1)),
        ['0', '0', '0'],
      );
      assert.equal((await series(metrics, 'duration_seconds_count{')).at(0)?.at(-1), '1');
    });
  }

  it('accept any device id', async () => {
    const metrics = new Metrics();
    for (const id of ['', '__proto__', 'a"b\\c\nd', 'ünï'])
      metrics.observer('one').verdict?.({ ...CONFIRMED, deviceId: id });
    assert.equal((await series(metrics, 'toggles_total{')).length, 4);
    metrics.forget('one');
    assert.deepEqual(await series(metrics, '{'), []);
  });
});

describe('metrics: owners', () => {
  for (const [name, report] of Object.entries(EVENTS)) {
    it(`forget an id that only ${name} reported, and ignore ${name} after that`, async () => {
      const metrics = new Metrics();
      const observer = metrics.observer('one');
      report(observer, 'lamp');
      assert.notDeepEqual(await series(metrics, 'device_id="lamp"'), []);
      metrics.forget('one');
      assert.deepEqual(await series(metrics, 'device_id='), []);
      report(observer, 'lamp');
      assert.deepEqual(await series(metrics, 'device_id='), []);
    });
  }

  it('keep their counts over a deploy', async () => {
    const metrics = new Metrics();
    for (const _deploy of [1, 2]) metrics.observer('one').verdict?.(CONFIRMED);
    assert.deepEqual(await series(metrics, 'toggles_total{'), [
      'tcp_comm_toggles_total{device_id="lamp",outcome="confirmed"} 2',
    ]);
  });

  it('start from 0 when they come back, and ignore late events of the old one', async () => {
    const metrics = new Metrics();
    const old = metrics.observer('one');
    for (const report of Object.values(EVENTS)) report(old, 'lamp');
    metrics.forget('one');
    const back = metrics.observer('one');
    back.connectionState?.('lamp', 'connected');
    old.connectionState?.('lamp', 'disconnected');
    assert.equal((await series(metrics, 'device_id=')).length, 4);
    assert.equal((await series(metrics, 'state="connected"')).at(0)?.at(-1), '1');
  });

  it('that come back with another device id leave no series of the old one, whatever ends late', async () => {
    const metrics = new Metrics();
    const old = metrics.observer('one', 'lamp');
    for (const report of Object.values(EVENTS)) report(old, 'lamp');
    metrics.observer('one', 'pump');
    for (const report of Object.values(EVENTS)) report(old, 'lamp');
    assert.deepEqual(await series(metrics, 'device_id="lamp"'), []);
    metrics.observer('one', 'lamp').verdict?.(CONFIRMED);
    assert.match((await series(metrics, 'outcome="confirmed"')).join(), /device_id="lamp",outcome="confirmed"} 1$/);
  });

  it('that come back with another device id leave the series that another owner has', async () => {
    const metrics = new Metrics();
    for (const owner of ['one', 'two']) metrics.observer(owner, 'lamp').verdict?.(CONFIRMED);
    metrics.observer('one', 'pump');
    assert.match((await series(metrics, 'outcome="confirmed"')).join(), /device_id="lamp",outcome="confirmed"} 2/);
  });

  it('have a 0 for each outcome of their own device before the first toggle', async () => {
    const metrics = new Metrics();
    metrics.observer('one', 'lamp');
    const lines = await series(metrics, 'toggles_total{');
    assert.equal(lines.length, 5);
    for (const line of lines) assert.match(line, /device_id="lamp",outcome="\w+"} 0$/);
  });

  it('count ids beyond 1000 together, except for their own, and forget them as well', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('one', 'gateway');
    for (let id = 0; id < 1200; id += 1) {
      observer.verdict?.({ ...CONFIRMED, deviceId: `lamp-${id}` });
      observer.queueDepth?.(`lamp-${id}`, 1);
    }
    observer.verdict?.({ ...CONFIRMED, deviceId: 'gateway' });
    const counts = await series(metrics, 'duration_seconds_count{');
    assert.equal(counts.length, 1001);
    assert.equal(
      counts
        .find((line) => line.includes('(other)'))
        ?.split(' ')
        .at(-1),
      '201',
    );
    assert.equal((await series(metrics, 'queue_depth{')).length, 999);
    metrics.forget('one');
    assert.deepEqual(await series(metrics, 'device_id='), []);
  });

  it('may be forgotten without having been registered', () => new Metrics().forget('unknown'));
});

describe('metrics: process metrics', () => {
  it('of many devices are read in parts, which together are the same text', async () => {
    const metrics = new Metrics();
    for (let number = 0; number < 300; number += 1) {
      const deviceId = `lamp-${number}`;
      const observer = metrics.observer(deviceId, deviceId);
      for (const report of Object.values(EVENTS)) report(observer, deviceId);
    }
    assert.equal((await metrics.exposition()).text, await metrics.text());
  });

  it('are collected once, however often they are asked for, and leave the plain text alone', async () => {
    const metrics = new Metrics();
    metrics.observer('one').verdict?.(CONFIRMED);
    const all = await Promise.all([1, 2, 3].map(() => metrics.exposition({ processMetrics: true })));
    for (const { text } of all) {
      assert.equal(text.match(/^# TYPE nodejs_version_info /gm)?.length, 1);
      assert.match(text, /tcp_comm_toggles_total\{/);
    }
    assert.doesNotMatch(await metrics.text(), /nodejs_|process_/);
  });
});

describe('metrics of an inventory', () => {
  it('have a name for every row, whatever their number, and none for other ids', async () => {
    const metrics = new Metrics();
    const ids = Array.from({ length: 1500 }).map((_each, n) => `lamp-${n}`);
    const observer = metrics.inventoryObserver('inventory', ids);
    for (const id of [...ids, 'stray']) observer.verdict?.({ ...CONFIRMED, deviceId: id });
    const counts = await series(metrics, 'toggles_total');
    assert.equal(counts.length, 1501);
    assert.equal(counts.at(-1), 'tcp_comm_toggles_total{device_id="(other)",outcome="confirmed"} 1');
  });

  it('go with their row, and do not come back with what ends late', async () => {
    const metrics = new Metrics();
    const observer = metrics.inventoryObserver('inventory', ['a', 'b']);
    for (const event of Object.values(EVENTS)) for (const id of ['a', 'b']) event(observer, id);
    metrics.inventoryObserver('inventory', ['b', 'c']);
    assert.deepEqual(await series(metrics, 'device_id="a"'), []);
    const ofB = await series(metrics, 'device_id="b"');
    assert.ok(ofB.length > 0);
    for (const event of Object.values(EVENTS)) event(observer, 'a');
    assert.deepEqual(await series(metrics, 'device_id="a"'), []);
    observer.verdict?.({ ...CONFIRMED, deviceId: 'c' });
    assert.equal((await series(metrics, 'toggles_total{device_id="c"')).length, 1);
  });

  it('count its rows and its readings, from 0 for each outcome, until it goes', async () => {
    const metrics = new Metrics();
    metrics.inventoryRead('plant', 'applied', 60);
    metrics.inventoryRead('plant', 'faulty', 60);
    metrics.inventoryRead('plant', 'faulty', 60);
    assert.deepEqual(await series(metrics, 'inventory="plant"'), [
      'tcp_comm_inventory_devices{inventory="plant"} 60',
      'tcp_comm_inventory_reloads_total{inventory="plant",outcome="applied"} 1',
      'tcp_comm_inventory_reloads_total{inventory="plant",outcome="faulty"} 2',
    ]);
    metrics.forget('plant');
    assert.deepEqual(await series(metrics, 'inventory="plant"'), []);
  });

  it('stay where another owner has the device, and go with the inventory', async () => {
    const metrics = new Metrics();
    const observer = metrics.inventoryObserver('inventory', ['a', 'b']);
    metrics.observer('device', 'a').verdict?.(CONFIRMED);
    for (const id of ['a', 'b']) observer.verdict?.({ ...CONFIRMED, deviceId: id });
    metrics.inventoryObserver('inventory', []);
    assert.ok((await series(metrics, 'device_id="a"')).length > 0);
    metrics.forget('inventory');
    observer.verdict?.(CONFIRMED);
    assert.deepEqual(await series(metrics, 'device_id="b"'), []);
    assert.deepEqual(await series(metrics, '(other)'), []);
  });
});

describe('metrics of groups', () => {
  it('count the verdicts of a group, from 0 for each outcome, until it goes', async () => {
    const metrics = new Metrics();
    metrics.groupStarted('scenes');
    metrics.groupStarted('other');
    for (const [outcome, elapsedMs] of [
      ['all', 30],
      ['some', 700],
      ['some', Number.NaN],
    ] as const)
      metrics.groupVerdict('scenes', outcome, elapsedMs);
    metrics.groupUndelivered('scenes');
    const lines = await series(metrics, 'group="scenes"');
    assert.deepEqual(
      lines.filter((line) => !line.includes('_bucket')),
      [
        'tcp_comm_groups_total{group="scenes",outcome="all"} 1',
        'tcp_comm_groups_total{group="scenes",outcome="some"} 2',
        'tcp_comm_groups_total{group="scenes",outcome="none"} 0',
        'tcp_comm_groups_undelivered_total{group="scenes"} 1',
        'tcp_comm_group_duration_seconds_sum{group="scenes"} 0.73',
        'tcp_comm_group_duration_seconds_count{group="scenes"} 3',
      ],
    );
    metrics.forget('scenes');
    assert.deepEqual(await series(metrics, 'group="scenes"'), []);
    const others = await series(metrics, 'group="other"');
    assert.ok(others.length > 0 && others.every((line) => line.endsWith(' 0')), others.join('\n'));
  });
});
