/** Latencies of successful toggles: appended to a file from which the runner prints percentiles. */
import { appendFileSync } from 'node:fs';

/** Notes the latency of one successful toggle, in ms. */
export function recordLatency(ms: number): void {
  const file = process.env.PHASE0_LATENCY_FILE;
  if (file) appendFileSync(file, `${ms}\n`);
}
