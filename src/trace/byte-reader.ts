/** Reads what a ByteWriter wrote, in the same order. */

export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
    private readonly end: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

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
    return this.piece(this.u16(), 'utf8');
  }

  base64(length: number): string {
    return this.piece(length, 'base64');
  }

  private piece(length: number, encoding: 'utf8' | 'base64'): string {
    this.at += length;
    return length === 0 ? '' : this.bytes.toString(encoding, this.at - length, this.at);
  }
}
