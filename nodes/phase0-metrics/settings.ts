/** Owns the fields of phase0-metrics. Browser-safe: editor and runtime read the same ones. */
import { flag, integer, text } from '../../src/settings/field';
import type { Migration } from '../saved';

export const fields = {
  name: text({ max: 200 }),
  listen: flag(true),
  host: text({ default: '127.0.0.1', min: 1, max: 253, trim: true }),
  port: integer({ default: 9400, min: 1, max: 65_535 }),
  path: text({ default: '/metrics', min: 1, max: 200, trim: true }),
  processMetrics: flag(false),
} as const;

/** None so far: what the first release saved is what is saved today. */
export const migrations: readonly Migration[] = [];
