/** Payloads of requests and replies, written and read; the only file that knows the names on the wire. Pure. */
import { isUtf8 } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { errorText, printable } from '../printable';
import { asBuffer } from './as-buffer';
import { ProtocolError } from './protocol-error';
import { encodeFrame } from './frame';

/** A command to a device: be in this state. */
export interface ToggleRequest {
  readonly deviceId: string;
  /** The same for every attempt of one toggle, so that a device can drop duplicates. */
  readonly msgId: string;
  /** true = on. */
  readonly state: boolean;
}

/** A device's framed answer. */
export type Reply =
  | { readonly kind: 'ack'; readonly msgId: string; readonly state?: boolean }
  | { readonly kind: 'nack'; readonly msgId: string; readonly error?: string };

/** What the Phase 0 lab device replies, raw. */
export const LAB_ACK = 'ACK';

const MSG_ID_BYTES = 8;
/** Random bytes for the next ids: drawing many at once costs little more than drawing eight. */
const randomPool = Buffer.allocUnsafeSlow(512 * MSG_ID_BYTES);
let poolOffset = randomPool.length;

/** 16 lowercase hex digits, unique for each toggle. */
export function newMsgId(): string {
  if (poolOffset === randomPool.length) {
    randomFillSync(randomPool);
    poolOffset = 0;
  }
  const start = poolOffset;
  poolOffset += MSG_ID_BYTES;
  return randomPool.toString('hex', start, poolOffset);
}

/** The request as a frame; its JSON is compact, its keys in the order that the protocol fixes. */
export function encodeToggle({ deviceId, msgId, state }: ToggleRequest): Buffer {
  return encodeFrame(JSON.stringify({ opcode: 'toggle', device_id: deviceId, msg_id: msgId, state }));
}

/** The reply as a frame. */
export function encodeReply(reply: Reply): Buffer {
  const { kind: opcode, msgId: msg_id } = reply;
  return encodeFrame(
    JSON.stringify(
      reply.kind === 'ack' ? { opcode, msg_id, state: reply.state } : { opcode, msg_id, error: reply.error },
    ),
  );
}

/** Reads a request payload. Throws ProtocolError `bad_json` or `bad_message`. */
export function decodeToggle(payload: Uint8Array): ToggleRequest {
  const fields = parseObject(payload);
  if (fields.opcode !== 'toggle') throw badMessage('opcode', '"toggle"', fields.opcode);
  return {
    deviceId: text(fields, 'device_id'),
    msgId: text(fields, 'msg_id'),
    state: flag(fields, 'state'),
  };
}

/** Reads a reply payload. Throws ProtocolError `bad_json` or `bad_message`. */
export function decodeReply(payload: Uint8Array): Reply {
  const fields = parseObject(payload);
  const msgId = text(fields, 'msg_id');
  if (fields.opcode === 'ack') {
    return { kind: 'ack', msgId, ...('state' in fields && { state: flag(fields, 'state') }) };
  }
  if (fields.opcode === 'nack') {
    return { kind: 'nack', msgId, ...('error' in fields && { error: text(fields, 'error') }) };
  }
  throw badMessage('opcode', '"ack" or "nack"', fields.opcode);
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(payload: Uint8Array): Fields {
  if (!isUtf8(payload)) throw new ProtocolError('bad_json', 'the payload is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(asBuffer(payload).toString('utf8'));
  } catch (error) {
    throw new ProtocolError('bad_json', `the payload is not JSON: ${errorText(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badMessage('the payload', 'a JSON object', value);
  }
  return value as Fields;
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw badMessage(key, 'a string', value);
  return value;
}

function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw badMessage(key, 'true or false', value);
  return value;
}

function badMessage(what: string, accepted: string, value: unknown): ProtocolError {
  return new ProtocolError('bad_message', `${what} must be ${accepted}, not ${shown(value)}`);
}

/** A hostile value may be nested so deep that even writing it out would overflow the stack. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return printable(JSON.stringify(value).slice(0, 60));
}
