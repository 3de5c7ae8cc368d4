/** Owns which reply answers one toggle, on the connection that its request went out on. Pure: no sockets, no deadlines. */
import { ProtocolError } from './protocol-error';
import type { ReplyPolicy } from '../settings/device';
import { ReplyStream, type Answer } from './reply-stream';

/** Reads the reply to one toggle. */
export class ReplyReader {
  private readonly stream: ReplyStream;
  private answer: Answer | undefined;

  /** `onMismatch` hears of each frame that answers another toggle and is skipped. */
  constructor(
    policy: ReplyPolicy,
    private readonly msgId: string,
    private readonly onMismatch: (error: ProtocolError) => void,
  ) {
    this.stream = new ReplyStream(policy);
  }

  /** Takes the next bytes; returns the answer once they hold it. */
  push(chunk: Uint8Array): Answer | undefined {
    const error = this.stream.push(chunk, (answer) => this.consider(answer));
    if (error) this.answer ??= { kind: 'bad', bytes: chunk, error };
    return this.answer;
  }

  /** The peer closed: a reply that was under way is truncated, else there is no answer. */
  end(): Answer | undefined {
    const error = this.stream.end();
    return error && { kind: 'bad', bytes: new Uint8Array(), error };
  }

  private consider(answer: Answer): void {
    if (this.answer) return;
    if (answer.kind === 'framed' && answer.reply.msgId !== this.msgId) this.onMismatch(mismatch(answer.reply.msgId));
    else this.answer = answer;
  }
}

/** A reply to a toggle that nobody waits for. */
export function mismatch(msgId: string): ProtocolError {
  return new ProtocolError('msg_id_mismatch', `a reply to ${msgId.slice(0, 64)}, which is not waited for`);
}
