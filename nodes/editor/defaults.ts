/** Owns turning declared fields into the `defaults` that Node-RED's editor wants. Browser-safe. */
import { isEnvReference, problemWith, type Field, type Fields } from '../../src/field';

interface EditorProperty {
  readonly value: unknown;
  /** The editor shows a message only from a function of two parameters. */
  readonly validate: (value: unknown, options: unknown) => true | string;
}

/**
 * `defaults` for registerType: value, and the same check and words as the runtime's. None says `required`: with it the
 * editor judges an empty input by itself, passing an empty port (false) or refusing an empty host without a word (true).
 */
export function defaultsFrom(fields: Fields): Record<string, EditorProperty> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, property(name, field)]));
}

function property(name: string, field: Field<unknown>): EditorProperty {
  return {
    value: field.default,
    // An environment variable is known only when the node starts; the runtime checks its value then.
    // What a flow saved by an older version lacks takes its default, as in the runtime.
    validate: (value, _options) => isEnvReference(value) || (problemWith(name, field, value ?? field.default) ?? true),
  };
}
