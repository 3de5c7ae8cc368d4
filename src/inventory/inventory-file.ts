/** Inventories in files: read once, or read again whenever the file changes. */
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { callSafely } from '../call-safely';
import { systemClock, type CancelTimer, type Clock } from '../clock';
import { errorText } from '../printable';
import { readRegularFile } from '../regular-file';
import type { InventoryDefaults } from './columns';
import { faulty, type InventoryReading } from './faults';
import { MAX_BYTES, readInventoryBytes } from './read-bytes';

/** Reads a CSV file, or a JSON file if its name ends with .json. Never rejects, and never blocks on a pipe or a device. */
export async function readInventoryFile(path: string, defaults: InventoryDefaults): Promise<InventoryReading> {
  const bytes = await bytesOf(path);
  return bytes instanceof Error ? unreadable(bytes) : readInventoryBytes(bytes, path, defaults);
}

export interface InventoryFileOptions {
  readonly defaults: InventoryDefaults;
  /** Receives each reading: the first one, and one after each change of the file. */
  readonly onReading: (reading: InventoryReading) => void;
  readonly clock?: Clock;
}

/** A changed file is read when it has stayed the same for this long. */
const SETTLED_MS = 300;
/** A file that cannot be read may be readable again without a change: too many files may have been open. */
const RETRY_MS = 10_000;
/** Readings of a file that changes meanwhile. */
const MAX_READINGS = 3;

/**
 * Watches a file by looking at it, so that it does not matter whether it is rewritten, replaced by renaming, deleted, or
 * behind a symbolic link or on a network drive. Close it to free its timer.
 */
export class InventoryFile {
  private readonly clock: Clock;
  /** The file as it was read last, and as it was seen last. */
  private read: string | undefined;
  private seen: string | undefined;
  private retryAt = Infinity;
  /** Why it could not be read last time. */
  private lastError: string | undefined;
  private cancelLook: CancelTimer | undefined;
  /** Resolves once `onReading` has the first reading. */
  readonly ready: Promise<void>;
  private turn: Promise<unknown>;
  /** The reading that was asked for and has not begun. */
  private asked: Promise<void> | undefined;
  private closed = false;

  /** Reads at once. */
  constructor(
    private readonly path: string,
    private readonly options: InventoryFileOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.ready = this.load(true);
    this.turn = this.ready;
    void this.ready.then(() => this.lookLater());
  }

  /** Reads the file, changed or not; resolves once `onReading` has the result. Calls before that begins share one reading. */
  reload(): Promise<void> {
    this.asked ??= this.loadInTurn(true);
    return this.asked;
  }

  close(): void {
    this.closed = true;
    this.cancelLook?.();
  }

  private lookLater(): void {
    if (!this.closed) this.cancelLook = this.clock.after(SETTLED_MS, () => void this.look());
  }

  private async look(): Promise<void> {
    const now = await signatureOf(this.path);
    const hasSettled = now === this.seen;
    this.seen = now;
    if (hasSettled && (now !== this.read || this.clock.now() >= this.retryAt)) await this.loadInTurn(false);
    this.lookLater();
  }

  private loadInTurn(isAsked: boolean): Promise<void> {
    const loaded = this.turn.then(() => {
      if (isAsked) this.asked = undefined;
      return this.load(isAsked);
    });
    this.turn = loaded;
    return loaded;
  }

  private async load(isAsked: boolean): Promise<void> {
    for (let reading = 1; ; reading += 1) {
      const before = await signatureOf(this.path);
      const bytes = await bytesOf(this.path);
      this.seen = await signatureOf(this.path);
      // What was read may be half of the old file and half of the new one.
      if (before !== this.seen && reading < MAX_READINGS) continue;
      this.read = before;
      return this.report(bytes, isAsked);
    }
  }

  private report(bytes: Uint8Array | Error, isAsked: boolean): void {
    const isUnreadable = bytes instanceof Error;
    const isKnown = isUnreadable && bytes.message === this.lastError;
    this.lastError = isUnreadable ? bytes.message : undefined;
    this.retryAt = isUnreadable ? this.clock.now() + RETRY_MS : Infinity;
    if (this.closed || (isKnown && !isAsked)) return;
    const { onReading, defaults } = this.options;
    const reading = isUnreadable ? unreadable(bytes) : readInventoryBytes(bytes, this.path, defaults);
    callSafely(
      () => onReading(reading),
      (error) => process.emitWarning(errorText(error)),
    );
  }
}

async function bytesOf(path: string): Promise<Uint8Array | Error> {
  try {
    return await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    return error instanceof Error ? error : new Error(errorText(error));
  }
}

function unreadable(error: Error): InventoryReading {
  return faulty(`the file cannot be read: ${errorText(error)}`);
}

/** Differs whenever the file may have another content; never rejects. */
async function signatureOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return errorText(error);
  }
}
