/** Fields of phase0-inventory. Browser-safe: editor and runtime read the same ones. */
import { inventoryFields } from '../../src/inventory/columns';
import { choice, text } from '../../src/settings/field';
import type { Migration } from '../saved';

/** Whether the rows are saved in the flow, or in a file that is watched. */
export const SOURCES = ['table', 'file'] as const;

const { tls: _configNode, ...defaults } = inventoryFields;

export const fields = {
  name: text({ max: 200, mayHoldReferences: true }),
  source: choice(SOURCES, 'table'),
  file: text({ max: 4096, trim: true, mayHoldReferences: true }),
  ...defaults,
} as const;

/** None so far. */
export const migrations: readonly Migration[] = [];
