/** What the editor's pages use of Node-RED's editor, which comes without types. */

interface FormElement {
  val(): string;
  val(value: string): FormElement;
  typedInput(options: object): FormElement;
  typedInput(method: 'value' | 'type'): string;
  trigger(event: string): FormElement;
  on(event: string, listener: () => void): FormElement;
  toggle(shown: boolean): FormElement;
  closest(selector: string): FormElement;
  is(selector: string): boolean;
}

declare const $: (selector: string) => FormElement;

declare const RED: {
  readonly nodes: {
    registerType(type: string, definition: object & ThisType<EditorNode>): void;
    node(id: string | undefined): EditorNode | null;
  };
};

interface EditorNode {
  readonly name: string;
  readonly device: string;
  readonly deviceId: string;
  readonly host: string;
  readonly port: string | number;
  readonly path: string;
  readonly mode: string;
  readonly listen: boolean;
  label(): string;
  /** Text of the node's own locale file. */
  _(key: string): string;
}
