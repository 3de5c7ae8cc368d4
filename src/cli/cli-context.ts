/** Process context of a command: standard streams, signals and exit code. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields, Settings } from '../settings/field';
import { helpPage, readArguments, type Command } from './arguments';

/** A usage error found after parsing, such as an unreadable file or a key that does not match its certificate; one line each. */
export class UsageError extends Error {}

export const EXIT = { ok: 0, failed: 1, usageError: 2 } as const;
const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_AFTER_SIGNAL;

/** Bounds the memory used when the reader of standard output stops reading. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** Standard streams and signals of one command. */
export class CliContext {
  /** Exit code after a signal: 128 plus the signal number. */
  exitAfterSignal: number | undefined;
  private readonly end = new AbortController();
  private drain: Promise<void> | undefined;

  constructor(readonly name: string) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && !this.ending.aborted) this.say(`standard output: ${error.message}`);
      this.end.abort();
    });
    // There is no other stream to report this on.
    process.stderr.on('error', () => undefined);
  }

  /** Aborts on a signal, or when standard output is closed, as after `| head`. Start nothing new after that. */
  get ending(): AbortSignal {
    return this.end.signal;
  }

  /** Calls `stop` on the first signal. A second signal ends the process immediately. */
  onSignal(stop: () => void): void {
    const signals = Object.keys(EXIT_AFTER_SIGNAL) as Signal[];
    const interrupted = (signal: Signal) => {
      for (const each of signals) process.off(each, interrupted);
      this.exitAfterSignal = EXIT_AFTER_SIGNAL[signal];
      this.end.abort();
      stop();
    };
    for (const signal of signals) process.on(signal, interrupted);
  }

  /** Waits until standard output accepts more lines; resolves to whether new work may start. */
  async ready(): Promise<boolean> {
    if (process.stdout.writableNeedDrain && !this.ending.aborted) await (this.drain ??= this.drained());
    return !this.ending.aborted;
  }

  /** Whether the output buffer is full, so that optional lines should be dropped. */
  get isFull(): boolean {
    return process.stdout.writableLength > MAX_UNREAD_BYTES;
  }

  /** Writes a machine-readable line to standard output. */
  line(line: string): void {
    if (process.stdout.writable) process.stdout.write(`${line}\n`);
  }

  /** Writes a message to standard error. */
  say(message: string): void {
    process.stderr.write(`${this.name}: ${message}\n`);
  }

  private async drained(): Promise<void> {
    // The 'error' listener in the constructor reports failures.
    await once(process.stdout, 'drain', { signal: this.ending }).catch(() => undefined);
    this.drain = undefined;
  }
}

/** Runs a command; `run` resolves to its exit code. The process exits once all output is written. */
export async function runCommand<F extends Fields>(
  command: Command<F>,
  run: (values: Settings<F>, context: CliContext) => Promise<number>,
): Promise<void> {
  const context = new CliContext(command.name);
  const reportProblems = (problems: readonly string[]): number => {
    for (const problem of problems) context.say(problem);
    context.say(`see ${command.name} --help`);
    return EXIT.usageError;
  };
  const parsed = readArguments(command, process.argv.slice(2));
  if (parsed.kind === 'help') return context.line(helpPage(command));
  if (parsed.kind === 'version') return context.line(version());
  if (parsed.kind === 'invalid') {
    process.exitCode = reportProblems(parsed.problems);
    return;
  }
  try {
    process.exitCode = await run(parsed.values, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.exitCode = reportProblems(error.message.split('\n'));
  }
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
