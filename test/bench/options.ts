/** Options of a bench, as scripts/bench.mjs passes them, and where its report goes. */

interface BenchOptions {
  /** Rounds that count. */
  readonly rounds: number;
  /** Length of one run. */
  readonly seconds: number;
}

const DEFAULTS: BenchOptions = { rounds: 7, seconds: 1 };

export const REPORTS = 'test-reports';

export function benchOptions(): BenchOptions {
  return { ...DEFAULTS, ...(JSON.parse(process.env.PHASE0_BENCH ?? '{}') as Partial<BenchOptions>) };
}
