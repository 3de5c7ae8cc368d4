/** Owns the latencies of a run's successful toggles; the runner reads them from a file and prints percentiles. */
import { appendFileSync } from 'node:fs';

/** Notes the latency of one successful toggle, in ms. */
export function recordLatency(ms: number): void {
  const file = process.env.PHASE0_LATENCY_FILE;
  if (file) appendFileSync(file, `${ms}\n`);
}
