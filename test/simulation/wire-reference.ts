/** Frames and replies, read and written by code of their own: an error in the core's codec must not cancel itself out. */
import { isUtf8 } from 'node:buffer';

export interface WireToggle {
  readonly deviceId: string;
  readonly msgId: string;
  readonly state: boolean;
}

/** What some bytes of a device amount to. */
export type WireReply =
  { readonly opcode: 'ack' | 'nack'; readonly msgId: string; readonly state: boolean | undefined } | 'invalid';

export const NONE: Buffer = Buffer.alloc(0);

const HEADER = 7;
const LARGEST = 65_536;

export function frame(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(HEADER + length);
  bytes.write('\xf0\x0d\x01', 'latin1');
  bytes.writeUInt32BE(length, 3);
  bytes.write(json, HEADER);
  return bytes;
}

/** The same bytes, not a copy. */
export function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Both, one after the other; most often one of them is empty. */
export function joined(first: Buffer, second: Buffer): Buffer {
  if (first.length === 0) return second;
  return second.length === 0 ? first : Buffer.concat([first, second]);
}

/** The JSON of the frames that `bytes` begins with, where each ends, and what follows: nothing is taken of a broken stream. */
export function readFrames(bytes: Buffer): {
  readonly frames: readonly { readonly json: string; readonly end: number }[];
  readonly isBroken: boolean;
} {
  const frames = [];
  const { length: size } = bytes;
  let at = 0;
  for (;;) {
    const isStart = (at >= size || bytes[at] === 0xf0) && (at + 1 >= size || bytes[at + 1] === 0x0d);
    if (!isStart || (at + 2 < size && bytes[at + 2] !== 1)) return { frames, isBroken: true };
    if (size - at < HEADER) return { frames, isBroken: false };
    const length = bytes.readUInt32BE(at + 3);
    if (length > LARGEST) return { frames, isBroken: true };
    if (size - at < HEADER + length) return { frames, isBroken: false };
    const begin = at + HEADER;
    at = begin + length;
    frames.push({ json: textOf(bytes, begin, at), end: at });
  }
}

/** What follows the last one of `frames`. */
export function after(bytes: Buffer, frames: readonly { readonly end: number }[]): Buffer {
  const end = frames.at(-1)?.end ?? 0;
  return end === 0 ? bytes : end === bytes.length ? NONE : bytes.subarray(end);
}

/** Empty if it is not UTF-8. */
function textOf(bytes: Buffer, begin: number, end: number): string {
  const text = bytes.toString('utf8', begin, end);
  return text.includes('\ufffd') && !isUtf8(bytes.subarray(begin, end)) ? '' : text;
}

export function readToggle(json: string): WireToggle | undefined {
  const { opcode, device_id, msg_id, state } = parse(json);
  if (opcode !== 'toggle' || typeof device_id !== 'string' || typeof msg_id !== 'string') return undefined;
  return typeof state === 'boolean' ? { deviceId: device_id, msgId: msg_id, state } : undefined;
}

export function readReply(json: string): WireReply {
  const fields = parse(json);
  const { opcode, msg_id, state, error } = fields;
  if ((opcode !== 'ack' && opcode !== 'nack') || typeof msg_id !== 'string') return 'invalid';
  if (opcode === 'ack' && 'state' in fields && typeof state !== 'boolean') return 'invalid';
  if (opcode === 'nack' && 'error' in fields && typeof error !== 'string') return 'invalid';
  return { opcode, msgId: msg_id, state: opcode === 'ack' ? (state as boolean | undefined) : undefined };
}

function parse(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
