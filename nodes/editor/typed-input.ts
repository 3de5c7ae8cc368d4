/** Typed inputs of dialogs. */

/** A type that stands for a value of its own, such as `on`. */
export function ownType(value: string, label: string): object {
  return { value, label, hasValue: false };
}

/**
 * A typed input; its parts are named for screen readers, which its label does not reach. A saved type that is none of
 * its types, such as `${ENV_VAR}`, is one more.
 */
export function typedInput(node: EditorNode, property: string, types: readonly unknown[]): void {
  const typeField = `#node-input-${property}Type`;
  const saved = $(typeField).val();
  const isOffered = types.some((type) => type === saved || (type as { value?: unknown }).value === saved);
  const all = saved === '' || isOffered ? types : [...types, { value: saved, label: saved }];
  const input = $(`#node-input-${property}`).typedInput({ types: all, typeField });
  const name = node._(`${String(node.type)}.label.${property}`);
  input.closest('.form-row').find('.red-ui-typedInput-input, button').attr('aria-label', name);
}
