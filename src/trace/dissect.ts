/** A packet taken apart: its fields, and the byte at which something is wrong. Pure and browser-safe. */
import type { DecodeReason } from '../outcomes';
import { printable } from '../printable';
import { HEADER_BYTES, MAGIC, MAX_PAYLOAD_BYTES, VERSION } from '../protocol/layout';
import { dissectPayload, type PayloadDissection } from './dissect-payload';

type FieldName =
  | 'magic'
  | 'version'
  | 'length'
  | 'payload'
  /** Bytes after the frame or the ACK: a further reply, or garbage. */
  | 'excess'
  /** `ACK`, and the line end or NUL after it. */
  | 'ack'
  | 'padding'
  /** What is neither a frame nor an ACK, or need not be: with the policy `any`, every reply counts. */
  | 'raw';

/** Bytes from `start` up to, and without, `end`. */
interface Field {
  readonly name: FieldName;
  readonly start: number;
  readonly end: number;
}

/** What is wrong, and from which byte on. */
export interface Fault {
  /** Index of the byte; the number of bytes if one is missing after the last one. */
  readonly at: number;
  /** The code that the metrics count it by. */
  readonly reason: DecodeReason;
  /** In English: what should be there, such as `f0 0d` or `"ack" or "nack"`. */
  readonly expected: string;
  /** What is there instead; made printable. Absent where nothing is. */
  readonly found?: string;
}

export interface Dissection {
  /** In order, without gaps, as far as there are bytes. */
  readonly fields: readonly Field[];
  readonly fault?: Fault;
  /** What the payload says; absent without a payload. */
  readonly payload?: PayloadDissection;
}

export interface DissectOptions {
  readonly direction: 'request' | 'reply';
  /** How the device's replies are judged; `auto` by default. */
  readonly reply?: 'any' | 'framed' | 'auto';
  /** The toggle that a reply has to name. */
  readonly msgId?: string;
  /** How many bytes there were, if these are only the first of them: what is missing then is no fault. */
  readonly length?: number;
}

const MAGIC_BYTES = [MAGIC >> 8, MAGIC & 0xff];
const ACK = [0x41, 0x43, 0x4b];
const PADDING: ReadonlySet<number | undefined> = new Set([0x0d, 0x0a, 0x00, 0x20]);

/** Takes the first frame or raw reply in `bytes` apart; what follows it is `excess`, which may be taken apart as well. */
export function dissect(bytes: Uint8Array, options: DissectOptions): Dissection {
  const { direction, reply = 'auto' } = options;
  if (bytes.length === 0) return { fields: [] };
  if (direction === 'reply' && reply === 'any') return { fields: [field('raw', 0, bytes.length)] };
  const mayBeAck = direction === 'reply' && reply === 'auto' && startsWith(bytes, ACK.slice(0, bytes.length));
  return mayBeAck ? dissectAck(bytes, options) : dissectFrame(bytes, options);
}

/** A fault in words, such as `byte 2: expected version 01, found 02`. */
export function faultWords({ at, reason, expected, found }: Fault): string {
  return `byte ${at}: expected ${expected}, ${found === undefined ? 'but the bytes end' : `found ${found}`} (${reason})`;
}

function dissectAck(bytes: Uint8Array, options: DissectOptions): Dissection {
  const ack = field('ack', 0, Math.min(ACK.length, bytes.length));
  if (bytes.length < ACK.length) return { fields: [ack], ...missing(bytes, 'ACK', options) };
  let end = ACK.length;
  while (PADDING.has(bytes[end])) end += 1;
  const fields = [ack, field('padding', ACK.length, end), field('excess', end, bytes.length)].filter(isPresent);
  if (end === bytes.length) return { fields };
  return { fields, fault: fault(end, 'bad_magic', 'nothing, a line end or NUL after ACK', spacedHex(bytes, end, 2)) };
}

function dissectFrame(bytes: Uint8Array, options: DissectOptions): Dissection {
  const bad = wrongHeader(bytes, options);
  if (bad) return { fields: headerFields(bytes, bad), fault: bad };
  const header = headerFields(bytes);
  if (bytes.length < HEADER_BYTES) return { fields: header, ...missing(bytes, 'a header of 7 bytes', options) };
  const end = HEADER_BYTES + lengthOf(bytes);
  const payload = field('payload', HEADER_BYTES, Math.min(end, bytes.length));
  const fields = [...header, payload, field('excess', end, bytes.length)].filter(isPresent);
  if (bytes.length < end) {
    return { fields, ...missing(bytes, `a payload of ${end - HEADER_BYTES} bytes`, options) };
  }
  const content = dissectPayload(bytes.subarray(HEADER_BYTES, end), options);
  const { fault: inside, ...rest } = content;
  const shifted = rest.members.map((each) => ({
    ...each,
    start: each.start + HEADER_BYTES,
    end: each.end + HEADER_BYTES,
  }));
  return {
    fields,
    ...(inside && { fault: { ...inside, at: inside.at + HEADER_BYTES } }),
    payload: { ...rest, members: shifted },
  };
}

function wrongHeader(bytes: Uint8Array, { direction, reply = 'auto' }: DissectOptions): Fault | undefined {
  const wrongMagic = MAGIC_BYTES.findIndex((wanted, at) => at < bytes.length && bytes[at] !== wanted);
  if (wrongMagic >= 0) {
    const orAck = direction === 'reply' && reply === 'auto' && wrongMagic === 0 ? ' or ACK' : '';
    const expected = `${spaced(MAGIC_BYTES.slice(wrongMagic))}${orAck}`;
    return fault(wrongMagic, 'bad_magic', expected, spacedHex(bytes, wrongMagic, MAGIC_BYTES.length - wrongMagic));
  }
  if (bytes.length > 2 && bytes[2] !== VERSION)
    return fault(2, 'bad_version', `version ${spaced([VERSION])}`, spacedHex(bytes, 2, 1));
  if (bytes.length < HEADER_BYTES || lengthOf(bytes) <= MAX_PAYLOAD_BYTES) return undefined;
  return fault(3, 'too_large', `a length of at most ${MAX_PAYLOAD_BYTES}`, String(lengthOf(bytes)));
}

/** The header as far as it can be understood; what follows a wrong byte has no meaning. */
function headerFields(bytes: Uint8Array, bad?: Fault): Field[] {
  const understood = bad === undefined || bad.at > 2 ? HEADER_BYTES : bad.at === 2 ? 3 : 0;
  const end = Math.min(understood, bytes.length);
  const named = [
    field('magic', 0, Math.min(2, end)),
    field('version', 2, Math.min(3, end)),
    field('length', 3, Math.min(HEADER_BYTES, end)),
  ];
  return [...named, ...(bad ? [field('raw', end, bytes.length)] : [])].filter(isPresent);
}

function missing(bytes: Uint8Array, expected: string, { length = bytes.length }: DissectOptions): { fault?: Fault } {
  return length > bytes.length ? {} : { fault: { at: bytes.length, reason: 'truncated', expected } };
}

function lengthOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(3);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function field(name: FieldName, start: number, end: number): Field {
  return { name, start, end };
}

function isPresent({ start, end }: Field): boolean {
  return start < end;
}

function fault(at: number, reason: DecodeReason, expected: string, found: string): Fault {
  return { at, reason, expected, found: printable(found) };
}

function spacedHex(bytes: Uint8Array, start: number, count: number): string {
  return spaced([...bytes.subarray(start, start + count)]);
}

function spaced(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
