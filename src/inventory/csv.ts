/** Inventories as CSV, RFC 4180: in and out. Browser-safe. */
import { parse, unparse } from 'papaparse';
import { show } from '../settings/show';
import { COLUMN_NAMES, columnOf, type InventoryDefaults } from './columns';
import { checkRows, unknownColumn, type RawRow } from './check-rows';
import { Faults, type InventoryReading } from './faults';

const DELIMITERS = [',', ';', '\t'] as const;

export function readInventoryCsv(content: string, defaults: InventoryDefaults): InventoryReading {
  const faults = new Faults();
  const rows = readCsvRows(content, faults);
  return rows ? checkRows(rows, defaults, faults) : faults.reading([]);
}

/**
 * Reads the header row and the rows below it, whose cells are not checked; undefined if no rows can be read. The delimiter
 * is the one that makes most sense of the header.
 */
export function readCsvRows(content: string, faults: Faults): readonly RawRow[] | undefined {
  const text = withOneLineEnding(content);
  const delimiter = delimiterOf(text);
  const { data, errors } = parse<string[]>(text, { delimiter, newline: '\n' });
  const firstRow = data.findIndex((cells) => !isBlank(cells));
  const header = withoutBlankEnd(data[firstRow] ?? []).map((name) => name.trim());
  if (!checkHeader(header, firstRow + 1, faults)) return undefined;
  const [error] = errors;
  if (error) {
    // What comes after a quote in the wrong place is not in the cells where it belongs.
    faults.add({ row: (error.row ?? 0) + 1, problem: `quotes: ${error.message}` });
    return undefined;
  }
  return data.flatMap((cells, index): RawRow[] => {
    const row = index + 1;
    if (index <= firstRow || isBlank(cells)) return [];
    const given = cells.slice(0, header.length);
    if (cells.length < header.length || !isBlank(cells.slice(header.length))) {
      faults.add({ row, problem: `there are ${cells.length} cells, and ${header.length} columns in the header` });
    }
    const known = given.flatMap((cell, at) => (isColumn(header, at) ? [[header[at], cellIn(cell)]] : []));
    return [{ row, cells: Object.fromEntries(known) as RawRow['cells'] }];
  });
}

/** Cells that were copied from a spreadsheet: undefined if the first row has the name of a column, and so is a header. */
export function readCsvCells(content: string): readonly (readonly string[])[] | undefined {
  const text = withOneLineEnding(content);
  if (namesIn(firstLineOf(text), delimiterOf(text)).some((name) => columnOf(name))) return undefined;
  const { data } = parse<string[]>(text, { newline: '\n', skipEmptyLines: 'greedy' });
  return data.map((cells) => cells.map(cellIn));
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

/** A cell without the space around it, and without the apostrophe that made it safe. */
function cellIn(text: string): string {
  const cell = text.trim();
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** The library takes one kind of line ending for the whole file; some spreadsheets mix them. */
function withOneLineEnding(content: string): string {
  return content.replaceAll(/\r\n?/g, '\n');
}

function delimiterOf(text: string): string {
  const line = firstLineOf(text);
  const known = (delimiter: string) => {
    const names = namesIn(line, delimiter);
    return names.filter((name) => columnOf(name) !== undefined).length + names.length / (line.length + 1);
  };
  return DELIMITERS.reduce((best, delimiter) => (known(delimiter) > known(best) ? delimiter : best));
}

/** The first line that has more than separators. */
function firstLineOf(text: string): string {
  const start = text.replace(/^[\s,;]*\n/, '').trimStart();
  return start.slice(0, start.search(/\n|$/));
}

function namesIn(line: string, delimiter: string): readonly string[] {
  const [names = []] = parse<string[]>(line, { delimiter, newline: '\n' }).data;
  return names.map((name) => name.trim());
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
  return header.includes('device_id') && header.includes('host');
}

/** Whether the cells of this column are read: it is known, and no earlier one has its name. */
function isColumn(header: readonly string[], at: number): boolean {
  const name = header[at] ?? '';
  return columnOf(name) !== undefined && header.indexOf(name) === at;
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

function withoutBlankEnd(cells: readonly string[]): readonly string[] {
  let end = cells.length;
  while (end > 0 && cells[end - 1]?.trim() === '') end -= 1;
  return cells.slice(0, end);
}
