/** Owns the types of the little that these nodes use of Node-RED's runtime. Types only. */

/** A message on a wire. */
export interface Message {
  _msgid?: string;
  payload?: unknown;
  topic?: unknown;
  [property: string]: unknown;
}

export type Send = (messages: Message | (Message | null)[]) => void;
export type Done = (error?: Error) => void;

export interface Status {
  readonly fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape: 'dot' | 'ring';
  readonly text: string;
}

/** A node's context; the callback forms work with every context store. */
export interface Context {
  get(key: string, done: (error: unknown, value?: unknown) => void): void;
  set(key: string, value: unknown, done: (error?: unknown) => void): void;
}

export interface Node {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly wires: readonly (readonly string[])[];
  context(): Context;
  status(status: Status | Record<string, never>): void;
  error(problem: string | Error, msg?: Message): void;
  warn(text: string): void;
  debug(text: string): void;
  send(messages: Message | (Message | null)[]): void;
  on(event: 'input', listener: (msg: Message, send: Send, done: Done) => void): void;
  /** The runtime counts the listener's parameters: without both of them it would not wait for `done`. */
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
}

/** A node's saved properties. */
export interface Config {
  readonly device?: string;
  readonly deviceId?: string;
  readonly tls?: string;
  readonly [property: string]: unknown;
}

export interface NodeApi {
  readonly nodes: {
    createNode(node: Node, config: Config): void;
    registerType(type: string, constructor: (this: Node, config: Config) => void): void;
    getNode(id: string): Node | null;
  };
  readonly util: {
    evaluateNodeProperty(
      value: string,
      type: string,
      node: Node,
      msg: Message,
      done: (error: unknown, value?: unknown) => void,
    ): void;
    prepareJSONataExpression(expression: string, node: Node): unknown;
    evaluateJSONataExpression(expression: unknown, msg: Message, done: (error: unknown, value?: unknown) => void): void;
  };
  /** Text of the locale files; a key without the node set's name is looked up in the caller's own. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
}
