/** Check of rows: all of them become devices, or none does. Browser-safe. */
import { nearest } from '../nearest';
import { problemWith, type Field } from '../settings/field';
import { show } from '../settings/show';
import { COLUMN_NAMES, columnOf, columns, tagsFrom, type InventoryDefaults, type InventoryDevice } from './columns';
import { Faults, faulty, type InventoryReading } from './faults';

/** Rows that an inventory may have. */
export const MAX_ROWS = 10_000;

/** A row as it was read. */
export interface RawRow {
  /** From 1. */
  readonly row: number;
  /** By column; `''`, null and undefined = not given. */
  readonly cells: Readonly<Record<string, unknown>>;
}

/** The devices of the rows. `faults` has what was found before. Never throws. */
export function checkRows(
  rows: readonly RawRow[],
  defaults: InventoryDefaults,
  faults: Faults = new Faults(),
): InventoryReading {
  if (rows.length > MAX_ROWS) return faulty(`there are ${rows.length} rows, and ${MAX_ROWS} are allowed`);
  const check = new RowCheck(defaults, faults);
  const devices = rows.map((row) => check.device(row));
  if (rows.length === 0) faults.add({ problem: 'there are no rows: an inventory has at least one device' });
  return faults.reading(devices);
}

/** Why a name is not that of a column. */
export function unknownColumn(name: string): string {
  const sameLetters = COLUMN_NAMES.find((column) => column.toLowerCase() === name.toLowerCase());
  const similar = sameLetters ?? nearest(name, COLUMN_NAMES)[0];
  const suggestion = similar === undefined ? '' : `, did you mean ${similar}?`;
  return `unknown column ${show(name)}${suggestion} (known: ${COLUMN_NAMES.join(', ')})`;
}

class RowCheck {
  /** The row of each device id so far. */
  private readonly rowOfId = new Map<string, number>();
  /** The first row of each address that is kept connected. */
  private readonly sharing = new Map<string, { readonly row: number; readonly reply: string }>();

  constructor(
    private readonly defaults: InventoryDefaults,
    private readonly faults: Faults,
  ) {}

  /** The device of a row; what is wrong with it is among the faults. */
  device({ row, cells }: RawRow): InventoryDevice {
    const settings: Record<string, unknown> = { ...this.defaults };
    for (const [column, value] of Object.entries(cells)) {
      const field = columnOf(column);
      if (!field) this.faults.add({ row, column, problem: unknownColumn(column) });
      else if (isGiven(value)) settings[column] = this.read(row, column, field, value);
    }
    for (const column of ['device_id', 'host'] as const) {
      if (isGiven(cells[column])) continue;
      this.faults.add({ row, column, problem: `${column} is required: ${columns[column].accepts}` });
    }
    const { device_id: deviceId, tls, tags = '', ...rest } = settings;
    const device = {
      settings: { deviceId, ...rest } as InventoryDevice['settings'],
      tls: typeof tls === 'boolean' ? tls : tls === 'on',
      tags: tagsFrom(tags as string),
    };
    this.checkUnique(row, device);
    this.checkShared(row, device);
    return device;
  }

  private read(row: number, column: string, field: Field<unknown>, value: unknown): unknown {
    const problem = problemWith(column, field, value);
    if (problem === undefined) return field.read(value);
    this.faults.add({ row, column, problem });
    return undefined;
  }

  private checkUnique(row: number, { settings: { deviceId } }: InventoryDevice): void {
    const isValid = typeof deviceId === 'string';
    const first = isValid ? this.rowOfId.get(deviceId) : undefined;
    if (isValid && first === undefined) this.rowOfId.set(deviceId, row);
    if (first === undefined) return;
    const problem = `device_id must be unique, and row ${first} has ${show(deviceId)} as well`;
    this.faults.add({ row, column: 'device_id', problem });
  }

  /** Rows that share a persistent connection read its replies in one way. */
  private checkShared(row: number, { settings: { host, port, connection, reply }, tls }: InventoryDevice): void {
    if (connection !== 'persistent' || !reply) return;
    const address = addressKey(host, port, tls);
    const first = this.sharing.get(address);
    if (!first) this.sharing.set(address, { row, reply });
    else if (first.reply !== reply) {
      const problem = `reply must be ${first.reply} as in row ${first.row}, which shares its connection, not ${reply}`;
      this.faults.add({ row, column: 'reply', problem });
    }
  }
}

/** One text for each address that connections go to. */
export function addressKey(host: string, port: number, tls: boolean): string {
  return `${host} ${port}${tls ? ' tls' : ''}`;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
