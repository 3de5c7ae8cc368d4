/** Setting fields: default, range, parser and error messages, declared once for runtime, editor and README. Browser-safe. */
import { printable } from '../printable';
import { kindOf, show } from './show';

/** Kind of value, which decides the form input. */
type FieldKind = 'number' | 'text' | 'choice' | 'flag';

/** One setting. `T` is the type of its parsed value. */
export interface Field<T> {
  readonly kind: FieldKind;
  readonly default: T;
  /** The values of a choice. */
  readonly options?: readonly string[];
  /** Unit of a number, and the meaning of 0 where it is special. */
  readonly unit?: string;
  /** The accepted values, as text that follows "must be". */
  readonly accepts: string;
  /** Whether a value is required: true if the default is not a valid value. */
  readonly required: boolean;
  /** Parses `raw`; returns `undefined` if it is not accepted. */
  read(raw: unknown): T | undefined;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Settings<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Parsed settings, or one error message for each invalid setting. */
export type Parsed<F extends Fields> =
  { readonly ok: true; readonly settings: Settings<F> } | { readonly ok: false; readonly problems: readonly string[] };

const define = <T>(field: Omit<Field<T>, 'required'>): Field<T> => ({
  ...field,
  required: field.read(field.default) === undefined,
});

/** A whole number. Accepts numeric strings, because the editor saves inputs as strings. */
export function integer(options: { default: number; min: number; max: number; unit?: string }): Field<number> {
  const { min, max, unit } = options;
  return define({
    kind: 'number',
    ...(unit && { unit }),
    default: options.default,
    accepts: `a whole number from ${min} to ${max}${unit ? ` (${unit})` : ''}`,
    read(raw) {
      const value = numberFrom(raw, /^\d+$/);
      return Number.isInteger(value) ? within(min, max, value) : undefined;
    },
  });
}

/** A number with an optional fraction. */
export function decimal(options: { default: number; min: number; max: number }): Field<number> {
  const { min, max } = options;
  return define({
    kind: 'number',
    default: options.default,
    accepts: `a number from ${min} to ${max}`,
    // Each digit can match in only one way: a pattern with adjacent optional digit runs takes quadratic time.
    read: (raw) => within(min, max, numberFrom(raw, /^(?:\d+(?:\.\d+)?|\.\d+)$/)),
  });
}

/**
 * Text of `min` to `max` characters. A reference to an environment variable that Node-RED left is not accepted;
 * with `mayHoldReferences` that applies only to a text that is nothing else, as an expression may hold one. In a text
 * that is no setting, and so `isLiteral`, nothing is a reference.
 */
export function text(options: {
  default?: string;
  min?: number;
  max: number;
  trim?: boolean;
  mayHoldReferences?: boolean;
  isLiteral?: boolean;
}): Field<string> {
  const { min = 0, max, trim = false, mayHoldReferences = false, isLiteral = false } = options;
  return define({
    kind: 'text',
    default: options.default ?? '',
    accepts: min > 0 ? `text of ${min} to ${max} characters` : `text of at most ${max} characters`,
    read(raw) {
      if (typeof raw !== 'string') return undefined;
      const value = trim ? raw.trim() : raw;
      if (within(min, max, value.length) === undefined || LONE_SURROGATE.test(value)) return undefined;
      if (isLiteral) return value;
      return isEnvReference(value) || (!mayHoldReferences && REFERENCE.test(value)) ? undefined : value;
    },
  });
}

/** One of a fixed set of strings; space around it is ignored, as an environment variable may end with a line break. */
export function choice<const T extends string>(options: readonly T[], fallback: NoInfer<T>): Field<T> {
  return define<T>({
    kind: 'choice',
    options,
    default: fallback,
    accepts: `one of ${options.join(', ')}`,
    read: (raw) => options.find((option) => option === trimmed(raw)),
  });
}

/** A boolean, or the strings `true` and `false` as an environment variable gives them. */
export function flag(fallback: boolean): Field<boolean> {
  return define({
    kind: 'flag',
    default: fallback,
    accepts: 'true or false',
    read: (raw) => [true, false].find((value) => value === raw || String(value) === trimmed(raw)),
  });
}

function trimmed(raw: unknown): unknown {
  return typeof raw === 'string' ? raw.trim() : raw;
}

function numberFrom(raw: unknown, pattern: RegExp): number {
  if (typeof raw === 'string' && pattern.test(raw.trim())) return Number(raw);
  return typeof raw === 'number' ? raw : Number.NaN;
}

function within(min: number, max: number, value: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** Parses every field of `raw`. A missing value takes the default, unless the field is required. Never throws. */
export function parseSettings<F extends Fields>(fields: F, raw: Readonly<Record<string, unknown>>): Parsed<F> {
  // Callers in plain JavaScript can pass anything.
  const given: unknown = raw;
  if (typeof given !== 'object' || given === null || kindOf(given) !== 'an object') {
    return { ok: false, problems: [`settings must be an object, not ${show(given)}`] };
  }
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    try {
      const value = raw[name] ?? field.default;
      const problem = problemWith(name, field, value);
      if (problem) problems.push(problem);
      else settings[name] = field.read(value);
    } catch {
      // Its getter, or a Proxy.
      problems.push(`${name} must be ${field.accepts}, and cannot be read`);
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: settings as Settings<F> };
}

/** The error message for `value`, or `undefined` if it is valid. The editor shows the same message. */
export function problemWith(name: string, field: Field<unknown>, value: unknown): string | undefined {
  if (field.read(value) !== undefined) return undefined;
  if (value === '' && field.required) return `${name} is required: ${field.accepts}`;
  return `${name} must be ${field.accepts}, not ${show(value)}${explanation(value)}`;
}

/** Half of a surrogate pair, which has no form in UTF-8: on the wire and in metrics it would be another character. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** A reference to an environment variable, also within a longer text. No name holds a brace, so it takes linear time. */
const REFERENCE = /\$\{([^{}]*)\}/;

function explanation(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (LONE_SURROGATE.test(value)) return ' (it holds half of a surrogate pair, which is no character)';
  const [reference, variable = ''] = REFERENCE.exec(value) ?? [];
  if (reference === undefined) return '';
  const name = printable(variable.trim());
  if (isEnvReference(value)) return ` (environment variable ${name} is not set)`;
  return ` (environment variable ${name} is not set here: it must be the whole value, without spaces)`;
}

/** Whether a value is an environment variable reference, `${NAME}`, which is resolved when the node starts. */
export function isEnvReference(value: unknown): value is string {
  return typeof value === 'string' && /^\$\{\S+\}$/.test(value);
}
