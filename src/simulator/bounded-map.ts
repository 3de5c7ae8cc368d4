/** Map with text keys that is bounded in number and in bytes; the entries set longest ago go first. */
import { STEP } from '../overflow';

/** Estimated memory of an entry besides the characters of its key, in bytes. */
const ENTRY_BYTES = 64;

export class BoundedMap<V> extends Map<string, V> {
  private bytes = 0;

  constructor(
    private readonly maxEntries: number,
    private readonly maxBytes: number,
  ) {
    super();
  }

  /** Sets an entry as the newest one. The newest one stays, however large it is. */
  override set(key: string, value: V): this {
    this.delete(key);
    super.set(key, value);
    this.bytes += bytesOf(key);
    if (this.size > this.maxEntries || this.bytes > this.maxBytes) this.removeOldest(key);
    return this;
  }

  /** Several at once; see `overflow`. */
  private removeOldest(newest: string): void {
    const entries = Math.ceil(this.maxEntries * (1 - STEP));
    const bytes = this.maxBytes * (1 - STEP);
    for (const oldest of this.keys()) {
      if (oldest === newest || (this.size <= entries && this.bytes <= bytes)) break;
      this.delete(oldest);
    }
  }

  override delete(key: string): boolean {
    const existed = super.delete(key);
    if (existed) this.bytes -= bytesOf(key);
    return existed;
  }
}

/** A character takes two bytes at most. */
function bytesOf(key: string): number {
  return ENTRY_BYTES + 2 * key.length;
}
