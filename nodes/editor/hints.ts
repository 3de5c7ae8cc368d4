/** Hints that appear over the labels of a dialog: what the node's help says about each setting. */
import { idOf, type Form } from './form';

/** Takes the hints from the help, so that they are in its language and say the same. */
export function showHints(form: Form, node: EditorNode): void {
  const help = $('<div>').html(RED.nodes.getNodeHelp(form.type) ?? '');
  const entries = help.find('li').toArray();
  for (const name of Object.values(form.sections).flat(2)) {
    const label = $(`label[for="${idOf(form, name)}"]`);
    const title = node._(`${form.type}.label.${name}`);
    const entry = entries.find((each) => termsOf(each).includes(title));
    if (entry) label.attr('title', (entry.textContent ?? '').replaceAll(/\s+/g, ' ').trim());
  }
}

/** The settings that an entry of the help explains stand in bold at its beginning. */
function termsOf(entry: PageElement): string[] {
  return [...entry.querySelectorAll('strong')].map(({ textContent }) => (textContent ?? '').trim());
}
