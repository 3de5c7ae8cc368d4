/** Behaviour of an open dialog: validation messages, conditional rows, folded sections. */
import { isEnvReference } from '../../src/settings/field';
import { latestVersion, propertyOf } from '../saved';
import { idOf, TOP, type Form, type ReadInput } from './form';
import { holdFlag, offerHeld } from './held-values';
import { showHints } from './hints';
import { problemOf } from './problem';
import { showSummaries } from './summaries';

/** Whether a row applies, for rows that are shown conditionally. */
export type ShownIf = Readonly<Record<string, (read: ReadInput) => boolean>>;

/**
 * Shows each setting as the runtime takes it: the default where an older flow lacks it, and what the flow holds where
 * that is none of the choices. Inputs that become typed ones read their value once, so call it before that; `openForm`
 * does it for all others.
 */
export function showDefaults(form: Form, node: EditorNode): void {
  for (const [name, { kind }] of Object.entries(form.fields)) {
    const value = takenValue(form, node, name);
    const id = idOf(form, name);
    if (kind === 'choice') offerHeld(id, String(value));
    // The editor could not select an option that was not there yet.
    if (value === node[name] && kind !== 'choice') continue;
    $(`#${id}`)
      .prop('checked', value === true)
      .val(String(value));
  }
}

/** Config nodes that an environment variable names; the editor would forget the reference. */
function showNamedNodes(form: Form, node: EditorNode): void {
  for (const name of Object.values(form.sections).flat(2)) {
    const value = node[name];
    if (name in form.fields || !isEnvReference(value)) continue;
    offerHeld(idOf(form, name), value);
    $(`#${idOf(form, name)}`).val(value);
  }
}

/** A choice or a flag as the runtime reads it from text; the value as it is where that is a reference, or wrong. */
function takenValue(form: Form, node: EditorNode, name: string): unknown {
  const field = form.fields[name];
  const value = propertyOf(form, node, name);
  const isPicked = field?.kind === 'choice' || field?.kind === 'flag';
  return (isPicked ? field.read(value) : undefined) ?? value;
}

/** Call from oneditprepare. A section with something unusual in it is open. */
export function openForm(form: Form, node: EditorNode, shownIf: ShownIf = {}): ReadInput {
  showDefaults(form, node);
  showNamedNodes(form, node);
  showHints(form, node);
  const input = (name: string) => $(`#${idOf(form, name)}`);
  const read: ReadInput = (name) =>
    input(name).is(':checkbox') ? String(input(name).is(':checked')) : input(name).val();
  const names = Object.keys(form.fields).filter((name) => input(name).length > 0);
  for (const name of names.filter((each) => input(each).is(':checkbox'))) {
    const value = takenValue(form, node, name);
    if (typeof value === 'boolean') continue;
    holdFlag(idOf(form, name), String(value), () => {
      listen(name);
      update();
    });
  }
  const untouched = untouchedInputs(form, node, read);
  const update = (): void => {
    for (const name of names) showProblem(form, name, untouched.has(name) ? undefined : read(name));
    for (const [name, shown] of Object.entries(shownIf)) $(`#${idOf(form, name)}-row`).toggle(shown(read));
    showSummaries(form, node, read);
  };
  const listen = (name: string): void => {
    input(name).on('input blur', () => {
      untouched.delete(name);
      input(name).removeClass('phase0-untouched');
    });
    // The editor triggers changes of its own while it prepares a dialog.
    input(name).on('input change blur', update);
  };
  for (const name of names) listen(name);
  for (const [key, rows] of Object.entries(form.sections)) {
    const unusual = rows.flat().some((name) => isUnusual(form, name, read));
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
