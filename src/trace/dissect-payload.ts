/** The payload of a frame taken apart: its text, its JSON, and where its members are. Pure and browser-safe. */
import type { DecodeReason } from '../outcomes';
import { printable } from '../printable';
import { scanJson, type Range } from './json-scan';

/** A member of the payload's object; `start` and `end` are bytes of the packet. */
interface Member extends Range {
  readonly key: string;
}

export interface PayloadDissection {
  /** As UTF-8, with U+FFFD for what is not. From outside: escape it before it is shown. */
  readonly text: string;
  /** What the JSON says; absent if it is none. */
  readonly json?: unknown;
  /** The values of its members, in order. */
  readonly members: readonly Member[];
}

interface PayloadFault {
  readonly at: number;
  readonly reason: DecodeReason;
  readonly expected: string;
  readonly found?: string;
}

interface Expectation {
  readonly direction: 'request' | 'reply';
  readonly msgId?: string;
}

/** What a member must be: [key, whether it may be missing, type, the only values]. */
type Rule = readonly [key: string, isOptional: boolean, type: 'string' | 'boolean', values?: readonly string[]];

const REQUEST_RULES: readonly Rule[] = [
  ['opcode', false, 'string', ['toggle']],
  ['device_id', false, 'string'],
  ['msg_id', false, 'string'],
  ['state', false, 'boolean'],
];
const REPLY_RULES: readonly Rule[] = [
  ['msg_id', false, 'string'],
  ['opcode', false, 'string', ['ack', 'nack']],
];
const ACK_RULES: readonly Rule[] = [...REPLY_RULES, ['state', true, 'boolean']];
const NACK_RULES: readonly Rule[] = [...REPLY_RULES, ['error', true, 'string']];

/** Indices are those in `payload`. */
export function dissectPayload(
  payload: Uint8Array,
  expected: Expectation,
): PayloadDissection & { readonly fault?: PayloadFault } {
  // A byte order mark is no JSON, so it must not be taken away.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload);
  const notUtf8 = firstDifference(payload, new TextEncoder().encode(text));
  if (notUtf8 !== undefined) {
    return {
      text,
      members: [],
      fault: { at: notUtf8, reason: 'bad_json', expected: 'UTF-8', found: hex(payload[notUtf8]) },
    };
  }
  const { fault, members } = scanJson(text);
  const toBytes = byteOffsets(text);
  if (fault !== undefined) return { text, members: [], fault: notJson(text, fault, toBytes(fault)) };
  const json: unknown = JSON.parse(text);
  const ranges = [...members].map(([key, { start, end }]) => ({ key, start: toBytes(start), end: toBytes(end) }));
  const wrong = wrongMessage(json, ranges, expected);
  return { text, json, members: ranges, ...(wrong && { fault: wrong }) };
}

function notJson(text: string, index: number, at: number): PayloadFault {
  const found = index < text.length ? { found: quoted(String.fromCodePoint(text.codePointAt(index) ?? 0)) } : {};
  return { at, reason: 'bad_json', expected: 'JSON', ...found };
}

/** The first member that is wrong, in the order in which a device and the client check them. */
function wrongMessage(
  json: unknown,
  ranges: readonly Member[],
  { direction, msgId }: Expectation,
): PayloadFault | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { at: 0, reason: 'bad_message', expected: 'a JSON object', found: kindOf(json) };
  }
  const values = json as Readonly<Record<string, unknown>>;
  const at = (key: string) => ranges.find((each) => each.key === key)?.start;
  const replyRules = values.opcode === 'nack' ? NACK_RULES : ACK_RULES;
  for (const rule of direction === 'request' ? REQUEST_RULES : replyRules) {
    const [key, isOptional] = rule;
    const start = at(key);
    if (start === undefined && isOptional) continue;
    const value = start === undefined ? undefined : values[key];
    const expected = `${key}: ${expectedOf(rule)}`;
    // A member that is missing has no byte of its own: the object has.
    if (start === undefined) return { at: 0, reason: 'bad_message', expected, found: `no ${key}` };
    if (!fits(value, rule)) return { at: start, reason: 'bad_message', expected, found: kindOf(value) };
  }
  if (direction === 'request' || msgId === undefined || values.msg_id === msgId) return undefined;
  const start = at('msg_id') ?? 0;
  return { at: start, reason: 'msg_id_mismatch', expected: `msg_id: ${quoted(msgId)}`, found: kindOf(values.msg_id) };
}

function fits(value: unknown, [, , type, values]: Rule): boolean {
  return typeof value === type && (values === undefined || values.includes(value as string));
}

function expectedOf([, , type, values]: Rule): string {
  if (values) return values.map(quoted).join(' or ');
  return type === 'boolean' ? 'true or false' : 'a string';
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

function quoted(text: string): string {
  return `"${printable(text.slice(0, 64))}"`;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const index = a.findIndex((byte, at) => byte !== b[at]);
  if (index >= 0) return index;
  // A character that breaks off at the end was completed.
  return a.length === b.length ? undefined : a.length;
}

/** Byte offsets of indices in `text`, as UTF-8; in one pass, since a payload can have thousands of members. */
function byteOffsets(text: string): (index: number) => number {
  const offsets = new Uint32Array(text.length + 1);
  let index = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    const offset = offsets[index] ?? 0;
    index += character.length;
    offsets[index] = offset + bytes;
  }
  return (at) => offsets[at] ?? 0;
}

function hex(byte = 0): string {
  return byte.toString(16).padStart(2, '0');
}
