/** Reading of a message's command: the state and ids that the node's properties find in it. Sends nothing. */
import { errorText } from '../../src/printable';
import type { ToggleCommand } from '../../src/device/device';
import { givenDeviceId } from '../../src/settings/device';
import { problemWith, type Settings } from '../../src/settings/field';
import { show } from '../../src/settings/show';
import type { Dropped } from '../../src/verdict';
import type { Message, Node, NodeApi } from '../red';
import { expressionProblem, propertyReader, type ReadProperty } from '../property';
import { FIXED_STATES, invalidState, readState } from '../requested-state';
import type { fields } from './settings';

/** The command of a message, or why it has no valid one. */
export type Reading =
  | { readonly ok: true; readonly command: Pick<ToggleCommand, 'state' | 'deviceId' | 'msgId'> }
  | { readonly ok: false; readonly dropped: Dropped };

export type ReadCommand = (msg: Message, ownDeviceId: string) => Promise<Reading>;

/** What is wrong with each JSONata expression among the settings that does not compile. */
export function expressionProblems(RED: NodeApi, node: Node, settings: Settings<typeof fields>): string[] {
  return (['state', 'deviceId', 'msgId'] as const).flatMap(
    (name) => expressionProblem(RED, node, name, settings[name], settings[`${name}Type`]) ?? [],
  );
}

/** For settings whose expressions compile. */
export function commandReader(RED: NodeApi, node: Node, settings: Settings<typeof fields>): ReadCommand {
  const { state, stateType, deviceId, deviceIdType, msgId, msgIdType } = settings;
  const fixed = FIXED_STATES[stateType];
  const readRequestedState: ReadProperty =
    fixed === undefined ? propertyReader(RED, node, state, stateType) : () => Promise.resolve({ value: fixed });
  const readDeviceId = deviceIdType === 'device' ? undefined : propertyReader(RED, node, deviceId, deviceIdType);
  const readMsgId = msgIdType === 'auto' ? undefined : propertyReader(RED, node, msgId, msgIdType);

  return async (msg, ownDeviceId) => {
    const ids: { deviceId?: string; msgId?: string } = {};
    try {
      if (readDeviceId) ids.deviceId = deviceIdFrom((await readDeviceId(msg)).value);
      if (readMsgId) ids.msgId = msgIdFrom((await readMsgId(msg)).value);
    } catch (error) {
      // Uses the device's own id, because an invalid id must not become a metric series.
      return refused('invalid_settings', errorText(error), ownDeviceId);
    }
    const addressed = ids.deviceId ?? ownDeviceId;
    try {
      const { value } = await readRequestedState(msg);
      const requested = readState(value);
      return requested === undefined
        ? refused('invalid_state', invalidState(value), addressed)
        : { ok: true, command: { state: requested, ...ids } };
    } catch (error) {
      return refused('invalid_state', `state could not be read: ${errorText(error)}`, addressed);
    }
  };
}

/** A number is taken as text, and text is trimmed as in the settings; throws with what is wrong with anything else. */
function deviceIdFrom(value: unknown): string {
  const id = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  const problem = problemWith('deviceId', givenDeviceId, id);
  if (problem !== undefined) throw new Error(problem);
  return (id as string).trim();
}

/** Which text is an id, the device decides. */
function msgIdFrom(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`msgId must be 1 to 64 printable ASCII characters, not ${show(value)}`);
}

function refused(reason: 'invalid_state' | 'invalid_settings', error: string, deviceId: string): Reading {
  return { ok: false, dropped: { reason, error, deviceId } };
}
