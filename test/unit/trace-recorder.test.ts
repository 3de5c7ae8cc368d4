/** The trace of toggles: their timelines, the summaries of their devices, and what is forgotten when. */
import assert from 'node:assert/strict';
import { isFound, listed } from '../../nodes/phase0-sidebar/editor/device-order';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { attemptBytes } from '../../src/trace/attempt-bytes';
import { encodeReply } from '../../src/protocol/toggle';
import { TraceRecorder } from '../../src/trace/recorder';
import { readSpark } from '../../src/trace/spark';
import type { ToggleFilter } from '../../src/trace/toggle-finder';
import { inventoryOf, ownerOf, STARTED_AT_MS, tracedDevice } from '../support/traced';
import type { Verdict } from '../../src/verdict';

const { deviceId: _, ...CONFIRMED }: Verdict = {
  outcome: 'confirmed',
  deviceId: '',
  msgId: 'm1',
  state: true,
  attempts: 1,
  latencyMs: 2,
  elapsedMs: 5,
};

const ADDRESS = { host: 'kitchen.local', port: 9000, tls: false };

/** Steps as text: kind, attempt, offset and duration in ms. */
function stepsOf({ steps }: ToggleTimeline): string[] {
  return steps.map(({ kind, attempt, at, us }) => {
    const duration = us === undefined ? '' : ` +${us / 1000}`;
    return `${kind}${attempt === undefined ? '' : ` #${attempt}`} ${at / 1000}${duration}`;
  });
}

/** Records toggles that were never attempted. */
function dropToggles(recorder: TraceRecorder, deviceIds: readonly string[], error = 'no'): void {
  const observer = recorder.observer(ownerOf());
  for (const deviceId of deviceIds) dropToggle(observer, deviceId, error);
}

function dropToggle(observer: ReturnType<TraceRecorder['observer']>, deviceId: string, error = 'no'): void {
  observer.asked?.({ deviceId, msgId: 'm' });
  const verdict = { outcome: 'dropped', reason: 'expired', deviceId, msgId: 'm', attempts: 0, elapsedMs: 1 } as const;
  observer.verdict?.({ ...verdict, error });
}

/** Two toggles, the second of which waits for the first, and then `endMs` for the end of its connection. */
async function twoInARow(
  settings: object,
  waits: Readonly<Record<'connectMs' | 'endMs' | 'reconnectMs' | 'replyMs', number>>,
) {
  const { device, network, clock, recorder } = tracedDevice(settings);
  const both = Promise.all([device.toggle({ state: true }), device.toggle({ state: false })]);
  await clock.advance(waits.connectMs);
  network.socket(1).open();
  await clock.advance(0);
  network.socket(1).ack();
  await clock.advance(waits.endMs);
  network.socket(1).free();
  await clock.advance(waits.reconnectMs);
  network.socket(2).open();
  await clock.advance(waits.replyMs);
  network.socket(2).ack();
  await both;
  return { device, recorder };
}

describe('trace: timelines', () => {
  it('a toggle that is retried, step by step, with its bytes', async () => {
    const { device, network, clock, recorder } = tracedDevice({ backoffBaseMs: 100, jitterMs: 0 });
    await clock.advance(50);
    const verdict = device.toggle({ state: true, msgId: 'm1', requester: 'b1', requestId: 'msg-1' });
    await clock.advance(3);
    network.socket(1).open();
    await clock.advance(4);
    network.socket(1).receive('HT');
    await clock.advance(100);
    network.socket(2).open();
    await clock.advance(0);
    await clock.advance(2);
    network.socket(2).receive('A');
    await clock.advance(1);
    network.socket(2).receive('CK');
    await verdict;
    const [timeline, ...others] = recorder.toggles({}).toggles;
    assert.ok(timeline);
    assert.deepEqual(others, []);
    assert.deepEqual(stepsOf(timeline), [
      'asked 0',
      'connect #1 0 +3',
      'send #1 3 +0',
      'bytes_out #1 3',
      'bytes_in #1 7',
      'reply #1 7',
      'retry_wait #1 7 +100',
      'connect #2 107 +0',
      'send #2 107 +0',
      'bytes_out #2 107',
      'bytes_in #2 109',
      'bytes_in #2 110',
      'reply #2 110',
      'verdict 110',
    ]);
    assert.deepEqual(
      timeline.attempts.map(({ attempt, at, end, outcome, cause }) => [attempt, at, end, outcome, cause]),
      [
        [1, 0, 7000, 'bad_reply', 'reply_not_understood'],
        [2, 107_000, 110_000, 'success', undefined],
      ],
    );
    assert.equal(timeline.at, STARTED_AT_MS + 50);
    assert.deepEqual(timeline.who, { nodeId: 'b1', msgid: 'msg-1' });
    assert.equal(timeline.outcome, 'confirmed');
    assert.deepEqual(timeline.address, { host: '10.0.0.5', port: 9000, tls: false });
    assert.equal(timeline.reply, 'auto');
    assert.equal(Buffer.from(attemptBytes(timeline.steps, 2, 'bytes_in').bytes).toString(), 'ACK');
    assert.deepEqual(Buffer.from(attemptBytes(timeline.steps, 1, 'bytes_out').bytes), network.socket(1).written[0]);
    device.close();
  });

  it('one that waits says how long', async () => {
    const { device, recorder } = await twoInARow({}, { connectMs: 5, endMs: 0, reconnectMs: 1, replyMs: 0 });
    const [first, second] = recorder.toggles({}).toggles;
    assert.ok(first && second);
    assert.equal(stepsOf(first).includes('queued 0 +5'), false);
    assert.equal(stepsOf(second)[1], 'queued 0 +5');
    device.close();
  });

  it('a send after the wait for the end of the connection before it: no step ends before it begins', async () => {
    const waits = { connectMs: 1, endMs: 100, reconnectMs: 2, replyMs: 3 };
    const { device, recorder } = await twoInARow({ reply: 'auto' }, waits);
    const [, second] = recorder.toggles({}).toggles;
    assert.deepEqual(
      second?.steps.filter(({ us }) => (us ?? 0) < 0),
      [],
    );
    const sent = second?.steps.find(({ kind }) => kind === 'send');
    const connected = second?.steps.find(({ kind }) => kind === 'connect');
    assert.equal(sent?.at, (connected?.at ?? NaN) + (connected?.us ?? NaN));
    device.close();
  });

  it('half a reply that never became a whole one, and what came before the packet', async () => {
    const { device, network, clock, recorder } = tracedDevice({ maxAttempts: 1, ioTimeoutMs: 20, reply: 'framed' });
    const verdict = device.toggle({ state: true });
    await clock.advance(1);
    network.socket(1).receive('SSH');
    network.socket(1).open();
    await clock.advance(1);
    network.socket(1).receive(Buffer.from('f00d01', 'hex'));
    await clock.advance(30);
    assert.equal((await verdict).reason, 'timeout');
    const [timeline] = recorder.toggles({}).toggles;
    assert.ok(timeline);
    const { bytes } = attemptBytes(timeline.steps, 1, 'bytes_in');
    assert.equal(Buffer.from(bytes).toString('latin1'), 'SSH\xf0\r\x01');
    assert.equal(
      timeline.steps.some(({ kind }) => kind === 'reply'),
      false,
    );
    device.close();
  });

  it('over a persistent connection: no second connect, and whole replies where several share it', async () => {
    const { device, network, clock, recorder } = tracedDevice({ connection: 'persistent', reply: 'framed' });
    const first = device.toggle({ state: true, msgId: 'm1' });
    await clock.advance(1);
    network.socket(1).open();
    await clock.advance(1);
    network.socket(1).reply('m1', { state: true });
    await first;
    const both = Promise.all([
      device.toggle({ state: false, msgId: 'm2', deviceId: 'a' }),
      device.toggle({ state: false, msgId: 'm3', deviceId: 'b' }),
    ]);
    await clock.advance(1);
    network.socket(1).reply('m3', { state: false });
    network.socket(1).reply('m2', { state: false });
    await both;
    const toggles = new Map(recorder.toggles({}).toggles.map((each) => [each.msgId, each]));
    const kinds = (msgId: string) => toggles.get(msgId)?.steps.map(({ kind }) => kind);
    assert.deepEqual(kinds('m1'), ['asked', 'connect', 'send', 'bytes_out', 'bytes_in', 'reply', 'verdict']);
    for (const msgId of ['m2', 'm3']) {
      assert.deepEqual(kinds(msgId), ['asked', 'send', 'bytes_out', 'bytes_in', 'reply', 'verdict']);
      const { bytes } = attemptBytes(toggles.get(msgId)?.steps ?? [], 1, 'bytes_in');
      assert.match(Buffer.from(bytes).toString('latin1'), new RegExp(`"msg_id":"${msgId}"`));
    }
    device.close();
  });

  it('over a shared connection: a reply in pieces is whose beginning it was, or whole', async () => {
    const { device, network, clock, recorder } = tracedDevice({ connection: 'persistent', reply: 'framed' });
    const replyTo = (msgId: string) => Buffer.from(encodeReply({ kind: 'ack', msgId }));
    const toggles = ['m1', 'm2', 'm3', 'm4'].map((msgId, index) =>
      index === 3 ? undefined : device.toggle({ state: true, msgId, deviceId: msgId }),
    );
    await clock.advance(1);
    const socket = network.socket(1);
    socket.open();
    await clock.advance(1);
    socket.receive(Buffer.concat([replyTo('m1'), replyTo('m2').subarray(0, 20)]));
    socket.receive(replyTo('m2').subarray(20));
    await clock.advance(1);
    socket.receive(replyTo('m3').subarray(0, 20));
    const last = device.toggle({ state: true, msgId: 'm4', deviceId: 'm4' });
    await clock.advance(1);
    socket.receive(replyTo('m3').subarray(20));
    socket.receive(replyTo('m4'));
    await Promise.all([...toggles, last]);
    for (const { msgId, steps } of recorder.toggles({}).toggles) {
      const { bytes } = attemptBytes(steps, 1, 'bytes_in');
      assert.equal(Buffer.from(bytes).toString('hex'), replyTo(msgId).toString('hex'), msgId);
    }
    device.close();
  });

  it('keeps what comes to later attempts, whatever came to earlier ones', async () => {
    const { device, network, clock, recorder } = tracedDevice({ maxAttempts: 8, backoffBaseMs: 1, jitterMs: 0 });
    const verdict = device.toggle({ state: true });
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await clock.advance(1000);
      network.socket(attempt).open();
      await clock.advance(0);
      network.socket(attempt).receive('H'.repeat(5000));
    }
    await verdict;
    const [timeline] = recorder.toggles({}).toggles;
    assert.equal(timeline?.attempts.length, 8);
    for (const { attempt } of timeline.attempts) {
      assert.equal(attemptBytes(timeline.steps, attempt, 'bytes_in').length, 5000);
    }
    assert.equal(timeline.steps.at(-1)?.kind, 'verdict');
    device.close();
  });

  it('is that of the toggle under way, or of the one that waited, where both have one message id', async () => {
    const { device, network, clock, recorder } = tracedDevice({ queueMode: 'latest' });
    const ask = (msgId: string, requester: string) => device.toggle({ state: true, msgId, requester });
    const all = Promise.all([ask('m1', 'first'), ask('m1', 'copy'), ask('m2', 'next')]);
    for (const number of [1, 2]) {
      await clock.advance(1);
      network.socket(number).open();
      await clock.advance(0);
      network.socket(number).ack();
      network.socket(number).free();
    }
    await all;
    const seen = recorder
      .toggles({})
      .toggles.map(({ outcome, who, attempts }) => [outcome, who?.nodeId, attempts.length]);
    assert.deepEqual(seen, [
      ['dropped', 'copy', 0],
      ['confirmed', 'first', 1],
      ['confirmed', 'next', 1],
    ]);
    device.close();
  });

  it('keeps the first bytes of a flood, and counts the others', async () => {
    const { device, network, clock, recorder } = tracedDevice({ maxAttempts: 1, ioTimeoutMs: 20, reply: 'framed' });
    const verdict = device.toggle({ state: true });
    await clock.advance(1);
    network.socket(1).open();
    await clock.advance(1);
    network.socket(1).receive(Buffer.from('f00d0100010000', 'hex'));
    for (let count = 0; count < 15; count += 1) network.socket(1).receive(Buffer.alloc(4000, 0x20));
    await clock.advance(30);
    await verdict;
    const [timeline] = recorder.toggles({}).toggles;
    const { bytes, length } = attemptBytes(timeline?.steps ?? [], 1, 'bytes_in');
    assert.equal(length, 7 + 15 * 4000);
    assert.equal(bytes.length, 4096);
    assert.equal(Buffer.from(bytes).toString('hex', 0, 7), 'f00d0100010000');
    device.close();
  });

  it('keeps a copy of what came, since its buffer may be used again', async () => {
    const { device, network, clock, recorder } = tracedDevice();
    const verdict = device.toggle({ state: true });
    await clock.advance(1);
    network.socket(1).open();
    await clock.advance(1);
    const observed = recorder.observer(ownerOf('lamp'));
    const buffer = Buffer.from('XYZ');
    const [msgId = ''] = network.socket(1).msgIds;
    observed.bytesReceived?.('lamp', msgId, 1, buffer);
    buffer.fill(0);
    network.socket(1).ack();
    await verdict;
    const [timeline] = recorder.toggles({}).toggles;
    assert.equal(Buffer.from(attemptBytes(timeline?.steps ?? [], 1, 'bytes_in').bytes).toString(), 'XYZACK');
    device.close();
  });

  it('one byte at a time: as many steps as have a place, and every byte', async () => {
    const { device, network, clock, recorder } = tracedDevice({ maxAttempts: 1, ioTimeoutMs: 20, reply: 'framed' });
    const verdict = device.toggle({ state: true });
    await clock.advance(1);
    network.socket(1).open();
    await clock.advance(1);
    network.socket(1).receive(Buffer.from('f00d0100010000', 'hex'));
    for (let count = 0; count < 500; count += 1) network.socket(1).receive(' ');
    await clock.advance(30);
    await verdict;
    const [timeline] = recorder.toggles({}).toggles;
    assert.ok(timeline && timeline.steps.length < 80);
    assert.equal(attemptBytes(timeline.steps, 1, 'bytes_in').length, 507);
    assert.equal(timeline.steps.at(-1)?.kind, 'verdict');
    device.close();
  });

  it('one that never reached a device says why', async () => {
    const { device, recorder } = tracedDevice();
    await device.toggle({ state: 'maybe' as never, requester: 'b1' });
    const [timeline] = recorder.toggles({}).toggles;
    assert.ok(timeline);
    assert.equal(timeline.reason, 'invalid_state');
    assert.deepEqual(timeline.who, { nodeId: 'b1' });
    assert.deepEqual(stepsOf(timeline), ['asked 0', 'verdict 0']);
    assert.equal(timeline.state, undefined);
    device.close();
  });
});

describe('trace: reading on', () => {
  const recorderWith = (count: number, maxBytes?: number) => {
    const recorder = new TraceRecorder(maxBytes === undefined ? {} : { maxBytes });
    dropToggles(
      recorder,
      Array.from({ length: count }, (__, index) => `d${index % 10}`),
    );
    return recorder;
  };

  it('gives each toggle once, the oldest first', () => {
    const recorder = recorderWith(250);
    const seen: number[] = [];
    let answer = recorder.toggles({});
    assert.deepEqual([answer.toggles.length, answer.toggles[0]?.seq, answer.more], [100, 151, false]);
    const { cursor } = answer;
    assert.deepEqual(recorder.toggles({ since: cursor }).toggles, []);
    answer = recorder.toggles({ since: cursor.replace(/\d+$/, '0') });
    for (;;) {
      seen.push(...answer.toggles.map(({ seq }) => seq));
      if (!answer.more) break;
      answer = recorder.toggles({ since: answer.cursor });
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 250 }, (__, index) => index + 1),
    );
    assert.equal(answer.dropped, 0);
  });

  it('says how many it has lost, and begins anew with the cursor of another recorder', () => {
    const recorder = recorderWith(20_000, 512 * 1024);
    const start = recorder.toggles({ since: recorder.toggles({}).cursor.replace(/\d+$/, '5') });
    const [first] = start.toggles;
    assert.ok(first && first.seq > 1000);
    assert.equal(start.dropped, first.seq - 6);
    for (const since of ['', 'x.1', 'ffffffffffff.3', recorder.toggles({}).cursor.replace(/\d+$/, '999999')]) {
      const { reset, toggles } = recorder.toggles({ since });
      assert.deepEqual([reset, toggles.length], [true, 100]);
    }
  });

  it('keeps what was found until it is read, also when newer toggles have taken its place by then', () => {
    const recorder = recorderWith(300, 512 * 1024);
    const { toggles } = recorder.find({});
    dropToggles(
      recorder,
      Array.from({ length: 20_000 }, () => 'd1'),
    );
    assert.deepEqual(
      Array.from(toggles, ({ seq }) => seq),
      Array.from({ length: 100 }, (__, index) => 201 + index),
    );
  });

  it('leaves out what was found of a device that is gone when it is read', () => {
    const recorder = recorderWith(30);
    const { toggles } = recorder.find({});
    recorder.forget('n1');
    assert.deepEqual([toggles.length, [...toggles]], [30, []]);
  });

  it('filters by device and outcome', () => {
    const recorder = recorderWith(30);
    const toggles = recorder.toggles({ devices: new Set(['n1:d3']) }).toggles;
    assert.deepEqual(
      toggles.map(({ deviceId }) => deviceId),
      ['d3', 'd3', 'd3'],
    );
    assert.equal(recorder.toggles({ outcomes: new Set(['confirmed']) }).toggles.length, 0);
    assert.equal([...recorder.timelines({ outcomes: new Set(['dropped']) })].length, 30);
  });

  it('filters by text and tag with the meaning that they have in the list of devices', () => {
    const recorder = new TraceRecorder();
    const lamp = { ...ownerOf('Lamp-1'), nodeId: 'l', settingsOf: () => ({ name: 'Küche', address: ADDRESS }) };
    dropToggle(recorder.observer(lamp), 'Lamp-1');
    const rows = recorder.observer(inventoryOf('inv', ['row-1', 'row-2']));
    for (const id of ['row-1', 'row-2']) dropToggle(rows, id);
    const { devices } = recorder.devices();
    assert.equal(devices.length, 3);
    for (const text of [
      '',
      ' ',
      'KÜCHE',
      'lamp',
      'lamp-1 ',
      'kitchen.local',
      '10.0',
      'hall',
      'HAL',
      'row',
      '-1',
      'x',
    ]) {
      for (const tag of ['', 'hall', 'Hall', 'hal']) {
        const listedKeys = devices
          .filter((summary) => isFound(listed(summary), { text, tag, outcome: '' }))
          .map(({ key }) => key);
        const found = recorder.toggles({ text, ...(tag !== '' && { tag }) }).toggles.map(({ key }) => key);
        assert.deepEqual(new Set(found), new Set(listedKeys), `${text} #${tag}`);
      }
    }
  });

  it('finds every one of thousands of devices by text, and ids that no device has, as they come and in an export', () => {
    const recorder = new TraceRecorder({ maxBytes: 16 * 1024 * 1024 });
    const rows = Array.from({ length: 3000 }, (__, index) => `lamp-${index}`);
    const observer = recorder.observer(inventoryOf('inv', rows));
    for (const id of [...rows, 'lamp-9999', 'Ghost']) dropToggle(observer, id);
    const idsOf = (filter: ToggleFilter) => [...recorder.timelines(filter)].map(({ deviceId }) => deviceId);
    assert.deepEqual(idsOf({ text: 'lamp' }), [...rows, 'lamp-9999']);
    assert.deepEqual(idsOf({ text: 'LAMP-999' }), ['lamp-999', 'lamp-9999']);
    assert.deepEqual(idsOf({ text: 'ghost' }), ['Ghost']);
    assert.deepEqual(idsOf({ text: 'lamp-9999', tag: 'hall' }), []);
    assert.deepEqual(idsOf({ text: 'lamp-9999', devices: new Set(['inv:lamp-9999']) }), []);
    assert.deepEqual(idsOf({ text: 'ghost', outcomes: new Set(['failed']) }), []);
    const { toggles, cursor } = recorder.toggles({ text: 'ghost' });
    assert.equal(toggles.length, 1);
    dropToggle(observer, 'ghost-2');
    dropToggle(observer, 'lamp-1');
    assert.deepEqual(
      recorder.toggles({ text: 'ghost', since: cursor }).toggles.map(({ deviceId }) => deviceId),
      ['ghost-2'],
    );
  });
});

describe('trace: an export', () => {
  it('comes to its end, although toggles go on faster than it is read', () => {
    const recorder = new TraceRecorder();
    const observer = recorder.observer(ownerOf());
    for (let count = 0; count < 150; count += 1) dropToggle(observer, 'lamp');
    let read = 0;
    for (const { seq } of recorder.timelines({})) {
      read += 1;
      assert.equal(seq, read);
      assert.ok(read <= 150);
      for (let count = 0; count < 3; count += 1) dropToggle(observer, 'lamp');
    }
    assert.equal(read, 150);
  });
});

describe('trace: devices', () => {
  it('are summed up', async () => {
    const { device, network, clock, recorder } = tracedDevice({ breakerFailures: 1, maxAttempts: 1 });
    const before = recorder.devices();
    assert.deepEqual(
      before.devices.map(({ key, last, state }) => [key, last, state]),
      [['n1:lamp', undefined, undefined]],
    );
    const on = device.toggle({ state: true });
    await clock.advance(1);
    assert.equal(recorder.devices(before.cursor).devices[0]?.running, true);
    network.socket(1).open();
    await clock.advance(2);
    network.socket(1).ack();
    await on;
    network.socket(1).free();
    const confirmedAt = STARTED_AT_MS + clock.now();
    await clock.advance(1000);
    const off = device.toggle({ state: false });
    await clock.advance(1);
    network.socket(2).break('refused');
    await off;
    const { devices, removed, reset } = recorder.devices(before.cursor);
    assert.deepEqual([removed, reset, devices.length], [[], false, 1]);
    const [summary] = devices;
    assert.ok(summary);
    assert.deepEqual([summary.state, summary.stateSince, summary.circuit], [true, confirmedAt, 'open']);
    assert.deepEqual(summary.counts, { confirmed: 1, rejected: 0, unknown: 0, failed: 1, dropped: 0 });
    assert.equal(summary.last?.outcome, 'failed');
    assert.equal(summary.last?.reason, 'connection_failed');
    assert.equal(summary.running, false);
    const points = readSpark(summary.spark ?? '');
    assert.deepEqual(
      points.map(({ outcome }) => outcome),
      ['confirmed', 'failed'],
    );
    assert.deepEqual(recorder.devices(recorder.devices().cursor).devices, []);
    device.close();
  });

  it('have the last 60 toggles in their sparkline', () => {
    const recorder = new TraceRecorder();
    const observer = recorder.observer(ownerOf('lamp'));
    for (let ms = 1; ms <= 100; ms += 1) {
      observer.asked?.({ deviceId: 'lamp', msgId: 'm1' });
      observer.verdict?.({ ...CONFIRMED, deviceId: 'lamp', latencyMs: ms, elapsedMs: 5000 });
    }
    const points = readSpark(recorder.devices().devices[0]?.spark ?? '');
    assert.deepEqual(
      points.map(({ us }) => Math.round(us / 1000)),
      Array.from({ length: 60 }, (__, index) => 41 + index),
    );
  });

  it('have the latency of the device in it, without the time in the queue; without a reply the time to the verdict', async () => {
    const waits = { connectMs: 400, endMs: 0, reconnectMs: 1, replyMs: 7 };
    const { device, recorder } = await twoInARow({ reply: 'auto' }, waits);
    const [second] = readSpark(recorder.devices().devices[0]?.spark ?? '').slice(-1);
    assert.deepEqual([second?.outcome, Math.round((second?.us ?? 0) / 1000)], ['confirmed', 7]);
    dropToggle(recorder.observer(ownerOf('lamp')), 'lamp');
    const [dropped] = readSpark(recorder.devices().devices[0]?.spark ?? '').slice(-1);
    assert.deepEqual([dropped?.outcome, Math.round((dropped?.us ?? 0) / 1000)], ['dropped', 1]);
    device.close();
  });

  it('come in pages when they are many, each once', () => {
    const recorder = new TraceRecorder();
    const ids = Array.from({ length: 1200 }, (__, index) => `row-${index}`);
    recorder.observer(inventoryOf('inv', ids));
    let answer = recorder.devices();
    const keys = answer.devices.map(({ key }) => key);
    while (answer.more) {
      answer = recorder.devices(answer.cursor);
      assert.equal(answer.reset, false);
      keys.push(...answer.devices.map(({ key }) => key));
    }
    assert.deepEqual(
      keys,
      ids.map((id) => `inv:${id}`),
    );
    assert.deepEqual(answer.devices[0]?.tags, ['hall']);
  });

  it('that went and came back since are not gone, on whichever page they come', () => {
    const recorder = new TraceRecorder();
    const ids = Array.from({ length: 600 }, (__, index) => `row-${index}`);
    recorder.observer(inventoryOf('inv', ids));
    let { cursor, more } = recorder.devices();
    while (more) ({ cursor, more } = recorder.devices(cursor));
    recorder.observer(inventoryOf('inv', ids.slice(0, 100)));
    recorder.observer(inventoryOf('inv', ids.slice(1)));
    const there = new Set(ids.map((id) => `inv:${id}`));
    do {
      const answer = recorder.devices(cursor);
      ({ cursor, more } = answer);
      assert.deepEqual(answer.removed, ['inv:row-0']);
      for (const key of answer.removed) there.delete(key);
      for (const { key } of answer.devices) there.add(key);
    } while (more);
    assert.equal(there.size, 599);
  });

  it('are told by a wall clock that is set, and by a monotonic one in between', () => {
    let [now, unix] = [0, 1000];
    const recorder = new TraceRecorder({ now: () => now, unixTimeMs: () => unix });
    const at = () => {
      dropToggles(recorder, ['lamp']);
      return recorder.toggles({}).toggles.at(-1)?.at;
    };
    [now, unix] = [10.25, 1010];
    assert.equal(at(), 1009);
    [now, unix] = [120.5, 1115];
    assert.equal(at(), 1119.25);
    unix = 500_000;
    // It is looked at ten times a second.
    assert.equal(at(), 1119.25);
    now = 220.5;
    assert.equal(at(), 499_999);
  });
});

describe('trace: what is gone', () => {
  it('takes its summary and its toggles with it', () => {
    const recorder = new TraceRecorder();
    const rows = ['a', 'b'];
    const observer = recorder.observer(inventoryOf('inv', rows));
    for (const id of rows) dropToggle(observer, id);
    const { cursor } = recorder.devices();
    recorder.observer(inventoryOf('inv', ['b', 'c']));
    const { devices, removed } = recorder.devices(cursor);
    assert.deepEqual(removed, ['inv:a']);
    assert.deepEqual(
      devices.map(({ key }) => key),
      ['inv:b', 'inv:c'],
    );
    const ids = () => recorder.toggles({}).toggles.map(({ deviceId }) => deviceId);
    assert.deepEqual(ids(), ['b']);
    recorder.forget('inv');
    assert.deepEqual(ids(), []);
    assert.deepEqual(recorder.devices().devices, []);
    // The device that was removed ends its last toggle.
    observer.verdict?.({ ...CONFIRMED, deviceId: 'b' });
    observer.connectionState?.('b', 'disconnected');
    assert.deepEqual([ids(), recorder.devices().devices], [[], []]);
  });

  it('is the former id of a device that has another one now, also for what comes late of it', () => {
    const recorder = new TraceRecorder();
    const before = recorder.observer(ownerOf('old'));
    dropToggle(before, 'old');
    recorder.observer(ownerOf('new'));
    before.connectionState?.('old', 'disconnected');
    before.verdict?.({ ...CONFIRMED, deviceId: 'old' });
    assert.deepEqual(
      recorder.devices().devices.map(({ deviceId }) => deviceId),
      ['new'],
    );
    assert.deepEqual(recorder.toggles({}).toggles, []);
  });

  it('is forgotten in the end: a reader that is far behind begins anew', () => {
    const recorder = new TraceRecorder();
    const { cursor } = recorder.devices();
    for (let count = 0; count < 3000; count += 1) {
      recorder.observer(ownerOf(`lamp-${count}`));
    }
    const answer = recorder.devices(cursor);
    assert.equal(answer.reset, true);
    assert.equal(answer.devices.length, 1);
  });

  it('a device id that an inventory does not have is traced, but not listed', () => {
    const recorder = new TraceRecorder();
    const observer = recorder.observer(inventoryOf('inv', ['a']));
    dropToggle(observer, '<script>');
    const [timeline] = recorder.toggles({}).toggles;
    assert.equal(timeline?.deviceId, '<script>');
    assert.equal(timeline.key, undefined);
    assert.equal(recorder.devices().devices.length, 1);
    recorder.forget('inv');
    assert.deepEqual(recorder.toggles({}).toggles, []);
  });
});

describe('trace: the limit', () => {
  it('lets the devices go that changed longest ago, when their ids come from messages', () => {
    const recorder = new TraceRecorder({ maxBytes: 1024 * 1024 });
    dropToggles(
      recorder,
      Array.from({ length: 10_000 }, (__, index) => `id-${index}`),
    );
    let answer = recorder.devices();
    const ids = new Set(answer.devices.map(({ deviceId }) => deviceId));
    while (answer.more) {
      answer = recorder.devices(answer.cursor);
      for (const { deviceId } of answer.devices) ids.add(deviceId);
    }
    assert.ok(ids.size > 500 && ids.size < 2000, String(ids.size));
    assert.ok(ids.has('id-9999') && !ids.has('id-0'));
  });

  it('says how many rows have no place', () => {
    const recorder = new TraceRecorder({ maxBytes: 512 * 1024 });
    const rows = Array.from({ length: 5000 }, (__, index) => `row-${index}`);
    recorder.observer(inventoryOf('inv', rows));
    const { hidden } = recorder.devices();
    assert.ok(hidden > 1000 && hidden < 5000, String(hidden));
  });

  it('leaves room for a burst of 3,000 toggles: the steps of each are recorded', () => {
    const recorder = new TraceRecorder();
    const ids = Array.from({ length: 3000 }, (__, index) => `row-${index}`);
    const observer = recorder.observer(inventoryOf('inv', ids));
    for (const deviceId of ids) observer.asked?.({ deviceId, msgId: 'm', requester: 'b' });
    for (const deviceId of ids) {
      const common = { deviceId, msgId: 'm', attempt: 1 };
      observer.attemptStarted?.({ ...common, state: true, maxAttempts: 1 });
      observer.packet?.({ ...common, direction: 'send', outcome: 'success', elapsedMs: 1, bytes: Buffer.alloc(80) });
      observer.verdict?.({ ...CONFIRMED, deviceId, msgId: 'm' });
    }
    const timelines = [...recorder.timelines({})];
    assert.ok(timelines.length > 1000, String(timelines.length));
    assert.deepEqual(
      timelines.filter(({ steps }) => !steps.some(({ kind, bytes }) => kind === 'bytes_out' && bytes)),
      [],
    );
  });

  it('holds for toggles without a verdict: of those beyond it, only the verdict is recorded', () => {
    const recorder = new TraceRecorder({ maxBytes: 512 * 1024 });
    const observer = recorder.observer(ownerOf('lamp'));
    const count = 1000;
    for (let index = 0; index < count; index += 1)
      observer.asked?.({ deviceId: 'lamp', msgId: `m${index}`, requester: 'b' });
    for (let index = 0; index < count; index += 1)
      observer.verdict?.({ ...CONFIRMED, deviceId: 'lamp', msgId: `m${index}`, attempts: 0 });
    const known = [...recorder.timelines({})].map(({ who }) => who !== undefined);
    assert.equal(known.length, count);
    assert.ok(known[0] && !known[count - 1]);
    // Their place is free again.
    observer.asked?.({ deviceId: 'lamp', msgId: 'last', requester: 'b' });
    observer.verdict?.({ ...CONFIRMED, deviceId: 'lamp', msgId: 'last' });
    assert.deepEqual(recorder.toggles({}).toggles.at(-1)?.who, { nodeId: 'b' });
  });

  it('cuts texts of any length and kind', () => {
    const recorder = new TraceRecorder();
    const observer = recorder.observer(ownerOf('lamp'));
    const huge = 'é'.repeat(100_000);
    observer.asked?.({ deviceId: 'lamp', msgId: 'm1', requester: huge, requestId: {} as never });
    observer.verdict?.({ ...CONFIRMED, outcome: 'failed', deviceId: 'lamp', error: huge });
    const [timeline] = recorder.toggles({}).toggles;
    assert.deepEqual(timeline?.who, { nodeId: 'é'.repeat(128) });
    assert.equal(timeline.error, 'é'.repeat(256));
  });
});
