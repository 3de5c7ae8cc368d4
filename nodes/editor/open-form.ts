/** Behaviour of an open dialog: validation messages, conditional rows, folded sections. */
import { isEnvReference, problemWith } from '../../src/settings/field';
import { latestVersion } from '../saved';
import { propertyOf } from './defaults';
import { idOf, TOP, type Form } from './form';

/** Reads an input of the dialog as the editor would save it. */
export type ReadInput = (name: string) => string;

/** Whether a row applies, for rows that are shown conditionally. */
export type ShownIf = Readonly<Record<string, (read: ReadInput) => boolean>>;

/**
 * Call from oneditprepare. A setting that an older flow lacks is shown with its default, as the runtime
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

/** Call from oneditsave: the shown settings are those of the latest version. */
export function saveForm({ migrations }: Form, node: EditorNode): void {
  node.settingsVersion = latestVersion(migrations);
}

/** Reads all fields, as they would be saved. */
export function valuesOf(form: Form, read: ReadInput): Record<string, string> {
  return Object.fromEntries(Object.keys(form.fields).map((name) => [name, read(name)]));
}

/** Shows the error message of the runtime below the row while the user types; screen readers announce it. */
function showProblem(form: Form, name: string, value: string): void {
  const field = form.fields[name];
  const problem = field && !isEnvReference(value) ? problemWith(name, field, value) : undefined;
  const id = idOf(form, name);
  const shown = $(`#${id}-problem`);
  if (shown.text() !== (problem ?? '')) shown.text(problem ?? '');
  $(`#${id}`).attr('aria-invalid', String(problem !== undefined));
  if (problem !== undefined) $(`#${id}`).closest('details').prop('open', true);
}

function isUnusual({ fields }: Form, name: string, read: ReadInput): boolean {
  const field = fields[name];
  // For config nodes the editor uses "_ADD_" for none.
  const usual = field ? String(field.default) : '_ADD_';
  const value = read(name);
  return value !== undefined && value !== usual && !(field === undefined && value === '');
}
