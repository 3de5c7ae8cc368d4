/** A real Node-RED: a child process with these nodes, driven over its admin API, observed over its websocket. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Comms, type DebugMessage, type NodeStatus } from './comms';
import { refusedPort } from './loopback';
import { installPacked } from './packed-package';
import { installProbe } from './probe-node';
import { locate } from './requirements';

const ROOT = resolve(__dirname, '../../..');
const PACKAGE = 'node-red-contrib-phase0';
const STARTED = /Started (modified )?(flows|nodes)|Waiting for missing types/;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const WAIT_TIMEOUT_MS = 30_000;

/** The settings of the editor's user, where Node-RED keeps them. */
const USER_SETTINGS = '.config.users.json';
/** Node-RED shows a tip 1 s after the editor starts, and throws if its sidebar takes longer on a busy machine. */
const NO_TIPS = { _: { editor: { view: { 'view-show-tips': false } } } };

export type FlowNode = { readonly id: string; readonly type: string; readonly [property: string]: unknown };
export type DeploymentType = 'full' | 'nodes' | 'flows' | 'reload';

export interface NodeRedOptions {
  readonly flows?: readonly object[];
  /** 4 is the one installed here; a suite that asks for 5 starts with `requires('node24')`. */
  readonly generation?: 4 | 5;
  /** Added to settings.js; JSON only. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly contextStorage?: object;
  readonly env?: Readonly<Record<string, string>>;
  /** Installs what `npm pack` makes, instead of linking this folder. */
  readonly packed?: boolean;
  /** Packages of other nodes, of those installed here, that are linked beside this folder. */
  readonly modules?: readonly string[];
  /** A directory from an earlier run with `keep`, to start where that one stopped. */
  readonly userDir?: string;
  /** Opens no websocket: no statuses and debug messages, and no load from them. */
  readonly withoutComms?: boolean;
  /** Adds the probe of probe-node.ts. */
  readonly probe?: boolean;
  /** Leaves the user directory in place when it stops. */
  readonly keep?: boolean;
}

/** Starts a Node-RED on loopback; resolves when its flows have started. */
export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRed> {
  const port = await refusedPort();
  const userDir = options.userDir ?? mkdtempSync(join(tmpdir(), 'phase0-node-red-'));
  prepare(userDir, port, options);
  const installed = { node: process.execPath, nodeRed: require.resolve('node-red/red.js') };
  const { node, nodeRed } = options.generation === 5 ? locate('node24').paths : installed;
  const child = spawn(node, [nodeRed, '--userDir', userDir], {
    cwd: userDir,
    env: { ...process.env, LANG: 'en_US.UTF-8', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const instance = new NodeRed(child, port, userDir, options.keep ?? false);
  try {
    await instance.waitForLog(/Started flows|Flows stopped in safe mode/, START_TIMEOUT_MS);
    await instance.waitForLog(/Server now running/, START_TIMEOUT_MS);
    if (!options.settings?.adminAuth && !options.withoutComms) await instance.listen();
  } catch (error) {
    await instance.stop();
    throw error;
  }
  return instance;
}

function prepare(userDir: string, port: number, options: NodeRedOptions): void {
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: 'for tests only',
    lang: 'en-US',
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    logging: { console: { level: 'debug', metrics: false, audit: false } },
    ...(options.contextStorage ? { contextStorage: options.contextStorage } : {}),
    ...options.settings,
  };
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  if (!existsSync(join(userDir, USER_SETTINGS))) writeFileSync(join(userDir, USER_SETTINGS), JSON.stringify(NO_TIPS));
  if (options.flows) writeFileSync(join(userDir, 'flows.json'), JSON.stringify(options.flows));
  if (options.probe) installProbe(userDir);
  const modules = join(userDir, 'node_modules');
  if (existsSync(join(modules, PACKAGE))) return;
  if (options.packed) {
    installPacked(userDir);
  } else {
    linkAll(userDir, new Map([[PACKAGE, ROOT], ...(options.modules ?? []).map(ofOurs)]));
  }
}

function ofOurs(name: string): [name: string, folder: string] {
  return [name, join(ROOT, 'node_modules', name)];
}

/** Node-RED loads what its user directory names and holds. */
function linkAll(userDir: string, folders: ReadonlyMap<string, string>): void {
  for (const [name, folder] of folders) {
    const at = join(userDir, 'node_modules', name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(folder, at, 'dir');
  }
  const dependencies = Object.fromEntries([...folders.keys()].map((name) => [name, '*']));
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ private: true, dependencies }));
}

export class NodeRed {
  readonly url: string;
  private readonly changes = new EventEmitter();
  private readonly exited: Promise<unknown>;
  private output = '';
  private comms: Comms | undefined;
  private readonly killWithUs = () => this.child.kill('SIGKILL');

  constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly userDir: string,
    private readonly keep: boolean,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.changes.setMaxListeners(0);
    this.exited = once(child, 'exit').then(() => this.changes.emit('change'));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.changes.emit('change');
      });
    }
    process.once('exit', this.killWithUs);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Null while it runs, or when a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** All that it printed. */
  log(): string {
    return this.output;
  }

  /** What debug nodes with "debug window" on have shown, in order. */
  get messages(): readonly DebugMessage[] {
    return this.comms?.messages ?? [];
  }

  /** The statuses of a node, in order, those before the websocket as one. */
  statuses(nodeId: string): readonly NodeStatus[] {
    return this.comms?.statuses.get(nodeId) ?? [];
  }

  /** Connects the websocket; with `adminAuth`, `token` is an access token. */
  async listen(token?: string): Promise<void> {
    this.comms = await Comms.connect(`ws://127.0.0.1:${this.port}/comms`, token, () => this.changes.emit('change'));
  }

  /** Forgets messages, statuses and log, so that later waits see only what is new. */
  clear(): void {
    this.output = '';
    this.comms?.clear();
  }

  waitForLog(pattern: RegExp, timeoutMs = WAIT_TIMEOUT_MS): Promise<RegExpExecArray> {
    return this.waitFor(`log ${pattern}`, () => pattern.exec(this.output), timeoutMs);
  }

  /** The first debug message that fits, from those since the start or the last clear(). */
  waitForDebug(fits: (message: DebugMessage) => boolean = () => true, timeoutMs?: number): Promise<DebugMessage> {
    return this.waitFor('a debug message', () => this.messages.find(fits), timeoutMs);
  }

  /** The latest status of a node, once it fits. */
  waitForStatus(nodeId: string, fits: (status: NodeStatus) => boolean, timeoutMs?: number): Promise<NodeStatus> {
    const latest = () => this.statuses(nodeId).slice(-1).find(fits);
    return this.waitFor(`a status of ${nodeId}`, latest, timeoutMs);
  }

  /** The node sets, as the palette manager lists them. */
  async nodes(): Promise<{ id: string; types: string[]; enabled: boolean; module: string; err?: unknown }[]> {
    const response = await this.request('GET', '/nodes');
    return (await response.json()) as never;
  }

  async flows(): Promise<FlowNode[]> {
    const response = await this.request('GET', '/flows');
    return (await response.json()) as FlowNode[];
  }

  /** Deploys; resolves when the flows have started again. */
  async deploy(flows: readonly object[], type: DeploymentType = 'full'): Promise<void> {
    const before = this.output.length;
    await this.request('POST', '/flows', flows, { 'node-red-deployment-type': type });
    // Node-RED replies when the old flows have stopped; only the log shows that the new ones have started.
    const started = () => STARTED.exec(this.output.slice(before));
    await this.waitFor('started flows', started, START_TIMEOUT_MS);
  }

  /** Changes properties of one node and deploys only what changed. */
  async setConfig(id: string, properties: object, type: DeploymentType = 'nodes'): Promise<void> {
    const flows = await this.flows();
    await this.deploy(
      flows.map((node) => (node.id === id ? { ...node, ...properties } : node)),
      type,
    );
  }

  /** Presses an inject node's button. */
  async inject(id: string): Promise<void> {
    await this.request('POST', `/inject/${id}`);
  }

  /** A request to the admin API; fails on any status but 2xx. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Ends it as a service manager would, and removes its directory. Fails when it had to be killed. */
  async stop(): Promise<number | null> {
    this.comms?.close();
    this.child.kill('SIGTERM');
    let killed = false;
    const timer = setTimeout(() => {
      killed = this.child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    if (this.running) await this.exited;
    clearTimeout(timer);
    process.removeListener('exit', this.killWithUs);
    if (!this.keep) rmSync(this.userDir, { recursive: true, force: true });
    if (killed) throw new Error(`Node-RED did not end within ${STOP_TIMEOUT_MS} ms\n${this.tail()}`);
    return this.exitCode;
  }

  private async waitFor<T>(what: string, look: () => T | null | undefined, timeoutMs = WAIT_TIMEOUT_MS): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null) return found;
      if (!this.running) throw new Error(`Node-RED ended (${this.exitCode}) before ${what}\n${this.tail()}`);
      try {
        await once(this.changes, 'change', { signal });
      } catch {
        throw new Error(`no sign of ${what} within ${timeoutMs} ms\n${this.tail()}`);
      }
    }
  }

  private tail(): string {
    return this.output.slice(-4000);
  }
}
