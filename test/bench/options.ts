/** Options of a bench, as scripts/bench.mjs passes them, and where its report goes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

interface BenchOptions {
  /** Rounds that count, if they are given. */
  readonly rounds?: number;
  /** Length of one run. */
  readonly seconds: number;
}

export const REPORTS = 'test-reports';
export const MACHINE = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? '' };

/** What is given wins over `defaults`. */
export function benchOptions<T extends Partial<BenchOptions>>(defaults?: T): BenchOptions & T {
  return { seconds: 1, ...(defaults as T), ...(JSON.parse(process.env.PHASE0_BENCH ?? '{}') as Partial<BenchOptions>) };
}

/** Writes the figures as `test-reports/bench-<name>.json`. */
export function writeReport(name: string, report: object): void {
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, `bench-${name}.json`), `${JSON.stringify({ machine: MACHINE, ...report }, null, 2)}\n`);
}
