/** Reading of a message's command: the state and ids that the node's properties find in it. Sends nothing. */
import { errorText, printable } from '../../src/printable';
import type { ToggleCommand } from '../../src/device/device';
import { givenDeviceId } from '../../src/settings/device';
import { problemWith, type Settings } from '../../src/settings/field';
import { show } from '../../src/settings/show';
import type { Dropped } from '../../src/verdict';
import type { Message, Node, NodeApi } from '../red';
import { settingReader } from '../property';
import { ACCEPTED_STATES, FIXED_STATES, invalidState, readState } from '../requested-state';
import type { fields } from './settings';

/** The command of a message, or why it has no valid one. */
export type Reading =
  | { readonly ok: true; readonly command: Pick<ToggleCommand, 'state' | 'deviceId' | 'msgId'> }
  | { readonly ok: false; readonly dropped: Dropped };

/** What each property may be, as text that follows "must be". */
const ACCEPTED = {
  state: ACCEPTED_STATES,
  deviceId: givenDeviceId.accepts,
  msgId: '1 to 64 printable ASCII characters',
} as const;

/** Ends soon after `signal` aborts. */
export type ReadCommand = (msg: Message, ownDeviceId: string, signal: AbortSignal) => Promise<Reading>;

/** For settings whose expressions compile. */
export function commandReader(RED: NodeApi, node: Node, settings: Settings<typeof fields>): ReadCommand {
  const readerOf = (name: keyof typeof ACCEPTED) => settingReader(RED, node, settings, name, ACCEPTED[name]);
  const fixed = FIXED_STATES[settings.stateType];
  const readRequestedState = fixed === undefined ? readerOf('state') : () => Promise.resolve({ value: fixed });
  const readDeviceId = settings.deviceIdType === 'device' ? undefined : readerOf('deviceId');
  const readMsgId = settings.msgIdType === 'auto' ? undefined : readerOf('msgId');

  return async (msg, ownDeviceId, signal) => {
    const ids: { deviceId?: string; msgId?: string } = {};
    const problems: string[] = [];
    try {
      if (readDeviceId) ids.deviceId = deviceIdFrom((await readDeviceId(msg, signal)).value);
    } catch (error) {
      problems.push(errorText(error));
    }
    try {
      if (readMsgId) ids.msgId = msgIdFrom((await readMsgId(msg, signal)).value);
    } catch (error) {
      problems.push(errorText(error));
    }
    // The device's own id stands in for an invalid one, which must not become a metric series.
    const known = { deviceId: ids.deviceId ?? ownDeviceId, msgId: printable(ids.msgId ?? '') };
    if (problems.length > 0) return refused('invalid_settings', problems.join('; '), known);
    try {
      const { value } = await readRequestedState(msg, signal);
      const requested = readState(value);
      return requested === undefined
        ? refused('invalid_state', invalidState(value), known)
        : { ok: true, command: { state: requested, ...ids } };
    } catch (error) {
      return refused('invalid_state', errorText(error), known);
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
  throw new Error(`msgId must be ${ACCEPTED.msgId}, not ${show(value)}`);
}

function refused(
  reason: 'invalid_state' | 'invalid_settings',
  error: string,
  known: Pick<Dropped, 'deviceId' | 'msgId'>,
): Reading {
  return { ok: false, dropped: { reason, error, ...known } };
}
