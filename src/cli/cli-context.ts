/** Owns a command's life in its shell: standard streams, signals, exit code. Knows no device. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields, Settings } from '../settings/field';
import { helpPage, readArguments, type Command } from './arguments';

/** Thrown by a command for what only shows when it is about to start: a file that can't be read, a key that doesn't fit. */
export class UsageError extends Error {}

export const EXIT = { ok: 0, failed: 1, usageError: 2 } as const;
const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_AFTER_SIGNAL;

/** Lines wait in memory for a reader that is slow; for one that has stopped they must not pile up. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** What a command has of its shell. */
export class CliContext {
  /** Set once it was interrupted: 128 and the signal's number. */
  exitAfterSignal: number | undefined;
  private readonly end = new AbortController();
  private room: Promise<void> | undefined;

  constructor(readonly name: string) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && !this.ending.aborted) this.say(`standard output: ${error.message}`);
      this.end.abort();
    });
    // Nobody is left to be told.
    process.stderr.on('error', () => undefined);
  }

  /** Aborts when nothing new is to begin: it was interrupted, or nobody reads its lines any more, as after `| head`. */
  get ending(): AbortSignal {
    return this.end.signal;
  }

  /** Calls `stop` at the first signal; the second one ends the process at once. */
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

  /** Resolves once there is room for more lines: to whether something new may begin. */
  async ready(): Promise<boolean> {
    if (process.stdout.writableNeedDrain && !this.ending.aborted) await (this.room ??= this.drained());
    return !this.ending.aborted;
  }

  /** Whether the reader is so far behind that what can be left out should be. */
  get isFull(): boolean {
    return process.stdout.writableLength > MAX_UNREAD_BYTES;
  }

  /** A line for programs. */
  line(line: string): void {
    if (process.stdout.writable) process.stdout.write(`${line}\n`);
  }

  /** A sentence for people. */
  say(sentence: string): void {
    process.stderr.write(`${this.name}: ${sentence}\n`);
  }

  private async drained(): Promise<void> {
    // That it failed is heard above.
    await once(process.stdout, 'drain', { signal: this.ending }).catch(() => undefined);
    this.room = undefined;
  }
}

/** Runs a command; `run` resolves to its exit code. The process ends by itself once all is written. */
export async function runCommand<F extends Fields>(
  command: Command<F>,
  run: (values: Settings<F>, shell: CliContext) => Promise<number>,
): Promise<void> {
  const shell = new CliContext(command.name);
  const refuse = (problems: readonly string[]): number => {
    for (const problem of problems) shell.say(problem);
    shell.say(`see ${command.name} --help`);
    return EXIT.usageError;
  };
  const asked = readArguments(command, process.argv.slice(2));
  if (asked.kind === 'help') return shell.line(helpPage(command));
  if (asked.kind === 'version') return shell.line(version());
  if (asked.kind === 'wrong') {
    process.exitCode = refuse(asked.problems);
    return;
  }
  try {
    process.exitCode = await run(asked.values, shell);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.exitCode = refuse([error.message]);
  }
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
