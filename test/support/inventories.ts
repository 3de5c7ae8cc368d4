/** Inventories with short deadlines, from rows of the test. */
import assert from 'node:assert/strict';
import { inventoryFields, type InventoryDefaults } from '../../src/inventory/columns';
import type { InventoryReading } from '../../src/inventory/faults';
import { readInventoryRows } from '../../src/inventory/json';
import { parseSettings } from '../../src/settings/field';

export const INVENTORY_DEFAULTS: InventoryDefaults = defaultsWith({});

function defaultsWith(settings: object): InventoryDefaults {
  const quick = { backoffBaseMs: 1, jitterMs: 0, connectTimeoutMs: 1000, ioTimeoutMs: 1000, maxAttempts: 1 };
  const parsed = parseSettings(inventoryFields, { ...quick, ...settings });
  assert.ok(parsed.ok);
  return parsed.settings;
}

/** A reading without faults. */
export function readingOf(rows: readonly object[], settings: object = {}): InventoryReading {
  const reading = readInventoryRows(rows, defaultsWith(settings));
  assert.ok(reading.ok, reading.ok ? '' : JSON.stringify(reading.faults));
  return reading;
}
