/** Loads under which the memory of the trace is measured. */

export interface TraceLoad {
  readonly deviceIds: readonly string[];
  /** Rows of an inventory; otherwise ids that messages brought. */
  readonly areRows: boolean;
  readonly rounds: number;
  readonly replyBytes: number;
  /** Of each verdict; 0 = all are confirmed. */
  readonly errorLength: number;
  /** Each so many-th toggle never ends. */
  readonly endless: number;
}

export interface TraceMemoryReport {
  readonly bytes: number;
  /** How many are left. */
  readonly toggles: number;
  readonly hidden: number;
}

const idsOf = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `lamp-${String(index + 1).padStart(4, '0')}`.padEnd(length, '-'));

const PLANT: TraceLoad = {
  deviceIds: idsOf(5000, 9),
  areRows: true,
  rounds: 4,
  replyBytes: 60,
  errorLength: 0,
  endless: Infinity,
};

export const TRACE_LOADS: Readonly<Record<string, TraceLoad>> = {
  '5,000 devices': PLANT,
  '200 devices': { ...PLANT, deviceIds: idsOf(200, 9), rounds: 100 },
  'replies of 64 KiB, some without an end': { ...PLANT, replyBytes: 65_543, errorLength: 500, endless: 100 },
  'errors of any length': { ...PLANT, errorLength: 60_000 },
  '10,000 rows with long ids': { ...PLANT, deviceIds: idsOf(10_000, 128), rounds: 2, errorLength: 500 },
  'ids that messages bring, ever new ones': { ...PLANT, deviceIds: idsOf(40_000, 128), areRows: false, rounds: 1 },
  'toggles without an end': { ...PLANT, endless: 1 },
};
