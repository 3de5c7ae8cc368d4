/** The steps of one toggle, written one after the other, bounded in number and bytes. */
import type { OpenLog } from './open-logs';
import { END_AT, ENTRY_BYTES, PIECE_BYTES } from './step-codes';

/** Bytes that are kept of all attempts; retries send the same packet again. */
const MAX_BYTES = 12_288;
/** A device that sends byte by byte makes as many steps: further pieces of a reply add to the last one. */
const MAX_PIECES = 64;
/** The pieces, and all else that ten attempts do. */
const MAX_ENTRIES = MAX_PIECES + 80;
/** No such entry. */
export const NONE = -1;

/** Times are those of the recorder's clock, in ms. Entries are known by where they stand in the log. */
export class StepLog {
  /** How many steps had no room. */
  stepsCut = 0;
  /** The attempt that the next entries are of; 0 before the first one. */
  protected attempt = 0;
  private entries = 0;
  private keptBytes = 0;

  constructor(
    readonly askedAt: number,
    readonly log: OpenLog,
  ) {}

  protected get hasManySteps(): boolean {
    return this.entries >= MAX_PIECES;
  }

  /** How many more bytes are kept. */
  protected get roomForBytes(): number {
    // The packets that are sent are kept whatever came before them.
    return Math.max(0, MAX_BYTES - this.keptBytes);
  }

  /** An entry, and room for `more` bytes after it. Returns its place. */
  protected add(kind: number, at: number, end = NaN, more = 0): number {
    const { log, askedAt } = this;
    const place = log.used;
    if (this.entries >= MAX_ENTRIES || !log.entry(kind, this.attempt, at - askedAt, end - askedAt, more)) {
      this.stepsCut += 1;
      return NONE;
    }
    this.entries += 1;
    return place;
  }

  /** A step with the first `kept` of its bytes. */
  protected addBytes(kind: number, now: number, bytes: Uint8Array, kept: number): number {
    const place = this.add(kind, now, NaN, PIECE_BYTES + kept);
    const writer = place === NONE ? undefined : this.log.append(PIECE_BYTES + kept);
    if (!writer) return NONE;
    writer.u32(bytes.length);
    writer.u16(kept);
    writer.copy(kept === bytes.length ? bytes : bytes.subarray(0, kept));
    this.log.ended(writer);
    this.keptBytes += kept;
    return place;
  }

  /** How many bytes the step has, of which the first ones are kept. */
  protected setLength(place: number, length: number): void {
    this.log.rewrite(place + ENTRY_BYTES).u32(length);
  }

  protected end(place: number, now: number): void {
    if (place !== NONE) this.log.rewrite(place + END_AT).f64(now - this.askedAt);
  }

  protected startOf(place: number): number {
    return this.askedAt + this.log.startOf(place);
  }
}
