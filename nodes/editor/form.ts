/** Dialog markup, generated from the declared fields. The build runs it to write static templates. */
import type { Field, Fields } from '../../src/settings/field';
import type { Migration } from '../saved';

/** A dialog: its rows by name, in sections of which the first is always open. */
export interface Form {
  readonly type: string;
  readonly prefix: 'node-input' | 'node-config-input';
  readonly fields: Fields;
  readonly migrations: readonly Migration[];
  /** Names of fields and of other rows: config nodes and the rows of `extra`. */
  readonly sections: Readonly<Record<string, readonly string[]>>;
  /** Markup of rows that hold no input, by name. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Markup below the sections, always visible. */
  readonly below?: string;
}

/** Key of the section that has no heading. */
export const TOP = '';

/** The rows of the first section, then a section that folds for each other one. */
export function templateOf(form: Form): string {
  const sections = Object.entries(form.sections).map(([key, names]) => {
    const rows = names.map((name) => rowOf(form, name)).join('');
    if (key === TOP) return rows;
    return `<details id="${idOf(form, key)}-section"><summary ${text(form, `section.${key}`)}></summary>${rows}</details>`;
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
  const id = idOf(form, name);
  const field = form.fields[name];
  const label = `<label for="${id}" ${text(form, `label.${name}`)}></label>`;
  const problem = `<div class="phase0-problem" id="${id}-problem" role="status"></div>`;
  return `<div class="form-row" id="${id}-row">${label} ${inputOf(form, name, id, field)}${problem}</div>`;
}

function inputOf(form: Form, name: string, id: string, field: Field<unknown> | undefined): string {
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
  return `<input type="text" id="${id}" ${described}>${type}`;
}

function option(form: Form, name: string, value: string): string {
  return `<option value="${value}" ${text(form, `${name}.${value}`)}></option>`;
}

function text({ type }: Form, key: string): string {
  return `data-i18n="${type}.${key}"`;
}
