/** Inventories as CSV, RFC 4180: in and out. Browser-safe. */
import { parse, unparse } from 'papaparse';
import { show } from '../settings/show';
import { COLUMN_NAMES, columnOf, type InventoryDefaults } from './columns';
import { checkRows, unknownColumn, type RawRow } from './check-rows';
import { Faults, faulty, type InventoryReading } from './faults';

const DELIMITERS = [',', ';', '\t'] as const;

/** Reads the header row and the rows below it; the delimiter is the one that makes most sense of the header. */
export function readInventoryCsv(content: string, defaults: InventoryDefaults): InventoryReading {
  // The library takes one kind of line ending for the whole file; some spreadsheets mix them.
  const text = content.replaceAll(/\r\n?/g, '\n');
  const delimiter = delimiterOf(text);
  const { data, errors } = parse<string[]>(text, { delimiter, newline: '\n' });
  const faults = new Faults();
  const firstRow = data.findIndex((cells) => !isBlank(cells));
  const header = withoutBlankEnd(data[firstRow] ?? []).map((name) => name.trim());
  if (!checkHeader(header, firstRow + 1, faults)) return faults.reading([]);
  const [error] = errors;
  // What comes after a quote in the wrong place is not in the cells where it belongs.
  if (error) return faulty(`quotes: ${error.message}`, (error.row ?? 0) + 1);
  const rows = data.flatMap((cells, index): RawRow[] => {
    const row = index + 1;
    if (index <= firstRow || isBlank(cells)) return [];
    const given = cells.slice(0, header.length);
    if (cells.length < header.length || !isBlank(cells.slice(header.length))) {
      faults.add({ row, problem: `there are ${cells.length} cells, and ${header.length} columns in the header` });
    }
    return [{ row, cells: Object.fromEntries(given.map((cell, at) => [header[at], unescaped(cell.trim())])) }];
  });
  return checkRows(rows, defaults, faults);
}

/** The rows as CSV with a header, for spreadsheets: a cell that one would run as a formula begins with an apostrophe. */
export function writeInventoryCsv(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const isUsed = (column: string) => rows.some((row) => (row[column] ?? '') !== '');
  const fields = COLUMN_NAMES.filter((column, index) => index < 2 || isUsed(column));
  const data = rows.map((row) => fields.map((column) => row[column] ?? ''));
  return `${unparse({ fields, data }, { escapeFormulae: FORMULA }).replace(/\r\n$/, '')}\r\n`;
}

/** What a spreadsheet takes for a formula, and what has been made safe from that: an apostrophe more keeps both apart. */
const FORMULA = /^'*[=+\-@\t\r]/;

function unescaped(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function delimiterOf(text: string): string {
  const start = text.trimStart();
  const line = start.slice(0, start.search(/\n|$/));
  const known = (delimiter: string) => {
    const names = parse<string[]>(line, { delimiter, newline: '\n' }).data[0] ?? [];
    return names.filter((name) => columnOf(name.trim()) !== undefined).length + names.length / (line.length + 1);
  };
  return DELIMITERS.reduce((best, delimiter) => (known(delimiter) > known(best) ? delimiter : best));
}

/** Whether rows can be read below this header. */
function checkHeader(header: readonly string[], row: number, faults: Faults): boolean {
  if (!header.some((name) => columnOf(name))) {
    const problem = `there must be a header row with the columns device_id and host (known: ${COLUMN_NAMES.join(', ')})`;
    faults.add({ ...(row > 0 && { row }), problem });
    return false;
  }
  header.forEach((name, index) => {
    if (name === '') faults.add({ row, problem: `column ${index + 1} has no name` });
    else if (header.indexOf(name) < index)
      faults.add({ row, column: name, problem: `two columns are named ${show(name)}` });
    else if (!columnOf(name)) faults.add({ row, column: name, problem: unknownColumn(name) });
  });
  for (const column of ['device_id', 'host']) {
    if (!header.includes(column)) faults.add({ row, column, problem: `the column ${column} is missing` });
  }
  const isReadable = new Set(header).size === header.length && header.every((name) => columnOf(name));
  return isReadable && header.includes('device_id') && header.includes('host');
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

function withoutBlankEnd(cells: readonly string[]): readonly string[] {
  let end = cells.length;
  while (end > 0 && cells[end - 1]?.trim() === '') end -= 1;
  return cells.slice(0, end);
}
