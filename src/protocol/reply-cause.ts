/** Cause of a reply that does not count, told from its bytes. */
import type { Cause, DecodeReason } from '../outcomes';
import { asBuffer } from './as-buffer';
import { LAB_ACK } from './toggle';

/** Kept of a greeting: enough to recognize a service by. */
const GREETING_BYTES = 64;

const CAUSE_OF_REASON: Readonly<Record<DecodeReason, Cause>> = {
  bad_magic: 'reply_not_understood',
  bad_version: 'frame_version',
  too_large: 'frame_broken',
  bad_json: 'frame_broken',
  bad_message: 'frame_broken',
  truncated: 'reply_incomplete',
  msg_id_mismatch: 'other_msg_id',
  unsolicited: 'replied_greeting',
};

/** Causes that a greeting explains better: what greets is another service. */
const UNEXPLAINED: ReadonlySet<Cause | undefined> = new Set<Cause>([
  'no_reply',
  'closed_without_reply',
  'connection_reset',
  'reply_not_understood',
  'reply_incomplete',
]);

/** `bytes` is what was received of the reply, at least its first bytes. */
export function replyCause(bytes: Uint8Array, reason: DecodeReason): Cause {
  const text = latin1(bytes);
  return serviceOf(bytes) ?? (isRawAck(text) ? 'raw_ack_but_framed_expected' : CAUSE_OF_REASON[reason]);
}

/** The first bytes of a greeting, with those of the next chunk. */
export function firstBytes(greeting: Uint8Array, chunk: Uint8Array): Uint8Array {
  return Buffer.concat([greeting, chunk.subarray(0, GREETING_BYTES - greeting.length)]);
}

/** The cause of a failed attempt, in view of what came before the packet was sent. */
export function causeAfterGreeting(cause: Cause | undefined, greeting: Uint8Array): Cause | undefined {
  if (greeting.length === 0 || !UNEXPLAINED.has(cause)) return cause;
  return serviceOf(greeting) ?? 'replied_greeting';
}

function serviceOf(bytes: Uint8Array): Cause | undefined {
  const text = latin1(bytes);
  // A web server that cannot read the request may send its page of the error alone.
  if (/^HTTP\/\d|^\s{0,8}<(!doctype|html)/i.test(text)) return 'replied_http';
  // What OpenSSH says to a client that does not introduce itself.
  if (/^SSH-|^Invalid SSH identification|^Protocol mismatch/.test(text)) return 'replied_ssh';
  // A TLS record: an alert, or a handshake message.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return 'replied_tls';
  if (text.includes('"opcode":"toggle"')) return 'replied_echo';
  return undefined;
}

/** `framed` alone refuses it: in other policies it is a confirmation. */
function isRawAck(text: string): boolean {
  return text.startsWith(LAB_ACK) && /^[\r\n\0 ]*$/.test(text.slice(LAB_ACK.length));
}

function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1', 0, 256);
}
