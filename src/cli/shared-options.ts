/** Options that phase0-toggle and phase0-worker have in common. */
import { choice, flag, integer, text } from '../settings/field';
import { pemFile } from './arguments';
import { formatField, LEVELS } from './log';

/** TLS to the devices. */
export const tlsOptions = {
  tls: flag(false),
  ca: pemFile,
  cert: pemFile,
  key: pemFile,
  servername: text({ max: 253 }),
  insecure: flag(false),
} as const;

/** What is written, and where metrics are served. */
export const outputOptions = {
  format: formatField,
  logLevel: choice(LEVELS, 'INFO'),
  metricsHost: text({ default: '127.0.0.1', min: 1, max: 253, trim: true }),
  metricsPort: integer({ default: 9400, min: 0, max: 65_535, unit: '0 = off' }),
} as const;
