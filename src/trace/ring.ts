/** Ring of records in segments of a fixed size: bounded in bytes, and nothing that a garbage collector has to visit. */
import { newRegion, type Region } from './region';

/** A record: what {@link Ring.add} wrote, at `start` of `bytes`, without its length. */
export interface RecordPlace {
  /** Counts all records, from 1. */
  readonly seq: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly length: number;
}

interface Segment extends Region {
  readonly firstSeq: number;
  used: number;
}

const LENGTH_BYTES = 4;
/** One is being filled, and one can still be read. */
const MIN_SEGMENTS = 2;

export class Ring {
  /** The oldest first. */
  private readonly segments: Segment[] = [];
  private lastSeqAdded = 0;
  private maxSegments = MIN_SEGMENTS;

  /** Records must be smaller than a segment. */
  constructor(private readonly segmentBytes: number) {}

  get lastSeq(): number {
    return this.lastSeqAdded;
  }

  /** The oldest record that is still there, or the next one if there is none. */
  get firstSeq(): number {
    return this.segments[0]?.firstSeq ?? this.lastSeqAdded + 1;
  }

  /** Forgets the oldest records if they take more. */
  limit(bytes: number): void {
    this.maxSegments = Math.max(MIN_SEGMENTS, Math.floor(bytes / this.segmentBytes));
    while (this.segments.length > this.maxSegments) this.segments.shift();
  }

  /** A place for a record of at most `maxBytes`, to be followed by {@link added}. */
  place(maxBytes: number): { readonly region: Region; readonly start: number } {
    const region = this.segmentFor(maxBytes + LENGTH_BYTES);
    return { region, start: region.used + LENGTH_BYTES };
  }

  /** A record was written to the place, and ends here. Returns its number. */
  added(end: number): number {
    const segment = this.segments.at(-1);
    if (!segment) throw new Error('no place was asked for');
    segment.view.setUint32(segment.used, end - segment.used - LENGTH_BYTES, true);
    segment.used = end;
    this.lastSeqAdded += 1;
    return this.lastSeqAdded;
  }

  /** The records after `seq` that are still there, the oldest first. No record may be added in between. */
  *after(seq: number): Generator<RecordPlace> {
    for (const [index, segment] of this.segments.entries()) {
      const nextFirst = this.segments[index + 1]?.firstSeq ?? Infinity;
      if (nextFirst <= seq + 1) continue;
      for (const place of placesOf(segment)) if (place.seq > seq) yield place;
    }
  }

  /** The records that are still there, the newest first: whoever needs a few reads little. No record may be added in between. */
  *newestFirst(): Generator<RecordPlace> {
    for (const segment of this.segments.toReversed()) yield* [...placesOf(segment)].toReversed();
  }

  private segmentFor(needed: number): Segment {
    const last = this.segments.at(-1);
    if (last && last.used + needed <= this.segmentBytes) return last;
    const oldest = this.segments.length >= this.maxSegments ? this.segments.shift() : undefined;
    const { bytes, view } = oldest ?? newRegion(this.segmentBytes);
    const segment = { bytes, view, firstSeq: this.lastSeqAdded + 1, used: 0 };
    this.segments.push(segment);
    return segment;
  }
}

function* placesOf({ bytes, firstSeq, used }: Segment): Generator<RecordPlace> {
  let seq = firstSeq;
  for (let at = 0; at < used; seq += 1) {
    const length = bytes.readUInt32LE(at);
    yield { seq, bytes, start: at + LENGTH_BYTES, length };
    at += LENGTH_BYTES + length;
  }
}
