/** Dialog markup, generated from the declared fields. The build runs it to write static templates. */
import type { Field } from '../../src/settings/field';
import type { SavedType } from '../saved';
import { iconOf } from './icons';

/** A dialog: its rows by name, in sections of which the first is always open. */
export interface Form extends SavedType {
  readonly type: string;
  readonly prefix: 'node-input' | 'node-config-input';
  /** Names of fields and of other rows: config nodes and the rows of `extra`. A pair shares one line. */
  readonly sections: Readonly<Record<string, readonly (string | readonly [string, string])[]>>;
  /** Fields whose empty input shows an example. */
  readonly placeholders?: readonly string[];
  /** Markup of rows that hold no input, by name. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Markup below the sections, always visible. */
  readonly below?: string;
}

/** Reads an input of the open dialog as the editor would save it. */
export type ReadInput = (name: string) => string;

/** Key of the section that has no heading. */
export const TOP = '';

/** The rows of the first section, then a section that folds for each other one. */
export function templateOf(form: Form): string {
  const sections = Object.entries(form.sections).map(([key, names]) => {
    const rows = names.map((name) => (typeof name === 'string' ? rowOf(form, name) : pairOf(form, ...name))).join('');
    if (key === TOP) return rows;
    const id = idOf(form, key);
    const heading = `<span ${text(form, `section.${key}`)}></span> <span class="phase0-summary" id="${id}-summary"></span>`;
    return `<details id="${id}-section"><summary>${heading}</summary>${rows}</details>`;
  });
  return `<div class="phase0-form">${sections.join('')}${form.below ?? ''}</div>`;
}

/** Id of a row's input, or of a section or row with a suffix. */
export function idOf({ prefix }: Pick<Form, 'prefix'>, name: string): string {
  return `${prefix}-${name}`;
}

function rowOf(form: Form, name: string): string {
  const extra = form.extra?.[name];
  if (extra !== undefined) return extra;
  return `<div class="form-row" id="${idOf(form, name)}-row">${labelOf(form, name)} ${inputOf(form, name)}${problemOf(form, name)}</div>`;
}

/** Two short inputs on one line; a long one takes what the second one leaves. */
function pairOf(form: Form, first: string, second: string): string {
  const inputs = `${labelOf(form, first)} ${inputOf(form, first)} ${labelOf(form, second)} ${inputOf(form, second)}`;
  const problems = problemOf(form, first) + problemOf(form, second);
  return `<div class="form-row phase0-pair" id="${idOf(form, first)}-row">${inputs}${problems}</div>`;
}

function labelOf(form: Form, name: string): string {
  const icon = iconOf(name);
  return `<label for="${idOf(form, name)}">${icon} <span ${text(form, `label.${name}`)}></span></label>`;
}

function problemOf(form: Form, name: string): string {
  return `<div class="phase0-problem" id="${idOf(form, name)}-problem" role="status"></div>`;
}

function inputOf(form: Form, name: string): string {
  const id = idOf(form, name);
  const field: Field<unknown> | undefined = form.fields[name];
  if (field?.kind === 'flag') return `<input type="checkbox" id="${id}">`;
  if (field?.kind === 'choice') {
    const options = field.options?.map((value) => option(form, name, value)).join('') ?? '';
    return `<select id="${id}">${options}</select>`;
  }
  const described = `aria-describedby="${id}-problem"`;
  if (field?.kind === 'number') {
    const unit = field.unit ? ` <span ${text(form, `unit.${field.unit.replaceAll(/\W+/g, '-')}`)}></span>` : '';
    return `<input type="text" inputmode="decimal" class="phase0-number" id="${id}" ${described}>${unit}`;
  }
  // A typed input keeps its type in a second, hidden one.
  const type = `${name}Type` in form.fields ? `<input type="hidden" id="${id}Type">` : '';
  const isExplained = form.placeholders?.includes(name) === true;
  const placeholder = isExplained ? ` data-i18n="[placeholder]${form.type}.placeholder.${name}"` : '';
  return `<input type="text" id="${id}" ${described}${placeholder}>${type}`;
}

function option(form: Form, name: string, value: string): string {
  return `<option value="${value}" ${text(form, `${name}.${value}`)}></option>`;
}

function text({ type }: Form, key: string): string {
  return `data-i18n="${type}.${key}"`;
}
