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

const HEADER = 7;
const LARGEST = 65_536;

export function frame(json: string): Buffer {
  const payload = Buffer.from(json);
  const header = Buffer.from([0xf0, 0x0d, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload]);
}

/** The JSON of the frames that `bytes` begins with, where each ends, and what follows: nothing is taken of a broken stream. */
export function readFrames(bytes: Buffer): {
  readonly frames: readonly { readonly json: string; readonly end: number }[];
  readonly isBroken: boolean;
} {
  const frames = [];
  let at = 0;
  for (;;) {
    const rest = bytes.subarray(at);
    if ((rest[0] ?? 0xf0) !== 0xf0 || (rest[1] ?? 0x0d) !== 0x0d || (rest[2] ?? 1) !== 1)
      return { frames, isBroken: true };
    if (rest.length < HEADER) return { frames, isBroken: false };
    const length = rest.readUInt32BE(3);
    if (length > LARGEST) return { frames, isBroken: true };
    if (rest.length < HEADER + length) return { frames, isBroken: false };
    at += HEADER + length;
    const payload = rest.subarray(HEADER, HEADER + length);
    frames.push({ json: isUtf8(payload) ? payload.toString() : '', end: at });
  }
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
