/** Memory and depth of a value that was parsed from JSON: text of a few bytes can become an object of many. */

/** Estimated memory of a value with its property, besides the characters of texts, in bytes. */
const VALUE_BYTES = 64;

/** An upper estimate of the memory that a value takes, in bytes; Infinity if it nests deeper than `levels`. */
export function memoryBytes(value: unknown, levels: number): number {
  // A character takes two bytes at most.
  if (typeof value === 'string') return VALUE_BYTES + 2 * value.length;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  if (levels === 0) return Infinity;
  let bytes = VALUE_BYTES;
  if (Array.isArray(value)) {
    for (const inner of value) bytes += memoryBytes(inner, levels - 1);
    return bytes;
  }
  for (const name of Object.keys(value)) {
    bytes += 2 * name.length + memoryBytes((value as Readonly<Record<string, unknown>>)[name], levels - 1);
  }
  return bytes;
}
