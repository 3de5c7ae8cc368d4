/**
 * Frames on the wire: encoder and incremental decoder. What is not a frame is refused before it is buffered.
 *
 *     magic F0 0D · version 01 · length uint32 big-endian · payload (length bytes)
 */
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, VERSION, MAGIC } from './layout';
import { ProtocolError } from './protocol-error';

export { HEADER_BYTES, MAGIC, MAX_PAYLOAD_BYTES, VERSION };

/** One whole frame; `payload` is a view into `raw`. */
export interface Frame {
  readonly raw: Buffer;
  readonly payload: Buffer;
}

/** One frame with `payload` as UTF-8. Throws ProtocolError `too_large` past MAX_PAYLOAD_BYTES. */
export function encodeFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const error = tooLarge(length);
  if (error) throw error;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt16BE(MAGIC, 0);
  frame.writeUInt8(VERSION, 2);
  frame.writeUInt32BE(length, 3);
  frame.write(payload, HEADER_BYTES, 'utf8');
  return frame;
}

/**
 * Decodes a stream of frames that arrives in any chunks; keeps at most one header and one payload.
 * After an error the stream has no known frame boundary any more, so the decoder stays failed.
 */
export class FrameDecoder {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private frame: Buffer | undefined;
  private filled = 0;
  private failure: ProtocolError | undefined;

  /**
   * Takes the next bytes and hands each frame that they complete to `onFrame`, in order.
   * Returns what is wrong with the stream, as soon as a byte of it shows.
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): ProtocolError | undefined {
    let offset = 0;
    while (offset < chunk.length && !this.failure) {
      const end = this.filled === 0 ? endOfFrame(chunk, offset) : 0;
      if (end > 0) {
        onFrame(frameOf(Buffer.from(chunk.buffer, chunk.byteOffset + offset, end - offset)));
        offset = end;
        continue;
      }
      const target = this.frame ?? this.header;
      const taken = Math.min(target.length - this.filled, chunk.length - offset);
      target.set(chunk.subarray(offset, offset + taken), this.filled);
      this.filled += taken;
      offset += taken;
      if (!this.frame) this.readHeader();
      if (this.frame && this.filled === this.frame.length) this.deliver(this.frame, onFrame);
    }
    return this.failure;
  }

  /** Whether the stream has begun a frame and not finished it. */
  get isInsideFrame(): boolean {
    return this.filled > 0 && !this.failure;
  }

  /** What is wrong if the stream ends here: `truncated` inside a frame, else nothing. */
  end(): ProtocolError | undefined {
    if (this.failure || this.filled === 0) return this.failure;
    const wanted = this.frame?.length ?? HEADER_BYTES;
    return new ProtocolError('truncated', `the stream ended inside a frame, after ${this.filled} of ${wanted} bytes`);
  }

  private readHeader(): void {
    this.failure = wrongHeader(this.header.subarray(0, this.filled));
    if (this.failure || this.filled < HEADER_BYTES) return;
    this.frame = Buffer.allocUnsafe(HEADER_BYTES + this.header.readUInt32BE(3));
    this.frame.set(this.header);
  }

  private deliver(raw: Buffer, onFrame: (frame: Frame) => void): void {
    this.frame = undefined;
    this.filled = 0;
    onFrame(frameOf(raw));
  }
}

function frameOf(raw: Buffer): Frame {
  return { raw, payload: raw.subarray(HEADER_BYTES) };
}

/** Where the frame ends that begins at `offset`, if `chunk` has all of it: most do, and need no copy. Otherwise 0. */
function endOfFrame(chunk: Uint8Array, offset: number): number {
  const header = Buffer.from(chunk.buffer, chunk.byteOffset + offset, Math.min(HEADER_BYTES, chunk.length - offset));
  if (header.length < HEADER_BYTES || wrongHeader(header)) return 0;
  const end = offset + HEADER_BYTES + header.readUInt32BE(3);
  return end <= chunk.length ? end : 0;
}

/** Checks the header bytes that are there, so that a wrong first byte is reported without waiting for a second one. */
function wrongHeader(header: Buffer): ProtocolError | undefined {
  const magic = header.subarray(0, 2).toString('hex');
  if (!'f00d'.startsWith(magic)) {
    return new ProtocolError('bad_magic', `a frame begins with f0 0d, not ${spaced(magic)}`);
  }
  if (header.length > 2 && header[2] !== VERSION) {
    return new ProtocolError('bad_version', `frame version ${header[2]} is not supported, only ${VERSION} is`);
  }
  return header.length < HEADER_BYTES ? undefined : tooLarge(header.readUInt32BE(3));
}

function tooLarge(length: number): ProtocolError | undefined {
  if (length <= MAX_PAYLOAD_BYTES) return undefined;
  return new ProtocolError('too_large', `a payload of ${length} bytes is larger than the ${MAX_PAYLOAD_BYTES} allowed`);
}

function spaced(hex: string): string {
  return hex.replace(/..(?=.)/g, '$& ');
}
