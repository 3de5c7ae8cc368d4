/** Owns the fields of phase0-device, and how they came to be. Browser-safe: editor and runtime read the same ones. */
import { text } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';
import type { Migration } from '../saved';

export const fields = { name: text({ max: 200 }), ...deviceFields } as const;

export const migrations: readonly Migration[] = [
  // Kept connections, TLS and the circuit breaker came: until then there was a connection for each attempt, and no more.
  (saved) => ({ connection: 'per-toggle', tls: '', breakerFailures: '0', breakerResetMs: '10000', ...saved }),
];
