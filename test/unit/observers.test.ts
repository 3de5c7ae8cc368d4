import assert from 'node:assert/strict';
import { Metrics } from '../../src/observers/metrics';
import { composeObservers } from '../../src/composed-observer';
import type { Verdict } from '../../src/verdict';

const PACKET = { deviceId: 'lamp', msgId: 'm1', attempt: 1, elapsedMs: 0.4231 } as const;
const VERDICT: Verdict = {
  outcome: 'confirmed',
  deviceId: 'lamp',
  msgId: 'm1',
  state: true,
  attempts: 1,
  latencyMs: 30,
  elapsedMs: 40,
};
const { latencyMs: _, ...UNCONFIRMED } = VERDICT;

describe('metrics', () => {
  it('count packets, retries, decode errors and verdicts under their fixed names', async () => {
    const metrics = new Metrics();
    const observer = metrics.observer('owner');
    observer.packet?.({ ...PACKET, direction: 'send', outcome: 'success' });
    observer.packet?.({ ...PACKET, direction: 'recv', outcome: 'timeout' });
    const attempt = { deviceId: 'lamp', msgId: 'm1', state: true, maxAttempts: 2 } as const;
    const ended = { outcome: 'timeout', willRetry: true, retryInMs: 250, elapsedMs: 5 } as const;
    observer.attemptEnded?.({ ...attempt, ...ended, attempt: 1 });
    observer.attemptStarted?.({ ...attempt, attempt: 2 });
    observer.decodeError?.({ deviceId: 'lamp', reason: 'bad_magic' });
    observer.verdict?.(VERDICT);
    observer.verdict?.({ ...UNCONFIRMED, outcome: 'unknown', reason: 'timeout' });
    observer.queueDepth?.('lamp', 3);
    observer.connectionState?.('lamp', 'connected');
    const text = await metrics.text();
    for (const line of [
      'tcp_comm_packet_sent_total{device_id="lamp",outcome="success"} 1',
      'tcp_comm_packet_recv_total{device_id="lamp",outcome="timeout"} 1',
      'tcp_comm_packet_retransmit_total{device_id="lamp",reason="timeout"} 1',
      'tcp_comm_decode_errors_total{device_id="lamp",reason="bad_magic"} 1',
      'tcp_comm_toggles_total{device_id="lamp",outcome="confirmed"} 1',
      'tcp_comm_toggles_total{device_id="lamp",outcome="unknown"} 1',
      'tcp_comm_message_abandoned_total{device_id="lamp",reason="timeout"} 1',
      'tcp_comm_packet_latency_seconds_bucket{device_id="lamp",le="0.025"} 0',
      'tcp_comm_packet_latency_seconds_bucket{device_id="lamp",le="0.05"} 1',
      'tcp_comm_toggle_duration_seconds_count{device_id="lamp"} 2',
      'tcp_comm_queue_depth{device_id="lamp"} 3',
      'tcp_comm_connection_state{device_id="lamp",state="connected"} 1',
      'tcp_comm_connection_state{device_id="lamp",state="connecting"} 0',
    ]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
  });

  it('forget the series of a removed owner, but not those that another one uses', async () => {
    const metrics = new Metrics();
    metrics.observer('one').verdict?.(VERDICT);
    metrics.observer('one').verdict?.({ ...VERDICT, deviceId: 'pump' });
    metrics.observer('two').verdict?.(VERDICT);
    metrics.forget('one');
    assert.match(await metrics.text(), /device_id="lamp"/);
    assert.doesNotMatch(await metrics.text(), /device_id="pump"/);
    metrics.forget('two');
    assert.doesNotMatch(await metrics.text(), /device_id=/);
  });

  it('are separate from the global registry, and add process metrics on request', async () => {
    await Promise.all([new Metrics().text(), new Metrics().text()]);
    const metrics = new Metrics();
    assert.doesNotMatch(await metrics.text(), /nodejs_/);
    assert.match((await metrics.exposition({ processMetrics: true })).text, /nodejs_version_info/);
  });
});

describe('observers', () => {
  it('cannot harm each other or the toggle', () => {
    const errors: unknown[] = [];
    const heard: Verdict[] = [];
    const broken = {
      verdict() {
        throw new Error('broken');
      },
    };
    composeObservers([broken, { verdict: (verdict) => heard.push(verdict) }], (error) => errors.push(error)).verdict(
      VERDICT,
    );
    assert.equal(heard.length, 1);
    assert.match(String(errors[0]), /broken/);
  });
});
