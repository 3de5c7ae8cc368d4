/** Fields of phase0-metrics. Browser-safe: editor and runtime read the same ones. */
import { flag, integer, text, type Field } from '../../src/settings/field';
import type { Migration } from '../saved';

const pathText = text({ default: '/metrics', min: 1, max: 200, trim: true });

/** No request could match anything else: the path is compared with the request line unchanged. */
const path: Field<string> = {
  ...pathText,
  accepts: 'a path of at most 200 characters that begins with / and has no spaces, ? or #, ASCII only',
  read(raw) {
    const value = pathText.read(raw);
    return value !== undefined && /^\/[\x21-\x7e]*$/.test(value) && !/[?#]/.test(value) ? value : undefined;
  },
};

export const fields = {
  name: text({ max: 200, mayHoldReferences: true }),
  listen: flag(true),
  host: text({ default: '127.0.0.1', min: 1, max: 253, trim: true }),
  port: integer({ default: 9400, min: 1, max: 65_535 }),
  path,
  processMetrics: flag(false),
  /** Host names, separated by commas or spaces. */
  allowedHosts: text({ max: 1000, trim: true }),
} as const;

/** None so far: flows of the first release have today's settings. */
export const migrations: readonly Migration[] = [];
