/** The reply to one toggle, read from a connection that carries nothing else. */
import type { Cause } from '../outcomes';
import { printable } from '../printable';
import { ProtocolError } from './protocol-error';
import { ReplyStream, type Answer, type ReplyPolicy } from './reply-stream';

/** Bytes of an incomplete reply that are stored to be shown. */
const KEPT_BYTES = 64;

export class ReplyReader {
  private readonly stream: ReplyStream;
  private answer: Answer | undefined;
  private received: Uint8Array = new Uint8Array();
  private sawMismatch = false;

  /** `onMismatch` receives an error for each frame that answers another toggle; it is skipped. */
  constructor(
    policy: ReplyPolicy,
    private readonly msgId: string,
    private readonly onMismatch: (error: ProtocolError) => void,
  ) {
    this.stream = new ReplyStream(policy);
  }

  /** Takes the next bytes; returns the answer once they complete it. */
  push(chunk: Uint8Array): Answer | undefined {
    if (this.received.length < KEPT_BYTES)
      this.received = Buffer.concat([this.received, chunk.subarray(0, KEPT_BYTES)]);
    const error = this.stream.push(chunk, (answer) => this.consider(answer));
    if (error) this.answer ??= { kind: 'bad', bytes: this.received, error };
    return this.answer;
  }

  /** The peer closed: a reply that had begun is truncated, otherwise there is no answer. */
  end(): Answer | undefined {
    const error = this.stream.end();
    return error && { kind: 'bad', bytes: this.received, error };
  }

  /** Why there is no answer yet. */
  lateCause(): Cause {
    if (this.received.length > 0) return 'reply_incomplete';
    return this.sawMismatch ? 'other_msg_id' : 'no_reply';
  }

  private consider(answer: Answer): void {
    if (this.answer) return;
    if (answer.kind === 'framed' && answer.reply.msgId !== this.msgId) {
      this.received = new Uint8Array();
      this.sawMismatch = true;
      this.onMismatch(mismatch(answer.reply.msgId));
    } else {
      this.answer = answer;
    }
  }
}

/** A reply to a toggle that is not waiting for one. */
export function mismatch(msgId: string): ProtocolError {
  return new ProtocolError('msg_id_mismatch', `a reply to ${printable(msgId.slice(0, 64))}, which no toggle waits for`);
}
