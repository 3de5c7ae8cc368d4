/** Canvas button of a node: sends a POST request to the runtime and notifies the user. */

/** A `button` for registerType, for a node without undeployed changes; `pressed` returns the notification. */
export function buttonFor(route: string, pressed: (node: EditorNode) => string): object & ThisType<EditorNode> {
  return {
    enabled() {
      return !this.changed;
    },
    onclick() {
      const { type } = this;
      $.ajax({
        url: `${String(type)}/${this.id}/${route}`,
        type: 'POST',
        success: () => RED.notify(pressed(this), { type: 'success', id: 'phase0', timeout: 2000 }),
        error: ({ status, responseJSON }) =>
          RED.notify(responseJSON?.error ?? `${String(type)}: ${status}`, { type: 'error', id: 'phase0' }),
      });
    },
  };
}
