/** Queue of the toggles that wait in one lane, with their time limit. */
import type { CancelTimer, Clock } from '../clock';

/** What the queue needs to know about an entry. */
export interface Waiting {
  readonly requestedAt: number;
}

interface WaitingQueueOptions<T> {
  /** Longest wait in ms; 0 = no limit. */
  readonly ttlMs: number;
  /** Called with the number of entries on each change. */
  readonly onLength: (length: number) => void;
  /** Called with each entry whose time is up, after its removal. */
  readonly onExpired: (entry: T) => void;
}

/** First in, first out. Entries are added in the order of their `requestedAt`, so the first one expires first. */
export class WaitingQueue<T extends Waiting> {
  private entries: T[] = [];
  private ttlMs: number;
  private cancelExpiry: CancelTimer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: WaitingQueueOptions<T>,
  ) {
    this.ttlMs = options.ttlMs;
  }

  get length(): number {
    return this.entries.length;
  }

  get all(): readonly T[] {
    return this.entries;
  }

  push(entry: T): void {
    this.entries.push(entry);
    this.changed();
  }

  /** Puts `entry` in the place of all others, and returns those. */
  replaceAll(entry: T): readonly T[] {
    const replaced = this.entries;
    this.entries = [entry];
    this.changed();
    return replaced;
  }

  /** Changes the longest wait, also of the entries that wait; what has waited longer expires soon. */
  setTtl(ttlMs: number): void {
    this.ttlMs = ttlMs;
    this.cancelTimer();
    this.setTimer();
  }

  /** Removes the first entry and starts it. The change is reported after that, so a listener sees it running. */
  startFirst(start: (entry: T) => void): void {
    const first = this.entries.shift();
    if (!first) return;
    start(first);
    this.changed();
  }

  /** Removes and returns the matching entries. */
  remove(matches: (entry: T) => boolean): readonly T[] {
    const removed = this.entries.filter((entry) => matches(entry));
    if (removed.length === 0) return removed;
    this.entries = this.entries.filter((entry) => !matches(entry));
    this.changed();
    return removed;
  }

  /** Removes the entries whose time is up, before their timer does. */
  expire(): void {
    const { ttlMs } = this;
    const { onExpired } = this.options;
    if (ttlMs === 0) return;
    const now = this.clock.now();
    const firstValid = this.entries.findIndex(({ requestedAt }) => now - requestedAt < ttlMs);
    const expired = this.entries.splice(0, firstValid === -1 ? this.entries.length : firstValid);
    if (expired.length > 0) this.changed();
    for (const entry of expired) onExpired(entry);
  }

  private cancelTimer(): void {
    this.cancelExpiry?.();
    this.cancelExpiry = undefined;
  }

  private changed(): void {
    this.setTimer();
    this.options.onLength(this.entries.length);
  }

  /**
   * One timer is enough. It is left alone while anything waits: an entry that follows expires later than the one it was set
   * for, and set anew with each change it would be put off again and again, for a timer takes a millisecond.
   */
  private setTimer(): void {
    const { ttlMs } = this;
    const first = ttlMs === 0 ? undefined : this.entries[0];
    if (!first) return this.cancelTimer();
    if (this.cancelExpiry) return;
    const leftMs = Math.max(0, first.requestedAt + ttlMs - this.clock.now());
    this.cancelExpiry = this.clock.after(leftMs, () => {
      this.cancelExpiry = undefined;
      this.expire();
      // A timer may fire a fraction of a millisecond early.
      this.setTimer();
    });
  }
}
