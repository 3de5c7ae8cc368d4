/** Writes numbers, texts and bytes one after the other into a region that has room for them. */
import { newRegion, type Region } from './region';

/** Longest text, in UTF-16 units; texts come from outside. */
const MAX_TEXT = 256;

const LENGTH_BYTES = 2;
const UTF8_BYTES = 3;
const MAX_ASCII = 0x7f;
export const MAX_TEXT_BYTES = LENGTH_BYTES + UTF8_BYTES * MAX_TEXT;

/** Room that a text needs at most: its length, and three bytes of UTF-8 for each unit. */
export function roomForText(text: string): number {
  return LENGTH_BYTES + UTF8_BYTES * Math.min(text.length, MAX_TEXT);
}

export class ByteWriter {
  private region = newRegion(0);
  at = 0;

  /** Writes into the region from `start` on. */
  into(region: Region, start: number): this {
    this.region = region;
    this.at = start;
    return this;
  }

  u8(value: number): void {
    this.region.view.setUint8(this.at, value);
    this.at += 1;
  }

  u16(value: number): void {
    this.region.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.region.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  f64(value: number): void {
    this.region.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  text(text: string): void {
    const { bytes, view } = this.region;
    const start = this.at + LENGTH_BYTES;
    const length = Math.min(text.length, MAX_TEXT);
    let bits = 0;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      bits |= code;
      bytes[start + index] = code;
    }
    // Texts are ASCII as a rule, and a call into C++ takes longer than to write them here.
    const size = bits > MAX_ASCII ? bytes.write(text.slice(0, MAX_TEXT), start, 'utf8') : length;
    view.setUint16(this.at, size, true);
    this.at = start + size;
  }

  /** The bytes without their length. */
  copy(bytes: Uint8Array): void {
    if (bytes.length > 0) this.region.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
}
