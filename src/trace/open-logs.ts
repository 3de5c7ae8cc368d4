/** Where toggles without a verdict write what happens to them: small logs in shared pages, a long one in a region of its own. */
import type { ByteWriter } from './byte-writer';
import { newRegion, type Region } from './region';
import { END_AT, ENTRY_BYTES } from './step-codes';

/** The log of a toggle that is confirmed at its first attempt is not longer. */
const SLOT_BYTES = 384;
const SLOTS = 64;
const PAGE_BYTES = SLOTS * SLOT_BYTES;
/** No log is longer: the bytes that are kept of a toggle, its steps, and the errors of ten attempts. */
export const MAX_LOG_BYTES = 24 * 1024;
/** What the objects of a region take besides its bytes. */
const REGION_OBJECT_BYTES = 400;

interface Page extends Region {
  /** Numbers of the slots that are free. */
  readonly free: number[];
}

export class OpenLogs {
  /** Pages with free slots. One that is empty stays, as long as it is the only one. */
  private readonly pages: Page[] = [];

  /** `room` says how many bytes may still be taken, `grew` hears how many were, or were given back. */
  constructor(
    readonly writer: ByteWriter,
    private readonly room: () => number,
    private readonly grew: (bytes: number) => void,
  ) {}

  /** An empty log; undefined if there is no room for one. */
  open(): OpenLog | undefined {
    const page = this.pages.at(-1) ?? this.addPage();
    const slot = page?.free.pop();
    if (!page || slot === undefined) return undefined;
    if (page.free.length === 0) this.pages.pop();
    return new OpenLog(this, page, slot * SLOT_BYTES);
  }

  /** A region of its own for a log; undefined if there is no room for it. */
  region(size: number): Region | undefined {
    if (this.room() < size + REGION_OBJECT_BYTES) return undefined;
    this.grew(size + REGION_OBJECT_BYTES);
    return newRegion(size);
  }

  /** The place of a log is free again. */
  release(region: Region, start: number): void {
    if (!isPage(region)) return this.grew(-region.bytes.length - REGION_OBJECT_BYTES);
    if (region.free.length === 0) this.pages.push(region);
    region.free.push(start / SLOT_BYTES);
    if (region.free.length < SLOTS || this.pages.length === 1) return;
    this.pages.splice(this.pages.indexOf(region), 1);
    this.grew(-PAGE_BYTES - REGION_OBJECT_BYTES);
  }

  private addPage(): Page | undefined {
    const region = this.region(PAGE_BYTES);
    if (!region) return undefined;
    const page = { ...region, free: Array.from({ length: SLOTS }, (_, index) => index) };
    this.pages.push(page);
    return page;
  }
}

/** The log of one toggle. Becomes a part of its record as it is. */
export class OpenLog {
  used = 0;
  private size = SLOT_BYTES;

  constructor(
    private readonly logs: OpenLogs,
    private region: Region,
    private start: number,
  ) {}

  /** A writer at the end of the log, with room for so many bytes; undefined if there is none. What it wrote is {@link ended}. */
  append(bytes: number): ByteWriter | undefined {
    if (this.used + bytes > this.size && !this.grow(this.used + bytes)) return undefined;
    return this.logs.writer.into(this.region, this.start + this.used);
  }

  ended({ at }: ByteWriter): void {
    this.used = at - this.start;
  }

  /**
   * Writes what every entry begins with, where there is room for it and for `more` bytes after it; otherwise returns
   * false. Without a writer: there are half a dozen for each toggle.
   */
  entry(kind: number, attempt: number, at: number, end: number, more: number): boolean {
    const needed = this.used + ENTRY_BYTES + more;
    if (needed > this.size && !this.grow(needed)) return false;
    const { view } = this.region;
    const place = this.start + this.used;
    view.setUint8(place, kind);
    view.setUint8(place + 1, attempt);
    view.setFloat64(place + 2, at, true);
    view.setFloat64(place + END_AT, end, true);
    this.used += ENTRY_BYTES;
    return true;
  }

  /** When the entry at `offset` began. */
  startOf(offset: number): number {
    return this.region.view.getFloat64(this.start + offset + 2, true);
  }

  /** A writer at what was written at `offset`, to write it anew. */
  rewrite(offset: number): ByteWriter {
    return this.logs.writer.into(this.region, this.start + offset);
  }

  get bytes(): Uint8Array {
    const { buffer, byteOffset } = this.region.bytes;
    // Not a Buffer: one takes twice as long to make.
    return new Uint8Array(buffer, byteOffset + this.start, this.used);
  }

  /** Nothing may be written any more. */
  release(): void {
    this.logs.release(this.region, this.start);
  }

  private grow(needed: number): boolean {
    if (needed > MAX_LOG_BYTES) return false;
    const size = Math.min(MAX_LOG_BYTES, 2 ** Math.ceil(Math.log2(needed)));
    const region = this.logs.region(size);
    if (!region) return false;
    region.bytes.set(this.bytes);
    this.release();
    this.region = region;
    this.start = 0;
    this.size = size;
    return true;
  }
}

function isPage(region: Region): region is Page {
  return 'free' in region;
}
