/** Fields of phase0-simulator and their migrations. Browser-safe: editor and runtime read the same ones. */
import { text } from '../../src/settings/field';
import { simulatorFields } from '../../src/settings/simulator';
import type { Migration } from '../saved';

export const fields = { name: text({ max: 200, mayHoldReferences: true }), ...simulatorFields } as const;

export const migrations: readonly Migration[] = [
  // Added TLS.
  (saved) => ({ tls: '', ...saved }),
  // Added inventories.
  (saved) => ({ inventory: '', ...saved }),
];
