/** Values in error messages: text and numbers as they are, objects by their kind. Browser-safe. */
import { printable } from '../printable';

const SHOWN_CHARACTERS = 60;

/** Formats any value for an error message: short, without terminal control characters. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return shortened(JSON.stringify(value), value.length);
  if (typeof value === 'object' && value !== null) return kindOf(value);
  // As text, a symbol or a function could be anything, and a BigInt a number of a million digits.
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined;
  return isPlain ? String(value) : `a ${typeof value}`;
}

/** Not by `instanceof`: objects of a function node come from another realm. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['[object String]', 'a String object'],
  ['[object Number]', 'a Number object'],
  ['[object Boolean]', 'a Boolean object'],
  ['[object Date]', 'a Date'],
]);

/** The kind of an object, with its article. An object may throw whatever is asked of it. */
export function kindOf(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array';
    if (ArrayBuffer.isView(value)) return value.constructor.name === 'Buffer' ? 'a Buffer' : 'an array of bytes';
    return KINDS.get(Object.prototype.toString.call(value)) ?? 'an object';
  } catch {
    return 'an object that cannot be read';
  }
}

/** With the length of the value, which the quotes and escapes of its JSON are no part of. */
function shortened(json: string, length: number): string {
  if (json.length <= SHOWN_CHARACTERS) return printable(json);
  return `${printable(json.slice(0, SHOWN_CHARACTERS))}… (${length} characters)`;
}
