/** A command on its way to a worker: written by requesters, and read by workers as what anybody may have sent. */
import type { DropReason } from '../outcomes';
import { printable } from '../printable';
import { givenDeviceId } from '../settings/device';
import { problemWith } from '../settings/field';
import { show } from '../settings/show';
import { droppedVerdict, type Verdict } from '../verdict';
import type { BrokerMessage } from './amqp/broker';

export interface FleetCommand {
  readonly deviceId: string;
  readonly msgId: string;
  readonly state: boolean | 'flip';
  /** When it was sent, in ms since 1970. */
  readonly sentAt?: number;
  /** The queue that waits for its verdict. */
  readonly replyTo?: string;
}

/** What is wrong with a message, with its ids as far as they are known. */
export interface UnreadableCommand {
  readonly reason: Extract<DropReason, 'invalid_command' | 'invalid_state' | 'invalid_settings'>;
  readonly error: string;
  readonly deviceId: string;
  readonly msgId: string;
  readonly replyTo?: string;
}

/** Far more than a command needs. */
const MAX_COMMAND_BYTES = 16_384;
/** What AMQP allows for a routing key, in UTF-8. */
const MAX_ROUTING_KEY_BYTES = 255;
/** 1 to 64 printable ASCII characters, as on the wire to a device. */
const MSG_ID = /^[\x20-\x7e]{1,64}$/;
const REPLY_QUEUE = /^[\w.:-]{1,200}$/;

/** Why a device id cannot be sent through the broker, if so. */
export function routingProblem(deviceId: string): string | undefined {
  const bytes = Buffer.byteLength(deviceId);
  if (bytes <= MAX_ROUTING_KEY_BYTES) return undefined;
  const accepted = `at most ${MAX_ROUTING_KEY_BYTES} bytes in UTF-8 to be switched by a fleet`;
  return `deviceId must have ${accepted}, and ${show(deviceId)} has ${bytes}`;
}

export function encodeCommand({ deviceId, msgId, state, sentAt }: FleetCommand): Buffer {
  return Buffer.from(JSON.stringify({ device_id: deviceId, msg_id: msgId, state, sent_at: sentAt }));
}

/**
 * The verdict on a command whose msg_id another one for its device has, which asks for another state: neither of the two
 * may get the verdict on the other one.
 */
export function otherState({ deviceId, msgId, state }: FleetCommand, asked: FleetCommand['state']): Verdict {
  const error = `msg_id ${show(msgId)} was used for another command for this device: ${String(asked)}`;
  const own = typeof state === 'boolean' ? { state } : {};
  return droppedVerdict({ reason: 'invalid_command', error, deviceId, msgId, ...own });
}

/** Never throws. */
export function readCommand(message: BrokerMessage): FleetCommand | UnreadableCommand {
  const replyTo =
    typeof message.replyTo === 'string' && REPLY_QUEUE.test(message.replyTo) ? message.replyTo : undefined;
  const reply = replyTo !== undefined && { replyTo };
  // The sender may have named them beside the body, too.
  const known = { deviceId: printable(message.routingKey), msgId: idOf(message.messageId), ...reply };
  const unreadable = (reason: UnreadableCommand['reason'], error: string): UnreadableCommand => {
    return { reason, error, ...known };
  };
  const fields = fieldsOf(message.body);
  if (typeof fields === 'string') return unreadable('invalid_command', fields);
  const { device_id: deviceId, msg_id: msgId, state, sent_at: sentAt } = fields;
  const problem = problemWith('device_id', givenDeviceId, deviceId);
  if (problem !== undefined || typeof deviceId !== 'string') return unreadable('invalid_command', problem ?? '');
  if (deviceId !== message.routingKey) {
    // Its queue may be another than that of the other commands for the device, and its order unknown.
    return unreadable('invalid_command', `the routing key must be the device_id, ${show(deviceId)}`);
  }
  if (typeof msgId !== 'string' || !MSG_ID.test(msgId)) {
    const error = `msg_id must be 1 to 64 printable ASCII characters, not ${show(msgId)}`;
    return unreadable('invalid_settings', error);
  }
  if (typeof state !== 'boolean' && state !== 'flip') {
    const error = `state must be true, false or "flip", not ${show(state)}`;
    return { ...unreadable('invalid_state', error), msgId };
  }
  const isTime = typeof sentAt === 'number' && Number.isSafeInteger(sentAt) && sentAt > 0;
  return { deviceId, msgId, state, ...(isTime && { sentAt }), ...reply };
}

/** The fields of the JSON object, or what it is instead. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> | string {
  let value = body;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_COMMAND_BYTES) return `a command has at most ${MAX_COMMAND_BYTES} bytes, not ${bytes}`;
    try {
      value = JSON.parse(body.toString());
    } catch {
      return 'a command must be JSON';
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `a command must be a JSON object, not ${show(value)}`;
  }
  return value as Readonly<Record<string, unknown>>;
}

function idOf(messageId: unknown): string {
  return typeof messageId === 'string' && MSG_ID.test(messageId) ? messageId : '';
}
