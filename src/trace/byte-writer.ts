/** Writes numbers, texts and bytes one after the other into a buffer that has room for them. */

/** Longest text, in UTF-16 units; texts come from outside. */
const MAX_TEXT = 256;
/** Room that a text needs at most: its length, and three bytes of UTF-8 for each unit. */
export const MAX_TEXT_BYTES = 2 + 3 * MAX_TEXT;

export class ByteWriter {
  private view: DataView = new DataView(new ArrayBuffer(0));
  private bytes: Buffer = Buffer.alloc(0);
  at = 0;

  /** Writes into `bytes` from `start` on. */
  into(bytes: Buffer, start: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = start;
  }

  u8(value: number): void {
    this.view.setUint8(this.at, value);
    this.at += 1;
  }

  u16(value: number): void {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  f64(value: number): void {
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  text(text: string): void {
    const lengthAt = this.at;
    this.at += 2;
    const length = Math.min(text.length, MAX_TEXT);
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        // Ids are ASCII as a rule, and a call into C++ takes longer than to write them here.
        this.at = lengthAt + 2 + this.bytes.write(text.slice(0, MAX_TEXT), lengthAt + 2, 'utf8');
        break;
      }
      this.bytes[this.at] = code;
      this.at += 1;
    }
    this.view.setUint16(lengthAt, this.at - lengthAt - 2, true);
  }

  copy(bytes: Uint8Array): void {
    this.u16(bytes.length);
    if (bytes.length > 0) this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
}
