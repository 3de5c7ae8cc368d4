/** Timelines of toggles whose connection is not theirs alone: beside a test, while it is lost, and when a packet goes out twice. */
import assert from 'node:assert/strict';
import { segmentsOf } from '../../nodes/phase0-sidebar/editor/segments';
import { Device } from '../../src/device/device';
import type { ConnectionState, Observer } from '../../src/observer';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { attemptBytes } from '../../src/trace/attempt-bytes';
import { PcapngWriter } from '../../src/trace/pcapng';
import { TraceRecorder } from '../../src/trace/recorder';
import { ownerOf, tracedDevice } from '../support/traced';

/** A toggle by its events, each at the time that the clock shows. */
class Events {
  nowMs = 0;
  readonly recorder = new TraceRecorder({ now: () => this.nowMs, unixTimeMs: () => this.nowMs });
  private readonly observer: Observer = this.recorder.observer(ownerOf('lamp'));
  private attempt = 0;
  private startedAt = 0;
  private sentAt = 0;

  at(ms: number): this {
    this.nowMs = ms;
    return this;
  }

  asked(): void {
    this.observer.asked?.({ deviceId: 'lamp', msgId: 'm' });
  }

  /** `lateMs` after the core has begun it. */
  started(lateMs = 0): void {
    this.attempt += 1;
    this.startedAt = this.nowMs - lateMs;
    this.observer.attemptStarted?.({ ...this.common, state: true, maxAttempts: 3 });
  }

  connection(state: ConnectionState): void {
    this.observer.connectionState?.('lamp', state);
  }

  sent(): void {
    this.sentAt = this.nowMs;
    const elapsedMs = this.nowMs - this.startedAt;
    this.observer.packet?.({
      ...this.common,
      direction: 'send',
      outcome: 'success',
      elapsedMs,
      bytes: Buffer.from('out'),
    });
  }

  received(): void {
    this.observer.bytesReceived?.('lamp', 'm', this.attempt, Buffer.from('ACK'));
  }

  replied(elapsedMs = this.nowMs - this.sentAt): void {
    this.observer.packet?.({
      ...this.common,
      direction: 'recv',
      outcome: 'success',
      elapsedMs,
      bytes: Buffer.from('ACK'),
    });
  }

  ended(outcome: 'success' | 'timeout', retryInMs?: number): void {
    const elapsedMs = this.nowMs - this.startedAt;
    const retry = { willRetry: retryInMs !== undefined, retryInMs: retryInMs ?? 0 };
    this.observer.attemptEnded?.({ ...this.common, ...retry, state: true, maxAttempts: 3, outcome, elapsedMs });
  }

  verdict(): ToggleTimeline {
    const { attempt: attempts, nowMs: elapsedMs } = this;
    this.observer.verdict?.({
      outcome: 'confirmed',
      deviceId: 'lamp',
      msgId: 'm',
      state: true,
      attempts,
      elapsedMs,
      latencyMs: 1,
    });
    const [timeline] = this.recorder.toggles({}).toggles;
    assert.ok(timeline);
    return timeline;
  }

  private get common() {
    return { deviceId: 'lamp', msgId: 'm', attempt: this.attempt };
  }
}

/** Kind and attempt, start and duration of each step, in ms. */
function stepsOf({ steps }: ToggleTimeline): string[] {
  return steps.map(({ kind, attempt, at, us }) => {
    const number = attempt === undefined ? '' : ` #${attempt}`;
    return `${kind}${number} ${at / 1000}${us === undefined ? '' : ` +${us / 1000}`}`;
  });
}

describe('trace: connections', () => {
  it('a toggle of a flow and a test at once have each their own connection, and their packets in an export', async () => {
    const { device, network, clock, recorder } = tracedDevice({ maxAttempts: 1 });
    const observer = recorder.testObserver('n1');
    assert.ok(observer);
    const tester = new Device(device.settings, {
      connect: network.connect,
      clock,
      random: () => 0,
      observers: [observer],
    });
    const test = tester.toggle({ state: true, msgId: 'test' });
    await clock.advance(1);
    network.socket(1).open();
    await clock.advance(1);
    const flow = device.toggle({ state: false, msgId: 'flow' });
    await clock.advance(3);
    network.socket(2).open();
    await clock.advance(4);
    network.socket(2).ack();
    await flow;
    network.socket(1).ack();
    await test;
    const { toggles } = recorder.toggles({});
    assert.deepEqual(
      toggles.map((timeline) => [timeline.msgId, stepsOf(timeline)]),
      [
        [
          'flow',
          ['asked 0', 'connect #1 0 +3', 'send #1 3 +0', 'bytes_out #1 3', 'bytes_in #1 7', 'reply #1 7', 'verdict 7'],
        ],
        [
          'test',
          ['asked 0', 'connect #1 0 +1', 'send #1 1 +0', 'bytes_out #1 1', 'bytes_in #1 9', 'reply #1 9', 'verdict 9'],
        ],
      ],
    );
    const writer = new PcapngWriter();
    for (const timeline of toggles) assert.match(writer.toggle(timeline).toString('latin1'), /"opcode":"toggle"/);
    device.close();
    tester.close();
  });

  it('a packet over a connection that the recorder never heard of went out at once', () => {
    const events = new Events();
    events.asked();
    events.started();
    events.at(2).sent();
    events.at(5).received();
    events.replied();
    const steps = stepsOf(events.verdict());
    assert.deepEqual(steps.slice(0, 3), ['asked 0', 'send #1 0 +2', 'bytes_out #1 2']);
  });

  it('packets of an export are in order, also of a toggle that waited for room until the connection was another one', () => {
    const events = new Events();
    events.connection('connected');
    events.asked();
    events.started();
    events.at(50).connection('connecting');
    events.at(53).connection('connected');
    events.sent();
    events.at(60).received();
    events.replied();
    const exported = new PcapngWriter().toggle(events.verdict());
    const times: number[] = [];
    for (let at = 0; at < exported.length; at += exported.readUInt32LE(at + 4)) {
      if (exported.readUInt32LE(at) !== 6) continue;
      times.push(exported.readUInt32LE(at + 12) * 2 ** 32 + exported.readUInt32LE(at + 16));
    }
    assert.ok(times.length > 5);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  it('a wait before an attempt is as long as it was, not as it was meant to be', () => {
    const events = new Events();
    events.asked();
    events.started();
    events.at(10).ended('timeout', 1000);
    events.at(300).started();
    events.at(310).ended('timeout', 1000);
    events.at(400);
    const timeline = events.verdict();
    const waits = stepsOf(timeline).filter((step) => step.startsWith('retry_wait'));
    assert.deepEqual(waits, ['retry_wait #1 10 +290', 'retry_wait #2 310 +90']);
  });

  it('a wait that a stop ends is over with the toggle', async () => {
    const { device, network, clock, recorder } = tracedDevice({ backoffBaseMs: 5000, jitterMs: 0 });
    const verdict = device.toggle({ state: true });
    await clock.advance(1);
    network.socket(1).fail();
    await clock.advance(100);
    device.close();
    await verdict;
    const [timeline] = recorder.toggles({}).toggles;
    assert.ok(timeline);
    assert.deepEqual(stepsOf(timeline).slice(-2), ['retry_wait #1 1 +100', 'verdict 101']);
  });

  it('an attempt that finds a connection being made waits for it', () => {
    const events = new Events();
    events.connection('connecting');
    events.asked();
    events.started();
    events.at(5).connection('connected');
    events.at(6).sent();
    events.at(8).replied();
    events.ended('success');
    assert.deepEqual(stepsOf(events.verdict()), [
      'asked 0',
      'connect #1 0 +5',
      'send #1 5 +1',
      'bytes_out #1 6',
      'bytes_in #1 8',
      'reply #1 8',
      'verdict 8',
    ]);
  });

  it('a connection that is opened for other toggles, or after the attempt, is none of its own', () => {
    const events = new Events();
    events.connection('connected');
    events.asked();
    events.started();
    events.at(1).sent();
    events.at(5).connection('connecting');
    events.at(6).connection('connected');
    events.at(10).ended('timeout', 50);
    events.at(20).connection('connecting');
    events.at(30).connection('connected');
    events.at(60).started();
    events.at(61).sent();
    events.at(62).replied();
    events.ended('success');
    events.connection('disconnected');
    events.connection('connecting');
    assert.deepEqual(stepsOf(events.verdict()), [
      'asked 0',
      'send #1 0 +1',
      'bytes_out #1 1',
      'retry_wait #1 10 +50',
      'send #2 60 +1',
      'bytes_out #2 61',
      'bytes_in #2 62',
      'reply #2 62',
      'verdict 62',
    ]);
  });

  it('a packet that is sent again over another connection is shown once, and exported over both', () => {
    const events = new Events();
    events.connection('connected');
    events.asked();
    events.started();
    events.at(1).sent();
    events.at(2).connection('connecting');
    events.at(5).connection('connected');
    events.at(7).sent();
    events.at(9).replied();
    events.ended('success');
    const timeline = events.verdict();
    assert.deepEqual(stepsOf(timeline), [
      'asked 0',
      'send #1 0 +1',
      'bytes_out #1 1',
      'connect #1 2 +3',
      'send #1 5 +2',
      'bytes_out #1 7',
      'bytes_in #1 9',
      'reply #1 9',
      'verdict 9',
    ]);
    const { bytes } = attemptBytes(timeline.steps, 1, 'bytes_out');
    assert.equal(Buffer.from(bytes).toString(), 'out');
    const waits = segmentsOf(timeline).filter(({ kind }) => kind === 'reply');
    assert.deepEqual(
      waits.map(({ start, end }) => [start, end]),
      [[7000, 9000]],
    );
    const exported = new PcapngWriter().toggle(timeline).toString('latin1');
    assert.equal(exported.split('out').length - 1, 2);
    // The ports 49152 and 49153 of the client.
    for (const port of ['\xc0\x00', '\xc0\x01']) assert.ok(exported.includes(`${port}\x23\x28`), port);
  });

  it('a reply is not there before its bytes, also by two clocks that were read one after the other', () => {
    const events = new Events();
    events.connection('connected');
    events.asked();
    events.started();
    events.at(1).sent();
    events.at(3).received();
    events.replied(1.75);
    events.ended('success');
    assert.deepEqual(stepsOf(events.verdict()).slice(-3), ['bytes_in #1 3', 'reply #1 3', 'verdict 3']);
  });

  it('an attempt that the core began long before the recorder heard of it ends before the verdict, with all its steps', () => {
    const events = new Events();
    events.connection('connected');
    events.asked();
    // As slow as the observers before it are with the first toggle of a process.
    events.at(10).started(10);
    events.at(11).sent();
    events.at(12).received();
    events.replied();
    events.ended('success');
    const timeline = events.verdict();
    assert.deepEqual(stepsOf(timeline), [
      'asked 0',
      'send #1 10 +1',
      'bytes_out #1 11',
      'bytes_in #1 12',
      'reply #1 12',
      'verdict 12',
    ]);
    assert.equal(timeline.attempts[0]?.end, 12_000);
  });

  it('a late reply to the attempt before lies within the attempt that it ends', () => {
    const events = new Events();
    events.asked();
    events.started();
    events.connection('connecting');
    events.at(1).connection('connected');
    events.sent();
    events.at(10).ended('timeout', 5);
    events.at(15).started();
    events.at(20).replied(0);
    events.ended('success');
    const steps = stepsOf(events.verdict());
    assert.deepEqual(steps.slice(-3), ['bytes_in #2 20', 'reply #2 20', 'verdict 20']);
  });
});
