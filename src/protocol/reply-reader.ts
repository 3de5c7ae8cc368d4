/** Owns what counts as a reply (protocol, section 2): bytes in, answer out. Pure: no sockets, no deadlines. */
import { ProtocolError } from '../errors';
import { FrameDecoder, MAGIC, type Frame } from './frame';
import type { ReplyPolicy } from '../settings';
import { decodeReply, type Reply } from './toggle';

/** What the bytes so far amount to. `bytes` is what arrived of the answer. */
export type Answer =
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'framed'; readonly bytes: Uint8Array; readonly reply: Reply }
  | { readonly kind: 'bad'; readonly bytes: Uint8Array; readonly error: ProtocolError };

const FIRST_MAGIC_BYTE = MAGIC >> 8;
const SECOND_MAGIC_BYTE = MAGIC & 0xff;

/** Reads the reply to one toggle from the connection that its request went out on. */
export class ReplyReader {
  private readonly frames = new FrameDecoder();
  private undecided: boolean;
  private raw: boolean;
  private answer: Answer | undefined;

  /** `onMismatch` hears of each frame that answers another toggle and is skipped. */
  constructor(
    policy: ReplyPolicy,
    private readonly msgId: string,
    private readonly onMismatch: (error: ProtocolError) => void,
  ) {
    this.undecided = policy === 'auto';
    this.raw = policy === 'any';
  }

  /** Takes the next bytes; returns the answer once they hold it. */
  push(chunk: Uint8Array): Answer | undefined {
    if (this.undecided) this.decide(chunk);
    if (this.raw) return { kind: 'raw', bytes: chunk };
    const error = this.frames.push(chunk, (frame) => this.read(frame));
    if (error) this.answer ??= { kind: 'bad', bytes: chunk, error };
    return this.answer;
  }

  /** The peer closed: a reply that was under way is truncated, else there is no answer. */
  end(): Answer | undefined {
    const error = this.frames.end();
    return error && { kind: 'bad', bytes: new Uint8Array(), error };
  }

  /** `auto`: a reply that begins with the magic is framed, all else is raw; a lone F0 leaves it open. */
  private decide(chunk: Uint8Array): void {
    const halfMagicCame = this.frames.end() !== undefined;
    const first = halfMagicCame ? FIRST_MAGIC_BYTE : chunk[0];
    const second = halfMagicCame ? chunk[0] : chunk[1];
    this.raw = first !== FIRST_MAGIC_BYTE || (second !== undefined && second !== SECOND_MAGIC_BYTE);
    this.undecided = !this.raw && second === undefined;
  }

  private read({ raw, payload }: Frame): void {
    if (this.answer) return;
    try {
      const reply = decodeReply(payload);
      if (reply.msgId === this.msgId) {
        this.answer = { kind: 'framed', bytes: raw, reply };
      } else {
        this.onMismatch(
          new ProtocolError('msg_id_mismatch', `the reply is to ${reply.msgId.slice(0, 64)}, not to ${this.msgId}`),
        );
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.answer = { kind: 'bad', bytes: raw, error };
    }
  }
}
