/** Fields of phase0-toggle. Browser-safe: editor and runtime read the same ones. */
import { choice, text } from '../../src/settings/field';
import type { Migration, Saved } from '../saved';
import { TARGETS, targetMeant } from '../targets';

/** Where the state comes from, or a fixed one. */
export const STATE_TYPES = ['msg', 'flow', 'global', 'jsonata', 'env', 'on', 'off', 'flip'] as const;
/** Where the device id comes from; `device` = the config node's own. */
export const DEVICE_ID_TYPES = ['device', 'str', 'msg', 'flow', 'global', 'jsonata', 'env'] as const;
/** Where the msg_id comes from; `auto` = a new one for each toggle. */
export const MSG_ID_TYPES = ['auto', 'msg', 'flow', 'global', 'jsonata'] as const;
/** When a toggle that was not confirmed is raised as a node error; `auto` = when output 2 has no wire. */
export const ERROR_MODES = ['auto', 'always', 'never'] as const;

export const fields = {
  name: text({ max: 200, mayHoldReferences: true }),
  target: choice(TARGETS, 'device'),
  state: text({ default: 'payload', max: 10_000, mayHoldReferences: true }),
  stateType: choice(STATE_TYPES, 'msg'),
  deviceId: text({ max: 10_000, mayHoldReferences: true }),
  deviceIdType: choice(DEVICE_ID_TYPES, 'device'),
  msgId: text({ max: 10_000, mayHoldReferences: true }),
  msgIdType: choice(MSG_ID_TYPES, 'auto'),
  errors: choice(ERROR_MODES, 'auto'),
} as const;

/** What a flow means by the settings that it leaves out, where that depends on others. */
export function meant(saved: Saved): Saved {
  const target = saved.target ?? targetMeant(saved, 'device');
  // One of many devices is named by the topic.
  return target === 'inventory' || target === 'fleet' ? { target, deviceId: 'topic', deviceIdType: 'msg' } : { target };
}

/** Why a device id cannot come from the config node, by what the node switches by; by their key in the locale files. */
export const ID_TEXTS = {
  idOfInventory: 'deviceIdType must say where the device id comes from, such as msg.topic: an inventory has many',
  idOfFleet: 'deviceIdType must say where the device id comes from, such as msg.topic: a fleet has many',
} as const;

/** What is wrong with where the device id comes from, given what the node switches by. */
export function deviceIdProblem(target: unknown, deviceIdType: unknown): string | undefined {
  if (deviceIdType !== 'device') return undefined;
  if (target === 'inventory') return ID_TEXTS.idOfInventory;
  return target === 'fleet' ? ID_TEXTS.idOfFleet : undefined;
}

/** None so far: what flows of the first release lack means the same as its default. */
export const migrations: readonly Migration[] = [];
