/**
 * Frames on the wire: encoder and incremental decoder. What is not a frame is refused before it is buffered.
 *
 *     magic F0 0D · version 01 · length uint32 big-endian · payload (length bytes)
 */
import { asBuffer } from './as-buffer';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, VERSION, MAGIC } from './layout';
import { ProtocolError } from './protocol-error';

export { HEADER_BYTES, MAGIC, MAX_PAYLOAD_BYTES, VERSION };

/** Where in the header the length of the payload stands. */
const LENGTH_AT = 3;

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
  frame.writeUInt32BE(length, LENGTH_AT);
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
  push(bytes: Uint8Array, onFrame: (frame: Frame) => void): ProtocolError | undefined {
    const chunk = asBuffer(bytes);
    let offset = 0;
    while (offset < chunk.length && !this.failure) {
      const end = this.filled === 0 ? endOfFrame(chunk, offset) : 0;
      if (end > 0) {
        onFrame(frameOf(chunk.subarray(offset, end)));
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
    this.failure = wrongHeader(this.header, 0, this.filled);
    if (this.failure || this.filled < HEADER_BYTES) return;
    this.frame = Buffer.allocUnsafe(HEADER_BYTES + this.header.readUInt32BE(LENGTH_AT));
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
function endOfFrame(chunk: Buffer, offset: number): number {
  if (chunk.length - offset < HEADER_BYTES || wrongHeader(chunk, offset, HEADER_BYTES)) return 0;
  const end = offset + HEADER_BYTES + chunk.readUInt32BE(offset + LENGTH_AT);
  return end <= chunk.length ? end : 0;
}

/**
 * Checks the `length` bytes of a header that are there, from `start` on, so that a wrong first byte is reported without
 * waiting for a second one. Makes no views of them: most headers are right, and there is one for each toggle.
 */
function wrongHeader(bytes: Buffer, start: number, length: number): ProtocolError | undefined {
  if (bytes[start] !== MAGIC >> 8 || (length > 1 && bytes[start + 1] !== (MAGIC & 0xff))) {
    const magic = bytes.toString('hex', start, start + Math.min(length, 2));
    return new ProtocolError('bad_magic', `a frame begins with f0 0d, not ${spaced(magic)}`);
  }
  const version = bytes[start + 2];
  if (length > 2 && version !== VERSION) {
    return new ProtocolError('bad_version', `frame version ${version} is not supported, only ${VERSION} is`);
  }
  return length < HEADER_BYTES ? undefined : tooLarge(bytes.readUInt32BE(start + LENGTH_AT));
}

function tooLarge(length: number): ProtocolError | undefined {
  if (length <= MAX_PAYLOAD_BYTES) return undefined;
  return new ProtocolError('too_large', `a payload of ${length} bytes is larger than the ${MAX_PAYLOAD_BYTES} allowed`);
}

function spaced(hex: string): string {
  return hex.replace(/..(?=.)/g, '$& ');
}
