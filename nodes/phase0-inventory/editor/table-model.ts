/** Rows of the table while they are edited: cells as text, a filter, paste and import, and what is wrong with them. Pure. */
import type { RawRow } from '../../../src/inventory/check-rows';
import { columnOf, COLUMN_NAMES, type InventoryDefaults } from '../../../src/inventory/columns';
import { readCsvCells, readCsvRows } from '../../../src/inventory/csv';
import { faultLines, Faults, type InventoryFault } from '../../../src/inventory/faults';
import { readInventoryRows } from '../../../src/inventory/json';
import { textIn } from '../../../src/inventory/read-bytes';

/** The cells of a row by column; a cell that is missing is empty. */
export type TableRow = Record<string, string>;

/** Columns that are always shown. */
const USUAL = ['device_id', 'host', 'port', 'tls', 'tags'];

export interface TableFaults {
  /** As text, the last one counting those that are not shown. */
  readonly lines: readonly string[];
  /** The problem with a cell, if it has one of those that are shown. */
  at(row: number, column: string): string | undefined;
}

export class TableModel {
  readonly rows: TableRow[];
  filter = '';

  constructor(saved: unknown) {
    this.rows = Array.isArray(saved) ? saved.map((row: unknown) => rowFrom(row)) : [];
  }

  /** The columns to show: the usual ones, and those that are used. */
  columns(): readonly string[] {
    const used = new Set(USUAL);
    for (const row of this.rows) for (const column of Object.keys(row)) used.add(column);
    const known = [...USUAL, ...COLUMN_NAMES.filter((column) => !USUAL.includes(column))];
    return [...known.filter((column) => used.has(column)), ...[...used].filter((column) => !columnOf(column))];
  }

  /** The indexes of the rows that the filter finds. */
  found(): readonly number[] {
    const wanted = this.filter.trim().toLowerCase();
    const indexes = this.rows.map((_row, index) => index);
    if (wanted === '') return indexes;
    return indexes.filter((index) =>
      Object.values(this.rows[index] ?? {}).some((cell) => cell.toLowerCase().includes(wanted)),
    );
  }

  foundRows(): readonly TableRow[] {
    const found = new Set(this.found());
    return this.rows.filter((_row, index) => found.has(index));
  }

  cell(index: number, column: string): string {
    const row = this.rows[index];
    // A column that is not known may be called as what every object has, such as `constructor`.
    return row && Object.keys(row).includes(column) ? (row[column] ?? '') : '';
  }

  set(index: number, column: string, value: string): void {
    const row = this.rows[index];
    if (!row) return;
    if (value === '') delete row[column];
    else row[column] = value;
  }

  add(): void {
    this.rows.push({});
  }

  remove(index: number): void {
    this.rows.splice(index, 1);
  }

  /** The rows of a CSV file take the place of those that are there. Returns why none was taken, as the runtime says it. */
  import(bytes: Uint8Array): readonly string[] {
    const faults = new Faults();
    const text = textIn(bytes, faults);
    return this.take(text === undefined ? undefined : readCsvRows(text, faults), faults, 0);
  }

  /**
   * Takes cells from a spreadsheet. With a header they are new rows, as in a CSV file; without one they fill the cells from
   * this one on, in the rows and columns as shown, and rows are added as needed. Returns why none was taken.
   */
  paste(text: string, index: number, column: string): readonly string[] {
    const cells = readCsvCells(text);
    if (!cells) {
      const faults = new Faults();
      return this.take(readCsvRows(text, faults), faults, this.lengthUsed());
    }
    const columns = this.columns();
    const shown = columns.slice(Math.max(0, columns.indexOf(column)));
    const found = this.found().filter((each) => each >= index);
    cells.forEach((row, offset) => this.fill(found[offset] ?? this.rows.push({}) - 1, shown, row));
    return [];
  }

  /** As the flow has them; rows without any cell are left out. */
  saved(): readonly TableRow[] {
    return this.rows.filter((row) => Object.keys(row).length > 0);
  }

  /** Rows are checked as the runtime does; a row that is left out does not count. */
  faults(defaults: InventoryDefaults): TableFaults {
    const kept = this.rows.flatMap((row, index) => (Object.keys(row).length > 0 ? [index] : []));
    const reading = readInventoryRows(this.saved(), defaults);
    if (reading.ok) return { lines: [], at: () => undefined };
    const byCell = new Map(reading.faults.map((fault) => [cellOf(fault, kept), fault.problem]));
    return { lines: faultLines(reading), at: (row, column) => byCell.get(`${row} ${column}`) };
  }

  private fill(index: number, columns: readonly string[], cells: readonly string[]): void {
    columns.forEach((column, at) => {
      const cell = cells[at];
      if (cell !== undefined) this.set(index, column, cell);
    });
  }

  /** Rows from a file, all or none of them, from this one on. */
  private take(rows: readonly RawRow[] | undefined, faults: Faults, from: number): readonly string[] {
    const reading = faults.reading([]);
    if (!rows || !reading.ok) return reading.ok ? [] : faultLines(reading);
    this.rows.splice(from, Infinity, ...rows.map(({ cells }) => rowFrom(cells)));
    return [];
  }

  /** The number of rows up to the last one that has cells. */
  private lengthUsed(): number {
    let length = this.rows.length;
    while (length > 0 && Object.keys(this.rows[length - 1] ?? {}).length === 0) length -= 1;
    return length;
  }
}

function rowFrom(saved: unknown): TableRow {
  if (typeof saved !== 'object' || saved === null) return {};
  const cells = Object.entries(saved).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(cells.map(([column, value]) => [column, String(value)]));
}

function cellOf({ row = 0, column }: InventoryFault, kept: readonly number[]): string {
  return `${kept[row - 1]} ${column}`;
}
