/** Fields of phase0-device and their migrations. Browser-safe: editor and runtime read the same ones. */
import { text } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';
import type { Migration } from '../saved';

export const fields = { name: text({ max: 200, mayHoldReferences: true }), ...deviceFields } as const;

export const migrations: readonly Migration[] = [
  // Added persistent connections, TLS and the circuit breaker; before, each attempt had its own plain connection.
  (saved) => ({ connection: 'per-toggle', tls: '', breakerFailures: '0', breakerResetMs: '10000', ...saved }),
];
