/** Types of the part of Node-RED's runtime API that these nodes use. Types only. */

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
  /** Of a node in a subflow instance, which has an id of its own: the id in the flow file. */
  readonly _alias?: string;
  readonly type: string;
  readonly name?: unknown;
  readonly wires: readonly (readonly string[])[];
  /** The tab or subflow that the node runs in. */
  readonly _flow?: Flow;
  /** What `done` calls with the message that came in; a node may complete another object in its place. */
  _complete?(msg: Message, error?: Error): void;
  context(): Context;
  status(status: Status | Record<string, never>): void;
  error(problem: string | Error, msg?: Message): void;
  warn(text: string): void;
  log(text: string): void;
  debug(text: string): void;
  send(messages: Message | (Message | null)[]): void;
  /** Takes a message as if it came over a wire. */
  receive(msg: Message): void;
  on(event: 'input', listener: (msg: Message, send: Send, done: Done) => void): void;
  /** The runtime counts the listener's parameters: without both of them it would not wait for `done`. */
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
}

/** A tab, a subflow instance, or the global flow that holds all others. */
export interface Flow {
  readonly id?: string;
  readonly parent?: Flow;
  /** A node that runs in this flow or in one around it; the flow forgets a node as soon as it begins to stop it. */
  getNode?(id: string): Node | null | undefined;
}

/** A request to the admin API; `user` is present when it came with a known token. */
export interface AdminRequest {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: Readonly<Record<string, string>>;
  /** With the query string. */
  readonly url: string;
  readonly user?: unknown;
}

export interface AdminResponse {
  status(code: number): AdminResponse;
  set(headers: Readonly<Record<string, string>>): void;
  json(body: object): void;
  /** False when the client is slow: `drain` says when it has read what was written. */
  write(chunk: string | Uint8Array): boolean;
  end(): void;
  on(event: 'close' | 'drain', listener: () => void): void;
  off(event: 'close' | 'drain', listener: () => void): void;
}

export type AdminHandler = (request: AdminRequest, response: AdminResponse, next: () => void) => void;

/** A node's saved properties. A value may have any type: the editor, an import or an environment variable made it. */
export type Config = Readonly<Record<string, unknown>>;

/** An entry of the flow file: a node, tab, subflow or global configuration. */
export interface SavedEntry {
  readonly id: string;
  readonly type?: string;
  readonly z?: string;
  /** Environment variables of a tab, subflow or the global configuration. */
  readonly env?: unknown;
}

/** What stops flows. */
export interface StopEvent {
  /** What kind of deploy; a shutdown is `full`. */
  readonly type?: 'full' | 'flows' | 'nodes';
  /** Ids of what is new or gone, and of tabs that have changed themselves. */
  readonly diff?: { readonly [list in 'added' | 'removed' | 'flowChanged']?: readonly string[] } | null;
}

export interface NodeApi {
  readonly nodes: {
    createNode(node: Node, config: Config): void;
    registerType(
      type: string,
      constructor: (this: Node, config: Config) => void,
      options?: { readonly credentials: Readonly<Record<string, { readonly type: 'text' | 'password' }>> },
    ): void;
    getNode(id: string): Node | null | undefined;
    /** Visits every entry of the deployed flows, by its saved properties. */
    eachNode(visit: (entry: SavedEntry) => void): void;
    getCredentials(id: string): object | undefined;
  };
  readonly auth: { needsPermission(permission: string): AdminHandler };
  readonly httpAdmin: {
    get(path: string, ...handlers: AdminHandler[]): void;
    post(path: string, ...handlers: AdminHandler[]): void;
  };
  readonly log: { error(text: string): void; warn(text: string): void };
  readonly events: {
    on(event: 'flows:stopping', listener: (stop: StopEvent) => void): void;
    on(event: 'flows:started', listener: () => void): void;
  };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly util: {
    /** The value of an environment variable as `flow` has it. */
    getSetting(node: undefined, name: string, flow: Flow | undefined): unknown;
    setMessageProperty(msg: Message, path: string, value: unknown, create: boolean): boolean;
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
