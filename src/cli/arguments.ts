/** Owns what the commands share about arguments: argv → values or what is wrong with it, and the page of --help. Pure. */
import { parseArgs } from 'node:util';
import { parseSettings, problemWith, show, text, type Field, type Fields, type Settings } from '../settings/field';

/** An option that names a file; empty = none. */
export const pemFile: Field<string> = { ...text({ max: 4096 }), accepts: 'the path of a file in PEM' };

/** A command, declared once: its options are its fields. */
export interface Command<F extends Fields> {
  readonly name: string;
  readonly usage: string;
  readonly purpose: string;
  readonly fields: F;
  /** What each option is for, in a sentence. */
  readonly texts: { readonly [K in keyof F]: string };
  /** Titles, each above the option that it begins with. */
  readonly headings: { readonly [K in keyof F]?: string };
  /** Options that are not called like their field. */
  readonly flags?: { readonly [K in keyof F]?: string };
  /** Examples, exit codes and what else is to be known. */
  readonly notes: string;
}

/** What the arguments ask for; `problems`: one sentence for each that is wrong. */
export type ParsedArguments<F extends Fields> =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'run'; readonly values: Settings<F> };

/** Reads the arguments. Options are named as on the command line; words may be in any case. */
export function readArguments<F extends Fields>(command: Command<F>, argv: readonly string[]): ParsedArguments<F> {
  const names = new Map(Object.keys(command.fields).map((name) => [flagOf(command, name), name]));
  const fields = Object.fromEntries([...names].map(([flag, name]) => [flag, command.fields[name] as Field<unknown>]));
  const given: Record<string, string | boolean> = {};
  const flags = [...names.keys(), '--help', '--version'].join(', ');
  const problems: string[] = [];
  for (const token of tokensOf(fields, argv)) {
    if (token.kind !== 'option') {
      if (token.kind === 'positional') problems.push(`${show(token.value)} belongs to no option; there are ${flags}`);
      continue;
    }
    const { name, rawName, value } = token;
    if (name === 'help' || name === 'h') return { kind: 'help' };
    if (name === 'version') return { kind: 'version' };
    const field = Object.hasOwn(fields, `--${name}`) ? fields[`--${name}`] : undefined;
    if (!field || !rawName.startsWith('--')) problems.push(`${show(rawName)} is no option; there are ${flags}`);
    else if (isSwitch(field) && value !== undefined) problems.push(`${rawName} takes no value, not ${show(value)}`);
    else if (isSwitch(field)) given[rawName] = true;
    else if (isMissing(value, token.inlineValue)) problems.push(`${rawName} needs a value: ${field.accepts}`);
    else given[rawName] = inAnyCase(field, value as string);
  }
  // What follows from an argument that was misread is not told as well.
  if (problems.length > 0) return { kind: 'wrong', problems: problems.slice(0, 1) };
  const parsed = parseSettings(fields, given);
  if (!parsed.ok) return { kind: 'wrong', problems: parsed.problems };
  const values = Object.fromEntries(Object.entries(parsed.settings).map(([flag, value]) => [names.get(flag), value]));
  return { kind: 'run', values: values as Settings<F> };
}

/** What --help shows. */
export function helpPage<F extends Fields>(command: Command<F>): string {
  const { usage, purpose, fields, texts, headings, notes } = command;
  const lines = Object.entries(fields).flatMap(([name, field]) => {
    const heading = headings[name];
    const fallback = field.required || field.default === '' ? '' : `; default ${String(field.default)}`;
    const accepts = `${field.accepts}${fallback}${field.required ? '; required' : ''}`;
    const about = [texts[name] as string, ...(isSwitch(field) ? [] : wrapped(accepts))];
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

function isSwitch({ kind }: Field<unknown>): boolean {
  return kind === 'flag';
}

const TAKES = { flag: '', number: ' N', choice: ' WORD', text: ' TEXT' } as const;

function takes(field: Field<unknown>): string {
  return field === pemFile ? ' FILE' : TAKES[field.kind];
}

/** Not strict, for its words would be those of Node.js. */
function tokensOf(fields: Fields, args: readonly string[]) {
  const types = Object.entries(fields).map(([flag, field]) => {
    const type = isSwitch(field) ? ('boolean' as const) : ('string' as const);
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

/** Empty, or followed by the next option; a value that begins with a dash and a letter is given as --option=-value. */
function isMissing(value: string | undefined, inline: boolean | undefined): boolean {
  return !value || (!inline && /^--?[a-z]/i.test(value));
}

function inAnyCase(field: Field<unknown>, typed: string): string {
  const ways = [typed, typed.toLowerCase(), typed.toUpperCase()];
  return ways.find((way) => problemWith('', field, way) === undefined) ?? typed;
}
