/** Owns message → command: evaluates the node's properties and reads the state. Sends nothing. */
import type { ToggleCommand } from '../../src/device/device';
import type { Dropped } from '../../src/verdict';
import type { Message, Node, NodeApi } from '../red';
import { invalidState, readState, type Wanted } from './message';
import { propertyReader, type ReadProperty } from './property';
import type { Settings } from '../../src/settings/field';
import type { fields } from './settings';

/** What a message asks for, or why it asks for nothing valid. */
export type Reading =
  | { readonly ok: true; readonly wanted: Wanted; readonly ids: Pick<ToggleCommand, 'deviceId' | 'msgId'> }
  | { readonly ok: false; readonly dropped: Dropped };

export type ReadCommand = (msg: Message, ownDeviceId: string) => Promise<Reading>;

const FIXED: Readonly<Record<string, Wanted>> = { on: true, off: false, flip: 'flip' };

/** Throws when a JSONata expression among the settings does not compile. */
export function commandReader(RED: NodeApi, node: Node, settings: Settings<typeof fields>): ReadCommand {
  const { state, stateType, deviceId, deviceIdType, msgId, msgIdType } = settings;
  const fixed = FIXED[stateType];
  const readWanted: ReadProperty =
    fixed === undefined ? propertyReader(RED, node, state, stateType) : () => Promise.resolve(fixed);
  const readDeviceId = deviceIdType === 'device' ? undefined : propertyReader(RED, node, deviceId, deviceIdType);
  const readMsgId = msgIdType === 'auto' ? undefined : propertyReader(RED, node, msgId, msgIdType);

  return async (msg, ownDeviceId) => {
    const ids: { deviceId?: string; msgId?: string } = {};
    try {
      // What is no text passes here: the device checks ids wherever they come from.
      if (readDeviceId) ids.deviceId = (await readDeviceId(msg)) as string;
      if (readMsgId) ids.msgId = (await readMsgId(msg)) as string;
    } catch (error) {
      return refused('invalid_settings', (error as Error).message, ownDeviceId);
    }
    const addressed = typeof ids.deviceId === 'string' ? ids.deviceId : ownDeviceId;
    try {
      const value = await readWanted(msg);
      const wanted = readState(value);
      return wanted === undefined
        ? refused('invalid_state', invalidState(value), addressed)
        : { ok: true, wanted, ids };
    } catch (error) {
      return refused('invalid_state', `state could not be read: ${(error as Error).message}`, addressed);
    }
  };
}

function refused(reason: 'invalid_state' | 'invalid_settings', error: string, deviceId: string): Reading {
  return { ok: false, dropped: { reason, error, deviceId } };
}
