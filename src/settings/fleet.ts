/** Settings of a fleet and of its workers, each declared once with default, unit and range. Browser-safe. */
import { integer, type Settings } from './field';

const HOUR_MS = 3_600_000;

/** What a requester of a fleet needs besides the URL of the broker, which is a secret and no setting. */
export const fleetFields = {
  connectTimeoutMs: integer({ default: 5000, min: 1, max: 600_000, unit: 'ms' }),
  replyTimeoutMs: integer({ default: 30_000, min: 1, max: HOUR_MS, unit: 'ms' }),
  maxInFlight: integer({ default: 1000, min: 1, max: 100_000, unit: 'toggles' }),
  queueTtlMs: integer({ default: 0, min: 0, max: 24 * HOUR_MS, unit: 'ms, 0 = off' }),
} as const;

/** Settings of a requester, parsed and in range. */
export type FleetSettings = Settings<typeof fleetFields>;

export const workerFields = {
  index: integer({ default: 0, min: 0, max: 9999, unit: 'from 0, below --workers' }),
  workers: integer({ default: 1, min: 1, max: 10_000, unit: 'workers' }),
  /** The same for the broker and for every worker. */
  partitions: integer({ default: 12, min: 1, max: 1000, unit: 'queues' }),
  prefetch: integer({ default: 25, min: 1, max: 1000, unit: 'commands for each partition' }),
  drainMs: integer({ default: 10_000, min: 0, max: 600_000, unit: 'ms' }),
} as const;

/** Settings of a worker, parsed and in range. */
export type WorkerSettings = Settings<typeof workerFields>;
