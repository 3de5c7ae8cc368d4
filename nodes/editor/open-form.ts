/** Behaviour of an open dialog: validation messages, conditional rows, folded sections. */
import { isEnvReference } from '../../src/settings/field';
import { latestVersion } from '../saved';
import { propertyOf } from './defaults';
import { idOf, TOP, type Form } from './form';
import { problemOf } from './problem';

/** Reads an input of the dialog as the editor would save it. */
export type ReadInput = (name: string) => string;

/** Whether a row applies, for rows that do not always. */
export type ShownIf = Readonly<Record<string, (read: ReadInput) => boolean>>;

/**
 * To be called by oneditprepare. What a flow saved by an older version lacks is shown as its default, as the runtime
 * takes it. A section with something unusual in it is open.
 */
export function openForm(form: Form, node: EditorNode, shownIf: ShownIf = {}): ReadInput {
  const input = (name: string) => $(`#${idOf(form, name)}`);
  const read: ReadInput = (name) =>
    input(name).is(':checkbox') ? String(input(name).is(':checked')) : input(name).val();
  const names = Object.keys(form.fields).filter((name) => input(name).length > 0);
  const update = (): void => {
    for (const name of names) showProblem(form, name, read(name));
    for (const [name, shown] of Object.entries(shownIf)) $(`#${idOf(form, name)}-row`).toggle(shown(read));
  };
  for (const name of names) {
    const value = propertyOf(form, node, name);
    if (value !== node[name]) {
      input(name)
        .prop('checked', value === true)
        .val(String(value));
    }
    input(name).on('input change', update);
  }
  for (const [key, rows] of Object.entries(form.sections)) {
    const unusual = rows.some((name) => isUnusual(form, name, read));
    if (key !== TOP) $(`#${idOf(form, key)}-section`).prop('open', unusual);
  }
  update();
  return read;
}

/** To be called by oneditsave: what the dialog showed is as today's version has it. */
export function saveForm({ migrations }: Form, node: EditorNode): void {
  node.settingsVersion = latestVersion(migrations);
}

/** Reads all fields, as they would be saved. */
export function valuesOf(form: Form, read: ReadInput): Record<string, string> {
  return Object.fromEntries(Object.keys(form.fields).map((name) => [name, read(name)]));
}

/** The words of the runtime, below the row, as one types; a screen reader hears them as well. */
function showProblem(form: Form, name: string, value: string): void {
  const problem = isEnvReference(value) ? undefined : problemOf(form, name, value);
  const id = idOf(form, name);
  const shown = $(`#${id}-problem`);
  if (shown.text() !== (problem ?? '')) shown.text(problem ?? '');
  $(`#${id}`).attr('aria-invalid', String(problem !== undefined));
  if (problem !== undefined) $(`#${id}`).closest('details').prop('open', true);
}

function isUnusual({ fields }: Form, name: string, read: ReadInput): boolean {
  const field = fields[name];
  // Of config nodes the editor gives "_ADD_" for none.
  const usual = field ? String(field.default) : '_ADD_';
  const value = read(name);
  return value !== undefined && value !== usual && !(field === undefined && value === '');
}
