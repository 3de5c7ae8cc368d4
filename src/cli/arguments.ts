/** Command-line arguments: parsing into values or problems, and the --help page. */
import { parseArgs } from 'node:util';
import { nearest } from '../nearest';
import { printable } from '../printable';
import {
  isEnvReference,
  parseSettings,
  problemWith,
  text,
  type Field,
  type Fields,
  type Settings,
} from '../settings/field';
import { show } from '../settings/show';

/** Options that take a file path; empty = not set. */
export const pemFile = pathOf('the path of a file in PEM');
export const inventoryFile = pathOf('the path of a CSV file, or of a JSON file that ends with .json');

function pathOf(accepts: string): Field<string> {
  return { ...text({ max: 4096, mayHoldReferences: true }), accepts };
}

/** A command and its options. */
export interface Command<F extends Fields> {
  readonly name: string;
  readonly usage: string;
  readonly purpose: string;
  readonly fields: F;
  /** One-sentence description of each option. */
  readonly texts: { readonly [K in keyof F]: string };
  /** Section titles, each keyed by the first option of its section. */
  readonly headings: { readonly [K in keyof F]?: string };
  /** Option names that differ from the field name. */
  readonly flags?: { readonly [K in keyof F]?: string };
  /** Whether a value `${NAME}` stands for that environment variable, so that no secret is among the arguments. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Fields that take the place of others when the option `by` is given. */
  readonly instead?: { readonly by: string; readonly fields: { readonly [K in keyof F]?: F[K] } };
  /** Examples, exit codes and further notes. */
  readonly notes: string;
}

/** The parsed arguments, or one message for each problem. */
export type ParsedArguments<F extends Fields> =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  | { readonly kind: 'run'; readonly values: Settings<F> };

/** Parses the arguments. Problems name options as on the command line; choices ignore case. */
export function readArguments<F extends Fields>(command: Command<F>, argv: readonly string[]): ParsedArguments<F> {
  const names = new Map(Object.keys(command.fields).map((name) => [flagOf(command, name), name]));
  const fields = Object.fromEntries([...names].map(([flag, name]) => [flag, command.fields[name] as Field<unknown>]));
  const given: Record<string, string | boolean> = {};
  const problems: string[] = [];
  for (const token of tokensOf(fields, argv)) {
    if (token.kind !== 'option') {
      if (token.kind === 'positional')
        problems.push(`unexpected argument ${show(withoutSecrets(token.value))} (see --help)`);
      continue;
    }
    const { name, rawName, value } = token;
    if (name === 'help' || name === 'h') return { kind: 'help' };
    if (name === 'version') return { kind: 'version' };
    const field = Object.hasOwn(fields, `--${name}`) ? fields[`--${name}`] : undefined;
    if (!field || !rawName.startsWith('--')) problems.push(unknownOption(rawName, Object.keys(fields)));
    else if (isBoolean(field) && value !== undefined) problems.push(`${rawName} takes no value, not ${show(value)}`);
    else if (isBoolean(field)) given[rawName] = true;
    else if (isMissing(value, token.inlineValue)) problems.push(`${rawName} needs a value: ${field.accepts}`);
    else given[rawName] = matchCase(field, resolved(value as string, command.environment));
  }
  // A misread argument causes follow-up problems; report only the first one.
  if (problems.length > 0) return { kind: 'invalid', problems: problems.slice(0, 1) };
  const parsed = parseSettings({ ...fields, ...fieldsInstead(command, given) }, given);
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.problems };
  const values = Object.fromEntries(Object.entries(parsed.settings).map(([flag, value]) => [names.get(flag), value]));
  return { kind: 'run', values: values as Settings<F> };
}

/** An argument in the wrong place may be the URL of a broker. */
function withoutSecrets(argument: string): string {
  return argument.replaceAll(/\/\/[^/]*@/g, '//…@');
}

/** A variable that is not set stays a reference, which no field accepts. */
function resolved(value: string, environment: NodeJS.ProcessEnv | undefined): string {
  return (isEnvReference(value) && environment?.[value.slice(2, -1)]) || value;
}

function fieldsInstead<F extends Fields>(command: Command<F>, given: Readonly<Record<string, unknown>>): Fields {
  const { by, fields } = command.instead ?? { by: '', fields: {} };
  if (given[flagOf(command, by)] === undefined) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [flagOf(command, name), field as Field<unknown>]),
  );
}

function unknownOption(typed: string, known: readonly string[]): string {
  const [similar] = nearest(typed, known);
  return `unknown option ${printable(typed)} (${similar ? `did you mean ${similar}?` : 'see --help'})`;
}

/** The text of --help. */
export function helpPage<F extends Fields>(command: Command<F>): string {
  const { usage, purpose, fields, texts, headings, notes } = command;
  const lines = Object.entries(fields).flatMap(([name, field]) => {
    const heading = headings[name];
    const fallback = field.required || field.default === '' ? '' : `; default ${String(field.default)}`;
    const accepts = `${field.accepts}${fallback}${field.required ? '; required' : ''}`;
    const about = [texts[name] as string, ...(isBoolean(field) ? [] : wrapped(accepts))];
    const option = flagOf(command, name) + takes(field);
    return [
      ...(heading ? ['', `${heading}:`] : []),
      ...about.map((line, index) => row(index === 0 ? option : '', line)),
    ];
  });
  return `Usage: ${usage}\n\n${purpose}\n${lines.join('\n')}\n\nAlso:\n${ALSO}\n\n${notes.trim()}`;
}

const OPTION_WIDTH = 26;
const ABOUT_WIDTH = 90;
const ALSO = [row('--help, -h', 'Show this page.'), row('--version', 'Show the version.')].join('\n');

function row(option: string, about: string): string {
  return `  ${option.padEnd(OPTION_WIDTH)} ${about}`;
}

function wrapped(about: string): readonly string[] {
  return about.match(new RegExp(`\\S.{0,${ABOUT_WIDTH - 1}}(?= |$)`, 'g')) ?? [];
}

function flagOf<F extends Fields>(command: Command<F>, name: string): string {
  return `--${command.flags?.[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isBoolean({ kind }: Field<unknown>): boolean {
  return kind === 'flag';
}

const TAKES = { flag: '', number: ' N', choice: ' WORD', text: ' TEXT' } as const;

function takes(field: Field<unknown>): string {
  return field === pemFile || field === inventoryFile ? ' FILE' : TAKES[field.kind];
}

/** Not strict, so that error messages are ours and not those of Node.js. */
function tokensOf(fields: Fields, args: readonly string[]) {
  const types = Object.entries(fields).map(([flag, field]) => {
    const type = isBoolean(field) ? ('boolean' as const) : ('string' as const);
    return [flag.slice(2), { type }] as const;
  });
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

/** Whether a value is empty or looks like the next option. A value that starts with a dash needs --option=-value. */
function isMissing(value: string | undefined, inline: boolean | undefined): boolean {
  return !value || (!inline && /^--?[a-z]/i.test(value));
}

function matchCase(field: Field<unknown>, typed: string): string {
  const candidates = [typed, typed.toLowerCase(), typed.toUpperCase()];
  return candidates.find((candidate) => problemWith('', field, candidate) === undefined) ?? typed;
}
