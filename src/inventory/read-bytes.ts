/** Inventories as the bytes of a file: encoding and format. Browser-safe. */
import type { InventoryDefaults } from './columns';
import { readInventoryCsv } from './csv';
import { Faults, type InventoryReading } from './faults';
import { readInventoryJson } from './json';

/** 10,000 rows with every column take less. */
export const MAX_BYTES = 8_388_608;

/** Reads the content of a file: JSON if `name` ends with .json, CSV otherwise. UTF-8, with or without BOM. Never throws. */
export function readInventoryBytes(bytes: Uint8Array, name: string, defaults: InventoryDefaults): InventoryReading {
  const faults = new Faults();
  const text = textIn(bytes, faults);
  if (text === undefined) return faults.reading([]);
  return /\.json$/i.test(name) ? readInventoryJson(text, defaults) : readInventoryCsv(text, defaults);
}

/** The text of a file in UTF-8, without BOM; undefined with a fault if it is none. */
export function textIn(bytes: Uint8Array, faults: Faults): string | undefined {
  const wrong = (problem: string, row?: number): undefined => {
    faults.add({ ...(row !== undefined && { row }), problem });
  };
  if (bytes.length > MAX_BYTES) return wrong(`the file has ${bytes.length} bytes, and ${MAX_BYTES} are allowed`);
  if (isUtf16(bytes)) return wrong('the file is in UTF-16: save it as UTF-8');
  const text = new TextDecoder().decode(bytes);
  const broken = brokenAt(bytes, text);
  if (broken === undefined) return text;
  return wrong('the file is not text in UTF-8: save it as CSV UTF-8, or as JSON', rowAt(text, broken));
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Where the text has what no text has: a NUL, or the mark that decoding left in place of wrong bytes. */
function brokenAt(bytes: Uint8Array, text: string): number | undefined {
  const nul = text.indexOf('\0');
  if (nul !== -1) return nul;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return undefined;
  } catch {
    return text.indexOf('\uFFFD');
  }
}

function rowAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
