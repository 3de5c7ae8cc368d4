/** Faults of an inventory, named by row and column. Browser-safe. */
import type { InventoryDevice } from './columns';

/** What is wrong in an inventory. */
export interface InventoryFault {
  /** From 1, as a spreadsheet counts: the header of a CSV file is row 1. Absent when the whole is meant. */
  readonly row?: number;
  readonly column?: string;
  /** Names the value, and what is accepted. */
  readonly problem: string;
}

/** An inventory that was read: every device of it, or what is wrong with it. */
export type InventoryReading =
  | { readonly ok: true; readonly devices: readonly InventoryDevice[] }
  /** `faults` are the first ones, 20 at most, and `faultCount` is the number of all. */
  | { readonly ok: false; readonly faults: readonly InventoryFault[]; readonly faultCount: number };

/** A longer list helps nobody. */
const MAX_SHOWN = 20;

/** Collects faults: the first ones as they are, the others as a number. */
export class Faults {
  private readonly shown: InventoryFault[] = [];
  private count = 0;

  add(fault: InventoryFault): void {
    this.count += 1;
    if (this.shown.length < MAX_SHOWN) this.shown.push(fault);
  }

  /** The inventory is faulty if any was added; otherwise it has these devices. */
  reading(devices: readonly InventoryDevice[]): InventoryReading {
    return this.count === 0 ? { ok: true, devices } : { ok: false, faults: this.shown, faultCount: this.count };
  }
}

/** An inventory with this one fault. */
export function faulty(problem: string, row?: number): InventoryReading {
  return { ok: false, faults: [{ ...(row !== undefined && { row }), problem }], faultCount: 1 };
}

/** A fault as text, such as `row 3: port must be a whole number from 1 to 65535, not "70000"`. */
export function faultText({ row, problem }: InventoryFault): string {
  return row === undefined ? problem : `row ${row}: ${problem}`;
}

/** The faults of a reading as lines, the last of which counts those that are not shown. */
export function faultLines({ faults, faultCount }: Extract<InventoryReading, { ok: false }>): readonly string[] {
  const more = faultCount - faults.length;
  return [...faults.map(faultText), ...(more > 0 ? [`and ${more} more`] : [])];
}
