/** What an attempt with a connection of its own must come to, told from what the process saw of the connection. */
import type { AttemptOutcome } from '../../src/outcomes';
import type { ReplyPolicy } from '../../src/protocol/reply-stream';
import type { Seen } from './sim-socket';
import { after, joined, NONE, readFrames, readReply } from './wire-reference';

export interface Expected {
  readonly outcome: AttemptOutcome;
  readonly atMs: number;
  readonly reportedState?: boolean | undefined;
  /** The bytes of a reply that was understood. */
  readonly bytes?: Buffer;
}

/** How far an attempt is that nothing has decided. */
export interface Undecided {
  readonly step: 'connect' | 'send' | 'receive';
  /** When the step began; undefined for the first one. */
  readonly sinceMs: number | undefined;
}

export function expectedOf(seen: readonly Seen[], policy: ReplyPolicy, msgId: string): Expected | Undecided {
  let step: Undecided['step'] = 'connect';
  let sinceMs: number | undefined;
  let bytes: Buffer = NONE;
  let pending: Buffer = NONE;
  for (const each of seen) {
    const { atMs } = each;
    if (each.kind === 'connected' || each.kind === 'sent') {
      step = each.kind === 'sent' ? 'receive' : 'send';
      sinceMs = atMs;
    } else if (each.kind === 'failed') {
      if (step === 'connect') return { outcome: 'connection_failed', atMs };
      if (step === 'send') return { outcome: 'send_failed', atMs };
      return { outcome: pending.length > 0 ? 'bad_reply' : 'connection_closed', atMs };
    } else if (step === 'receive') {
      bytes = joined(bytes, each.bytes);
      const read = readAs(policy, bytes, msgId);
      if ('outcome' in read) return { ...read, atMs };
      pending = read.pending;
    }
  }
  return { step, sinceMs };
}

type Read = Omit<Expected, 'atMs'> | { readonly pending: Buffer };

function readAs(policy: ReplyPolicy, bytes: Buffer, msgId: string): Read {
  if (policy === 'any') return { outcome: 'success', bytes };
  if (policy === 'auto') {
    // A frame is not made a text of.
    const start = bytes.toString('latin1', 0, bytes[0] === 0xf0 ? 2 : bytes.length);
    if ('ACK'.startsWith(start.slice(0, 3)) && start.length < 3) return { pending: bytes };
    if (start === '\xf0') return { pending: bytes };
    if (!start.startsWith('\xf0\x0d')) {
      return /^ACK[\r\n\0 ]*$/.test(start) ? { outcome: 'success', bytes } : { outcome: 'bad_reply' };
    }
  }
  const { frames, isBroken } = readFrames(bytes);
  let begin = 0;
  for (const { json, end } of frames) {
    const reply = readReply(json);
    const own = begin === 0 && end === bytes.length ? bytes : bytes.subarray(begin, end);
    begin = end;
    if (reply === 'invalid') return { outcome: 'bad_reply' };
    if (reply.msgId !== msgId) continue;
    if (reply.opcode === 'nack') return { outcome: 'rejected', bytes: own };
    return { outcome: 'success', bytes: own, reportedState: reply.state };
  }
  return isBroken ? { outcome: 'bad_reply' } : { pending: after(bytes, frames) };
}
