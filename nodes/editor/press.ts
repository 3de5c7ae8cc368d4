/** Canvas button of a node: sends a POST request to the runtime and notifies the user. */

/** The runtime's answer; empty where it has none. */
type Answer = Readonly<Record<string, unknown>>;

/**
 * A `button` for registerType, for a node without undeployed changes; `pressed` returns the notification, made with what
 * the runtime answered.
 */
export function buttonFor(
  route: string,
  pressed: (node: EditorNode, answer: Answer) => string,
): object & ThisType<EditorNode> {
  return {
    enabled() {
      return !this.changed;
    },
    onclick() {
      const { type } = this;
      $.ajax<Answer | undefined>({
        url: `${String(type)}/${this.id}/${route}`,
        type: 'POST',
        success: (answer) => RED.notify(pressed(this, answer ?? {}), { type: 'success', id: 'phase0', timeout: 2000 }),
        error: ({ status, responseJSON }) =>
          RED.notify(responseJSON?.error ?? `${String(type)}: ${status}`, { type: 'error', id: 'phase0' }),
      });
    },
  };
}
