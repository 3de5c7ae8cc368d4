/** Summary of many toggles: outcome counts, latency percentiles and the table of both. */
import { createHistogram } from 'node:perf_hooks';
import type { Verdict } from '../verdict';
import { rounded } from './log';

/** Latencies of the confirmed toggles, in ms; absent if no toggle was confirmed. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export class Tally {
  /** `confirmed`, or outcome and reason, as in `unknown/timeout`. */
  readonly outcomes = new Map<string, number>();
  toggles = 0;
  private readonly latenciesUs = createHistogram();

  get confirmed(): number {
    return this.outcomes.get('confirmed') ?? 0;
  }

  get latencyMs(): Latencies | undefined {
    if (this.latenciesUs.count === 0) return undefined;
    const percentile = (p: number) => rounded(this.latenciesUs.percentile(p) / 1000);
    return { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: rounded(this.latenciesUs.max / 1000) };
  }

  add({ outcome, reason, latencyMs }: Verdict): void {
    const name = reason === undefined || reason === outcome ? outcome : `${outcome}/${reason}`;
    this.toggles += 1;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
    // The histogram counts from 1 up.
    if (latencyMs !== undefined) this.latenciesUs.record(Math.max(1, Math.round(latencyMs * 1000)));
  }

  /** The summary table; `wanted` is the requested number of toggles. */
  table(wanted: number, elapsedMs: number): string {
    const { toggles, latencyMs } = this;
    const count = toggles < wanted ? `${toggles} of ${wanted}` : `${toggles}`;
    const perSecond = Math.round(toggles / (elapsedMs / 1000));
    const byCount = [...this.outcomes].toSorted(([, a], [, b]) => b - a);
    const width = Math.max(...byCount.map(([name]) => name.length), 'latency, ms'.length);
    const row = (name: string, ...cells: readonly string[]) =>
      [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join(' ');
    return [
      `${count} toggles in ${(elapsedMs / 1000).toFixed(2)} s, ${perSecond} per second`,
      '',
      row('outcome', 'toggles', 'share'),
      ...byCount.map(([name, n]) => row(name, `${n}`, `${((n / toggles) * 100).toFixed(1)} %`)),
      ...(latencyMs
        ? [
            '',
            row('latency, ms', ...Object.keys(latencyMs)),
            row('confirmed', ...Object.values(latencyMs).map((ms: number) => ms.toFixed(2))),
          ]
        : []),
    ].join('\n');
  }
}
