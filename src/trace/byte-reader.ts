/** Reads what a ByteWriter wrote, in the same order. */

export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  u8(): number {
    this.at += 1;
    return this.bytes.readUInt8(this.at - 1);
  }

  u16(): number {
    this.at += 2;
    return this.bytes.readUInt16LE(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  f64(): number {
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  text(): string {
    return this.piece().toString('utf8');
  }

  base64(): string {
    return this.piece().toString('base64');
  }

  /** Goes past a text, or past bytes. */
  skip(): void {
    this.piece();
  }

  private piece(): Buffer {
    const start = this.at + 2;
    this.at = start + this.bytes.readUInt16LE(this.at);
    return this.bytes.subarray(start, this.at);
  }
}
