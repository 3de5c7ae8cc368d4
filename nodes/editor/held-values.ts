/** Saved values that an input has no form for, such as `${ENV_VAR}` in a select or a checkbox: shown and kept as they are. */

/** Gives a select an option for a value that is none of its own. */
export function offerHeld(id: string, value: string): void {
  const options = $(`#${id} option`).toArray();
  if (options.length === 0 || options.some((option) => option.value === value)) return;
  $('<option>').val(value).text(value).appendTo(`#${id}`);
}

/**
 * A checkbox that is neither on nor off, with the value beside it. The editor saves the value, from a hidden input that
 * has the checkbox's id until the user decides.
 */
export function holdFlag(id: string, value: string, onDecided: () => void): void {
  const box = $(`#${id}`);
  const label = $(`label[for="${id}"]`);
  const [boxId, wordsId] = [`${id}-box`, `${id}-held`];
  const words = $('<code class="phase0-held">').attr('id', wordsId).text(value);
  label.attr('for', boxId);
  box.attr('id', boxId).attr('aria-describedby', wordsId).prop('checked', false).prop('indeterminate', true);
  const held = $('<input type="hidden">').attr('id', id).val(value);
  box.after(words, held);
  const decide = (): void => {
    box.off('change', decide);
    for (const each of [words, held]) each.remove();
    label.attr('for', id);
    box.attr('id', id).removeAttr('aria-describedby');
    onDecided();
  };
  box.on('change', decide);
}
