/** Typed inputs of dialogs. */

/** A type that stands for a value of its own, such as `on`. */
export function ownType(value: string, label: string): object {
  return { value, label, hasValue: false };
}

/** A typed input; its parts are named for screen readers, which its label does not reach. */
export function typedInput(node: EditorNode, property: string, types: readonly unknown[]): void {
  const input = $(`#node-input-${property}`).typedInput({ types, typeField: `#node-input-${property}Type` });
  const name = node._(`${String(node.type)}.label.${property}`);
  input.closest('.form-row').find('.red-ui-typedInput-input, button').attr('aria-label', name);
}
