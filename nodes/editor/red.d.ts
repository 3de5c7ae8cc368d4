/** Types for the parts of Node-RED's editor and its jQuery that the editor pages use. */

interface Elements {
  readonly length: number;
  val(): string;
  val(value: string): Elements;
  text(): string;
  text(value: string): Elements;
  attr(name: string, value: string): Elements;
  prop(name: string, value: boolean): Elements;
  css(name: string): string;
  html(markup: string): Elements;
  addClass(name: string): Elements;
  removeClass(name: string): Elements;
  removeAttr(name: string): Elements;
  remove(): void;
  after(...siblings: Elements[]): Elements;
  toArray(): PageElement[];
  find(selector: string): Elements;
  append(child: Elements): Elements;
  appendTo(parent: string | Elements): Elements;
  empty(): Elements;
  typedInput(options: object): Elements;
  typedInput(property: 'type' | 'value', value: string): Elements;
  typedInput(property: 'types', types: readonly unknown[]): Elements;
  on(events: string, listener: () => void): Elements;
  off(events: string, listener: () => void): Elements;
  toggle(shown: boolean): Elements;
  closest(selector: string): Elements;
  is(selector: string): boolean;
  trigger(event: string): Elements;
}

/** The little that is needed of an element of a help text, or of an option. */
interface PageElement {
  readonly textContent: string | null;
  /** Of an option. */
  readonly value?: string;
  querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null }>;
}

interface Ajax {
  abort(): void;
  readonly status: number;
  readonly responseText: string;
  readonly responseJSON?: { readonly error?: string };
}

interface AjaxOptions<Answer> {
  readonly url: string;
  readonly type: 'GET' | 'POST';
  readonly contentType?: string;
  readonly data?: string;
  readonly timeout?: number;
  readonly dataType?: 'text' | 'json';
  readonly xhrFields?: {
    onprogress?(event: { readonly currentTarget: { readonly responseText: string } }): void;
    readonly responseType?: 'blob';
  };
  success?(answer: Answer): void;
  error?(request: Ajax, why: string): void;
  complete?(): void;
}

declare const $: {
  (selector: string): Elements;
  /** Adds Node-RED's access token. */
  ajax<Answer = string>(options: AjaxOptions<Answer>): Ajax;
};

declare const RED: {
  readonly nodes: {
    registerType(type: string, definition: object & ThisType<EditorNode>): void;
    node(id: string | undefined): EditorNode | null | undefined;
    /** The help of a node type as HTML, in the editor's language. */
    getNodeHelp(type: string): string | undefined;
  };
  readonly plugins: { registerPlugin(id: string, definition: { onadd(): void }): void };
  readonly events: {
    /** Listeners of one event are called in the order in which they were added. */
    on(event: string, listener: (item: { readonly id: string }) => void): void;
  };
  readonly sidebar: { addTab(tab: SidebarTab): void };
  readonly user: { hasPermission(permission: string): boolean };
  readonly settings: {
    /** Absent without adminAuth. */
    get(name: 'auth-tokens'): { readonly access_token?: string } | null | undefined;
  };
  readonly i18n: { lang(): string };
  readonly editor: { editConfig(name: string, type: string, id: string): void };
  readonly comms: {
    /** Calls listeners of one topic in the order in which they subscribed. */
    subscribe(topic: string, listener: (topic: string, status: EditorStatus) => void): void;
  };
  readonly view: {
    redrawStatus(node: EditorNode): void;
    /** Shows the tab of a node, and the node in the middle of it. */
    reveal(id: string): void;
  };
  /** Text of a locale file, by a key in full. */
  _(key: string, values?: object): string;
  readonly utils: {
    /** A node made in the editor has no `label` of its own; what is loaded has one. */
    getNodeLabel(node: EditorNode): string;
  };
  /** A text would be taken for markup. */
  notify(
    content: Elements,
    options: { readonly type: 'success' | 'error'; readonly timeout?: number; readonly id?: string },
  ): void;
};

interface SidebarTab {
  readonly id: string;
  /** On the tab, and in the menu. */
  readonly label: string;
  readonly name: string;
  readonly iconClass: string;
  readonly content: unknown;
  /** Usable while a dialog is open. */
  readonly enableOnEdit: boolean;
}

/** A node's status; what one listener changes, the next one gets. */
interface EditorStatus {
  text?: unknown;
}

interface EditorNode {
  readonly id: string;
  readonly z?: string;
  readonly name: string;
  readonly changed?: boolean;
  settingsVersion?: number;
  /** Of a config node: the nodes that use it. */
  readonly users?: readonly EditorNode[];
  /** The rows of an inventory. */
  devices?: unknown;
  readonly [property: string]: unknown;
  /** Text of the node's own locale file. */
  _(key: string, values?: object): string;
}
