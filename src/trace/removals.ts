/** The devices that left, for readers that know them: bounded, so that a reader that is too far behind begins anew. */
import { textBytes } from './own-text';

const MAX_REMOVALS = 2000;
/** What one takes besides its key. */
const REMOVAL_BYTES = 80;
/** Share of the oldest that is forgotten at once. */
const FORGOTTEN_SHARE = 0.1;

interface Removal {
  readonly version: number;
  readonly key: string;
}

export class Removals {
  /** What they take. */
  private bytes = 0;
  /** The oldest first. */
  private readonly removals: Removal[] = [];
  /** The latest one that was forgotten. */
  private forgottenVersion = 0;

  /**
   * `version` is higher than that of every removal before. Forgets the oldest ones if all of them take more than
   * `maxBytes`. Returns how many bytes they take more than before.
   */
  add(version: number, key: string, maxBytes: number): number {
    const before = this.bytes;
    this.removals.push({ version, key });
    this.bytes += bytesOf(key);
    if (this.bytes > maxBytes || this.removals.length > MAX_REMOVALS) this.forgetOldest();
    return this.bytes - before;
  }

  /** The keys of what left after `version`; undefined if that is too long ago to be known. */
  since(version: number): readonly string[] | undefined {
    if (version < this.forgottenVersion) return undefined;
    return this.removals.filter((removal) => removal.version > version).map(({ key }) => key);
  }

  private forgetOldest(): void {
    const forgotten = this.removals.splice(0, Math.ceil(this.removals.length * FORGOTTEN_SHARE));
    this.forgottenVersion = forgotten.at(-1)?.version ?? this.forgottenVersion;
    for (const { key } of forgotten) this.bytes -= bytesOf(key);
  }
}

function bytesOf(key: string): number {
  return REMOVAL_BYTES + textBytes(key);
}
