/** Inventories as JSON: an array of objects with the names of the columns. Browser-safe. */
import { errorText } from '../printable';
import { kindOf, show } from '../settings/show';
import type { InventoryDefaults } from './columns';
import { checkRows, MAX_ROWS, type RawRow } from './check-rows';
import { Faults, faulty, type InventoryReading } from './faults';

export function readInventoryJson(content: string, defaults: InventoryDefaults): InventoryReading {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return faulty(`this is not JSON: ${errorText(error)}`);
  }
  return readInventoryRows(value, defaults);
}

/** Reads rows that are objects already, the first of which is row 1. */
export function readInventoryRows(value: unknown, defaults: InventoryDefaults): InventoryReading {
  if (!Array.isArray(value)) return faulty(`an inventory must be an array of objects, not ${show(value)}`);
  if (value.length > MAX_ROWS) return faulty(`there are ${value.length} rows, and ${MAX_ROWS} are allowed`);
  const faults = new Faults();
  const rows = value.flatMap((cells: unknown, index): RawRow[] => {
    const row = index + 1;
    const copy = copyOf(cells);
    if (copy) return [{ row, cells: copy }];
    faults.add({ row, problem: `a row must be an object, not ${show(cells)}` });
    return [];
  });
  return checkRows(rows, defaults, faults);
}

/** Undefined for what is no object, or one that cannot be read. */
function copyOf(cells: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof cells !== 'object' || cells === null || kindOf(cells) !== 'an object') return undefined;
  try {
    return { ...cells };
  } catch {
    return undefined;
  }
}
