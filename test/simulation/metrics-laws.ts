/** Law of metrics: what is counted is what happened. */
import type { Broken, ToggleFact } from './facts';

/** The samples of a text in the Prometheus format, without those of buckets. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    // Buckets are most of the text, and their sums say as much.
    if (line.startsWith('#') || line.includes('_bucket{')) continue;
    const space = line.lastIndexOf(' ');
    if (space > 0) samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

export class Tally {
  private readonly counts = new Map<string, number>();

  add(metric: string, deviceId: string, label?: readonly [string, string], by = 1): void {
    const rest = label ? `,${label[0]}="${label[1]}"` : '';
    const key = `tcp_comm_${metric}{device_id="${deviceId}"${rest}}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  get entries(): Iterable<readonly [string, number]> {
    return this.counts;
  }
}

/** Counts again, from the facts, what the metrics have counted. */
export function judgeMetrics(text: string, toggles: readonly ToggleFact[], decodeErrors: Tally, broken: Broken): void {
  const wanted = new Tally();
  for (const { deviceId, verdict, attempts } of toggles) {
    if (verdict) {
      wanted.add('toggles_total', deviceId, ['outcome', verdict.outcome]);
      if (verdict.reason) wanted.add('message_abandoned_total', deviceId, ['reason', verdict.reason]);
      wanted.add('toggle_duration_seconds_count', deviceId);
      wanted.add('toggle_duration_seconds_sum', deviceId, undefined, verdict.elapsedMs / 1000);
      if (verdict.latencyMs !== undefined) {
        wanted.add('packet_latency_seconds_count', deviceId);
        wanted.add('packet_latency_seconds_sum', deviceId, undefined, verdict.latencyMs / 1000);
      }
    }
    for (const [index, { packets }] of attempts.entries()) {
      for (const { direction, outcome } of packets) {
        wanted.add(direction === 'send' ? 'packet_sent_total' : 'packet_recv_total', deviceId, ['outcome', outcome]);
      }
      const failed = attempts[index - 1]?.end;
      if (failed) wanted.add('packet_retransmit_total', deviceId, ['reason', failed.outcome]);
    }
  }
  const samples = samplesOf(text);
  for (const [key, count] of [...wanted.entries, ...decodeErrors.entries]) {
    const sample = samples.get(key);
    if (sample === undefined || Math.abs(sample - count) > 1e-6)
      broken('metrics', `${key} is ${sample}, and should be ${count}`);
  }
  const counted =
    /^tcp_comm_(toggles|message_abandoned|packet_sent|packet_recv|packet_retransmit|decode_errors)_total\{/;
  const known = new Map([...wanted.entries, ...decodeErrors.entries]);
  for (const [key, sample] of samples) {
    if (counted.test(key) && sample > 0 && !known.has(key)) broken('metrics', `${key} is ${sample}, and should be 0`);
    if (key.startsWith('tcp_comm_queue_depth{') && sample !== 0) broken('metrics', `${key} is ${sample} at the end`);
  }
}
