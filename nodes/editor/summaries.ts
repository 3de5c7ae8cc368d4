/** Content of folded sections in one line each, beside their headings. */
import { idOf, TOP, type Form, type ReadInput } from './form';

/** Rows that a summary shows at most. */
const MAX_ROWS = 3;

const FLAG_SIGNS: Readonly<Record<string, string>> = { true: '✓', false: '–' };

/** Keeps every summary as the inputs are; the style sheet hides that of an open section. */
export function showSummaries(form: Form, node: EditorNode, read: ReadInput): void {
  for (const [key, rows] of Object.entries(form.sections)) {
    if (key === TOP) continue;
    const parts = rows.flat().flatMap((name) => part(form, node, name, read) ?? []);
    $(`#${idOf(form, key)}-summary`).text(parts.slice(0, MAX_ROWS).join(' · '));
  }
}

/** Such as `Attempts: 2`; nothing for a row that does not apply. */
function part(form: Form, node: EditorNode, name: string, read: ReadInput): string | undefined {
  const id = idOf(form, name);
  const row = $(`#${id}-row`);
  if ($(`#${id}`).length === 0 || row.css('display') === 'none') return undefined;
  // The editor puts the texts into the dialog only after it has been prepared.
  return `${node._(`${form.type}.label.${name}`)}: ${shownValue(form, node, name, read)}`;
}

function shownValue(form: Form, node: EditorNode, name: string, read: ReadInput): string {
  const id = idOf(form, name);
  const { kind, options } = form.fields[name] ?? {};
  if (kind === 'flag') return FLAG_SIGNS[read(name)] ?? read(name);
  if (kind === 'number') {
    const unit = form.fields[name]?.unit?.split(' ')[0];
    return unit === 'ms' ? `${read(name)} ms` : read(name);
  }
  if (kind === 'choice')
    return options?.includes(read(name)) ? node._(`${form.type}.${name}.${read(name)}`) : read(name);
  if (kind === undefined) return configNode(id);
  return `${name}Type` in form.fields ? typedValue(id) : read(name);
}

/** The chosen config node; the list has entries for none and for a new one. */
function configNode(id: string): string {
  const value = $(`#${id}`).val();
  return value === '' || value === '_ADD_' ? '–' : $(`#${id} option:selected`).text();
}

/** A typed input: the label of its type, or the type and the value as in `msg.topic`. */
function typedValue(id: string): string {
  const input = $(`#${id}`);
  const type = $(`#${id}Type`).val();
  const label = input.closest('.form-row').find('.red-ui-typedInput-type-label').text().trim();
  if (['msg', 'flow', 'global'].includes(type)) return `${type}.${input.val()}`;
  return input.closest('.form-row').find('.red-ui-typedInput-input-wrap').is(':visible') ? input.val() : label;
}
