/** The reply to one toggle, read from a connection that carries nothing else. */
import type { Cause } from '../outcomes';
import { printable } from '../printable';
import { BegunReply } from './begun-reply';
import { ProtocolError } from './protocol-error';
import { ReplyStream, type Answer, type ReplyPolicy } from './reply-stream';

export class ReplyReader {
  private readonly stream: ReplyStream;
  private answer: Answer | undefined;
  private readonly begun = new BegunReply();
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
    let answered = 0;
    const error = this.stream.push(chunk, (answer) => {
      answered += answer.bytes.length;
      this.consider(answer);
    });
    if (this.answer) return this.answer;
    this.begun.push(chunk, answered);
    if (error) this.answer = { kind: 'bad', bytes: this.begun.bytes, error };
    return this.answer;
  }

  /** The peer closed: a reply that had begun is truncated, otherwise there is no answer. */
  end(): Answer | undefined {
    const error = this.stream.end();
    return error && { kind: 'bad', bytes: this.begun.bytes, error };
  }

  /** Why there is no answer yet. */
  lateCause(): Cause {
    if (this.begun.bytes.length > 0) return 'reply_incomplete';
    return this.sawMismatch ? 'other_msg_id' : 'no_reply';
  }

  private consider(answer: Answer): void {
    if (this.answer) return;
    if (answer.kind === 'framed' && answer.reply.msgId !== this.msgId) {
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
