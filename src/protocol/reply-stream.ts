/** Owns replies in a stream of bytes (protocol, section 2): raw or framed, by policy. Pure: no sockets, no msg_ids. */
import { ProtocolError } from './protocol-error';
import type { ReplyPolicy } from '../settings/device';
import { FrameDecoder, MAGIC, type Frame } from './frame';
import { decodeReply, type Reply } from './toggle';

/** What some bytes amount to. `bytes` is what arrived of it. */
export type Answer =
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'framed'; readonly bytes: Uint8Array; readonly reply: Reply }
  | { readonly kind: 'bad'; readonly bytes: Uint8Array; readonly error: ProtocolError };

const FIRST_MAGIC_BYTE = MAGIC >> 8;
const SECOND_MAGIC_BYTE = MAGIC & 0xff;

/** Decodes what a device says; under `auto`, how it begins decides for all that follows. */
export class ReplyStream {
  private readonly frames = new FrameDecoder();
  private kind: 'raw' | 'framed' | 'undecided';
  /** A lone F0, which leaves it open. */
  private held: Uint8Array | undefined;

  constructor(policy: ReplyPolicy) {
    this.kind = policy === 'auto' ? 'undecided' : policy === 'any' ? 'raw' : 'framed';
  }

  /**
   * Takes the next bytes and hands what they complete to `onAnswer`, in order.
   * Returns what is wrong with the stream once no frame can be found in it any more.
   */
  push(chunk: Uint8Array, onAnswer: (answer: Answer) => void): ProtocolError | undefined {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    this.held = undefined;
    if (bytes.length === 0) return undefined;
    if (this.kind === 'undecided') this.decide(bytes);
    if (this.kind === 'undecided') this.held = bytes;
    else if (this.kind === 'raw') onAnswer({ kind: 'raw', bytes });
    else return this.frames.push(bytes, (frame) => onAnswer(decoded(frame)));
    return undefined;
  }

  /** The peer closed: what is wrong if that cut off a reply. */
  end(): ProtocolError | undefined {
    if (this.held) this.frames.push(this.held, () => undefined);
    return this.frames.end();
  }

  private decide(bytes: Uint8Array): void {
    const [first, second] = bytes;
    if (first !== FIRST_MAGIC_BYTE) this.kind = 'raw';
    else if (second !== undefined) this.kind = second === SECOND_MAGIC_BYTE ? 'framed' : 'raw';
  }
}

function decoded({ raw: bytes, payload }: Frame): Answer {
  try {
    return { kind: 'framed', bytes, reply: decodeReply(payload) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: 'bad', bytes, error };
  }
}
