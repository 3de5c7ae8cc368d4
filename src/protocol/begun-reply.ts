/** A reply that has begun and is not complete: its first bytes, which are shown if it turns out to be none. */
const SHOWN_BYTES = 64;
const NONE = new Uint8Array(0);

export class BegunReply {
  private start: Uint8Array = NONE;
  private length = 0;

  get bytes(): Uint8Array {
    return this.start;
  }

  /** More came; `answered` is how many bytes the replies had that it completed. */
  push(chunk: Uint8Array, answered: number): void {
    const rest = answered === 0 ? chunk : chunk.subarray(answered - this.length);
    if (answered > 0) this.clear();
    this.start = Buffer.concat([this.start, rest.subarray(0, SHOWN_BYTES - this.start.length)]);
    this.length += rest.length;
  }

  clear(): void {
    this.start = NONE;
    this.length = 0;
  }
}
