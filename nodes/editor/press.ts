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
      // As an element: the editor takes text for markup, and a label may come from a stranger's flow.
      const notify = (text: string, options: { readonly type: 'success' | 'error'; readonly timeout?: number }) =>
        RED.notify($('<p>').text(text), { id: 'phase0', ...options });
      $.ajax<Answer | undefined>({
        url: `${String(type)}/${this.id}/${route}`,
        type: 'POST',
        success: (answer) => notify(pressed(this, answer ?? {}), { type: 'success', timeout: 2000 }),
        error: ({ status, responseJSON }) =>
          notify(responseJSON?.error ?? `${String(type)}: ${status}`, { type: 'error' }),
      });
    },
  };
}
