/** Shell commands as processes: their output and their exit. Those still running end with the test. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { resolve } from 'node:path';

const CLI = resolve(__dirname, '../../src/cli');
const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

afterEach(async () => {
  const left = [...running];
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(left.map((child) => once(child, 'close')));
});

/** A JSON line. */
export type Line = Readonly<Record<string, unknown>>;

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output, line by line; throws on one that is not JSON. */
  readonly lines: readonly Line[];
}

export interface CommandOptions {
  readonly stdio?: StdioOptions;
  /** Leaves standard output alone until read(). */
  readonly unread?: boolean;
  /** Where the command is, if not in this build. */
  readonly file?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export class Command {
  readonly ended: Promise<Ended>;
  private readonly changes = new EventEmitter();
  private stdout = '';
  private stderr = '';

  constructor(
    readonly child: ChildProcess,
    { unread = false }: CommandOptions = {},
  ) {
    this.changes.setMaxListeners(0);
    running.add(child);
    if (!unread) this.read();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.stderr += text)));
    this.ended = once(child, 'close').then(([code, signal]) => {
      running.delete(child);
      this.changes.emit('change');
      const { stdout, stderr } = this;
      return {
        code,
        signal,
        stdout,
        stderr,
        get lines() {
          return linesOf(stdout);
        },
      };
    });
  }

  /** The first line of that event, and the `nth` from 1 if said so. Rejects when the command ends without it. */
  async line(event: string, nth = 1): Promise<Line> {
    for (;;) {
      const found = linesOf(this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1)).filter(
        (each) => each.event === event,
      );
      const line = found[nth - 1];
      if (line) return line;
      if (!running.has(this.child)) throw new Error(`ended without ${event}: ${this.stdout}${this.stderr}`);
      await once(this.changes, 'change');
    }
  }

  /** Waits until standard output has `text`. */
  async wrote(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(this.stdout);
      if (found) return found;
      if (!running.has(this.child)) throw new Error(`ended without ${text}: ${this.stdout}${this.stderr}`);
      await once(this.changes, 'change');
    }
  }

  /** Waits until standard error has `text`. */
  async said(text: RegExp): Promise<void> {
    while (!text.test(this.stderr)) {
      if (!running.has(this.child)) throw new Error(`ended without ${text}: ${this.stderr}`);
      await once(this.changes, 'change');
    }
  }

  /** Takes what it writes to standard output, if that was left `unread`. */
  read(): void {
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.stdout += text)));
  }

  private heard(add: () => void): void {
    add();
    this.changes.emit('change');
  }
}

/** Options of phase0-toggle for device id `lamp` on a loopback port. */
export const lampAt = (port: number) =>
  ['--device-id', 'lamp', '--device-host', '127.0.0.1', '--device-port', port] as const;

/** Starts `phase0-toggle` or `phase0-simulator`. */
export function start(name: string, args: readonly (string | number)[], options: CommandOptions = {}): Command {
  const { stdio = ['ignore', 'pipe', 'pipe'], file, env } = options;
  const texts = args.map(String);
  const [program, argv] = file ? [file, texts] : [process.execPath, [`${CLI}/${name}.js`, ...texts]];
  return new Command(spawn(program, argv, { stdio, ...(env && { env: { ...process.env, ...env } }) }), options);
}

/** Runs a command to its end. */
export function run(name: string, args: readonly (string | number)[], options: CommandOptions = {}): Promise<Ended> {
  return start(name, args, options).ended;
}

function linesOf(stdout: string): Line[] {
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line);
}
