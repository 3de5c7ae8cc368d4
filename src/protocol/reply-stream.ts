/** Replies in the stream of bytes that a device sends, read by the reply policy (protocol, section 2). */
import { printable } from '../printable';
import { asBuffer } from './as-buffer';
import { FrameDecoder, MAGIC, type Frame } from './frame';
import { ProtocolError } from './protocol-error';
import { decodeReply, LAB_ACK, type Reply } from './toggle';

/** What counts as a reply: `any` byte, a frame that names the toggle, or with `auto` such a frame or `ACK`. */
export type ReplyPolicy = 'any' | 'framed' | 'auto';

/** What some bytes amount to; `bytes` is what was received of it. */
export type Answer =
  /** A confirmation that names no toggle. */
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'framed'; readonly bytes: Uint8Array; readonly reply: Reply }
  /** A frame that is not a reply; later frames can still be read. */
  | { readonly kind: 'bad'; readonly bytes: Uint8Array; readonly error: ProtocolError };

const MAGIC_BYTES = Buffer.from([MAGIC >> 8, MAGIC & 0xff]);
const ACK_BYTES = Buffer.from(LAB_ACK);
/** Carriage return, line feed, NUL and space may follow `ACK`. */
const PADDING: ReadonlySet<number> = new Set([0x0d, 0x0a, 0x00, 0x20]);
/** Bytes of a bad reply that its error shows. */
const SHOWN_BYTES = 32;

/** Reads what one connection receives. Under `auto` the first reply decides whether the device answers raw or framed. */
export class ReplyStream {
  private readonly frames = new FrameDecoder();
  private kind: 'raw' | 'framed' | 'undecided';
  /** Bytes that could still become `F0 0D` or `ACK`. */
  private held: Uint8Array = new Uint8Array();

  constructor(policy: ReplyPolicy) {
    this.kind = policy === 'auto' ? 'undecided' : policy === 'any' ? 'raw' : 'framed';
  }

  /** Whether a reply has begun and is not complete. */
  get isInsideReply(): boolean {
    return this.held.length > 0 || this.frames.isInsideFrame;
  }

  /**
   * Takes the next bytes and hands what they complete to `onAnswer`, in order.
   * Returns what is wrong with the stream once no further reply can be found in it.
   */
  push(chunk: Uint8Array, onAnswer: (answer: Answer) => void): ProtocolError | undefined {
    if (chunk.length === 0) return undefined;
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk;
    this.held = new Uint8Array();
    if (this.kind === 'undecided') {
      if (isPrefix(bytes, MAGIC_BYTES) || isPrefix(bytes, ACK_BYTES)) {
        this.held = bytes;
        return undefined;
      }
      if (!startsWith(bytes, MAGIC_BYTES)) return readAck(bytes, onAnswer);
      this.kind = 'framed';
    }
    if (this.kind === 'framed') return this.frames.push(bytes, (frame) => onAnswer(decoded(frame)));
    onAnswer({ kind: 'raw', bytes });
    return undefined;
  }

  /** The peer closed: `truncated` if that cut off a reply. */
  end(): ProtocolError | undefined {
    if (this.held.length === 0) return this.frames.end();
    return new ProtocolError('truncated', `the stream ended inside a reply, after ${shown(this.held)}`);
  }
}

function readAck(bytes: Uint8Array, onAnswer: (answer: Answer) => void): ProtocolError | undefined {
  const isAck = startsWith(bytes, ACK_BYTES) && bytes.subarray(ACK_BYTES.length).every((byte) => PADDING.has(byte));
  if (!isAck) return new ProtocolError('bad_magic', `a reply is a frame (f0 0d …) or ${LAB_ACK}, not ${shown(bytes)}`);
  onAnswer({ kind: 'raw', bytes });
  return undefined;
}

/** Whether more bytes could make `bytes` start with `wanted`. */
function isPrefix(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return bytes.length < wanted.length && startsWith(wanted, bytes);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}

/** Hex for a reader of protocols, text for everyone else, who may recognize `HTTP/1.1`. */
function shown(bytes: Uint8Array): string {
  const start = asBuffer(bytes).subarray(0, SHOWN_BYTES);
  const hex = start.toString('hex').replaceAll(/..(?=.)/g, '$& ');
  const more = bytes.length > SHOWN_BYTES ? ' …' : '';
  return `${hex}${more} ("${printable(start.toString('latin1'))}")`;
}

function decoded({ raw: bytes, payload }: Frame): Answer {
  try {
    return { kind: 'framed', bytes, reply: decodeReply(payload) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: 'bad', bytes, error };
  }
}
