/** Owns what a setting is: default, range, words and check, declared once for runtime, editor and README. Browser-safe. */
import { printable } from '../printable';

/** What a value looks like, and so how a form asks for it. */
type FieldKind = 'number' | 'text' | 'choice' | 'flag';

/** One setting. `T` is the type of its parsed value. */
export interface Field<T> {
  readonly kind: FieldKind;
  readonly default: T;
  /** What a choice is between. */
  readonly options?: readonly string[];
  /** What a number counts, and what 0 stands for when it is special. */
  readonly unit?: string;
  /** What is accepted, in words that follow "must be". */
  readonly accepts: string;
  /** Whether the default is not itself a valid value. */
  readonly required: boolean;
  /** The value that `raw` stands for; nothing when it is not accepted. */
  read(raw: unknown): T | undefined;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Settings<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Parsed settings, or one sentence for each that is wrong. */
export type Parsed<F extends Fields> =
  { readonly ok: true; readonly settings: Settings<F> } | { readonly ok: false; readonly problems: readonly string[] };

const define = <T>(field: Omit<Field<T>, 'required'>): Field<T> => ({
  ...field,
  required: field.read(field.default) === undefined,
});

/** A whole number; the editor saves inputs as strings, so numeric strings are numbers too. */
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

/** A number that may have a fraction. */
export function decimal(options: { default: number; min: number; max: number }): Field<number> {
  const { min, max } = options;
  return define({
    kind: 'number',
    default: options.default,
    accepts: `a number from ${min} to ${max}`,
    read: (raw) => within(min, max, numberFrom(raw, /^\d*\.?\d+$/)),
  });
}

/** Text of `min` to `max` characters; an `${ENV}` that found no variable is never taken for text. */
export function text(options: { default?: string; min?: number; max: number; trim?: boolean }): Field<string> {
  const { min = 0, max, trim = false } = options;
  return define({
    kind: 'text',
    default: options.default ?? '',
    accepts: min > 0 ? `text of ${min} to ${max} characters` : `text of at most ${max} characters`,
    read(raw) {
      if (typeof raw !== 'string') return undefined;
      const value = trim ? raw.trim() : raw;
      return within(min, max, value.length) === undefined || isEnvReference(value) ? undefined : value;
    },
  });
}

/** One of a few words. */
export function choice<const T extends string>(options: readonly T[], fallback: NoInfer<T>): Field<T> {
  return define<T>({
    kind: 'choice',
    options,
    default: fallback,
    accepts: `one of ${options.join(', ')}`,
    read: (raw) => options.find((option) => option === raw),
  });
}

/** True or false; an environment variable gives the words. */
export function flag(fallback: boolean): Field<boolean> {
  return define({
    kind: 'flag',
    default: fallback,
    accepts: 'true or false',
    read: (raw) => [true, false].find((value) => value === raw || String(value) === raw),
  });
}

function numberFrom(raw: unknown, pattern: RegExp): number {
  if (typeof raw === 'string' && pattern.test(raw.trim())) return Number(raw);
  return typeof raw === 'number' ? raw : Number.NaN;
}

function within(min: number, max: number, value: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** Reads every field from `raw`; what is absent takes its default, unless it is required. */
export function parseSettings<F extends Fields>(fields: F, raw: Readonly<Record<string, unknown>>): Parsed<F> {
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = raw[name] ?? field.default;
    const problem = problemWith(name, field, value);
    if (problem) problems.push(problem);
    else settings[name] = field.read(value);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: settings as Settings<F> };
}

/** One sentence that says what is wrong with `value`, or nothing. The editor shows the same one. */
export function problemWith(name: string, field: Field<unknown>, value: unknown): string | undefined {
  if (field.read(value) !== undefined) return undefined;
  if (value === '' && field.required) return `${name} is required: ${field.accepts}`;
  const unset = isEnvReference(value) ? ' (that environment variable is not set)' : '';
  return `${name} must be ${field.accepts}, not ${show(value)}${unset}`;
}

/** Whether a property is `${NAME}`, to be replaced by an environment variable when the node starts. */
export function isEnvReference(value: unknown): value is string {
  return typeof value === 'string' && /^\$\{\S+\}$/.test(value);
}

const SHOWN_CHARACTERS = 60;

/** A value as an error message shows it: its JSON, cut short when long, without characters that a terminal obeys. */
export function show(value: unknown): string {
  const json = typeof value === 'number' || value === undefined ? String(value) : asJson(value);
  if (json.length <= SHOWN_CHARACTERS) return printable(json);
  return `${printable(json.slice(0, SHOWN_CHARACTERS))}… (${json.length} characters)`;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    // Circular values and BigInts have no JSON; their kind is what can be said of them.
    return `a ${typeof value}`;
  }
}
