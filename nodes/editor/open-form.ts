/** Behaviour of an open dialog: validation messages, conditional rows, folded sections. */
import { isEnvReference } from '../../src/settings/field';
import { latestVersion } from '../saved';
import { propertyOf } from './defaults';
import { idOf, TOP, type Form, type ReadInput } from './form';
import { showHints } from './hints';
import { problemOf } from './problem';
import { showSummaries } from './summaries';

/** Whether a row applies, for rows that are shown conditionally. */
export type ShownIf = Readonly<Record<string, (read: ReadInput) => boolean>>;

/**
 * Shows the default of each setting that an older flow lacks, as the runtime takes it. Inputs that become typed ones
 * read their value once, so call it before that; `openForm` does it for all others.
 */
export function showDefaults(form: Form, node: EditorNode): void {
  for (const name of Object.keys(form.fields)) {
    const value = propertyOf(form, node, name);
    if (value === node[name]) continue;
    $(`#${idOf(form, name)}`)
      .prop('checked', value === true)
      .val(String(value));
  }
}

/** Call from oneditprepare. A section with something unusual in it is open. */
export function openForm(form: Form, node: EditorNode, shownIf: ShownIf = {}): ReadInput {
  showDefaults(form, node);
  const input = (name: string) => $(`#${idOf(form, name)}`);
  const read: ReadInput = (name) =>
    input(name).is(':checkbox') ? String(input(name).is(':checked')) : input(name).val();
  const names = Object.keys(form.fields).filter((name) => input(name).length > 0);
  const untouched = untouchedInputs(form, node, read);
  const update = (): void => {
    for (const name of names) showProblem(form, name, untouched.has(name) ? undefined : read(name));
    for (const [name, shown] of Object.entries(shownIf)) $(`#${idOf(form, name)}-row`).toggle(shown(read));
    showSummaries(form, node, read);
  };
  for (const name of names) {
    input(name).on('input blur', () => {
      untouched.delete(name);
      input(name).removeClass('phase0-untouched');
    });
    // The editor triggers changes of its own while it prepares a dialog.
    input(name).on('input change blur', update);
  }
  for (const [key, rows] of Object.entries(form.sections)) {
    const unusual = rows.flat().some((name) => isUnusual(form, name, read));
    if (key !== TOP) $(`#${idOf(form, key)}-section`).prop('open', unusual);
  }
  update();
  showHints(form, node);
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

/** Required inputs of a new node that are still empty: they are no mistake until the user has been there. */
function untouchedInputs(form: Form, node: EditorNode, read: ReadInput): Set<string> {
  const isNew = !RED.nodes.node(node.id);
  const required = Object.keys(form.fields).filter((name) => form.fields[name]?.required && read(name) === '');
  if (!isNew) return new Set();
  for (const name of required) $(`#${idOf(form, name)}`).addClass('phase0-untouched');
  return new Set(required);
}

/** Shows the error message of the runtime below the row while the user types; screen readers announce it. */
function showProblem(form: Form, name: string, value: string | undefined): void {
  const isChecked = value !== undefined && !isEnvReference(value);
  const problem = isChecked ? problemOf(form, name, value) : undefined;
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
