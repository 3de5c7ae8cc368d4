/** Reading of a message's command: the state and ids that the node's properties find in it. Sends nothing. */
import { errorText, printable } from '../../src/printable';
import type { ToggleCommand } from '../../src/device/device';
import { givenDeviceId } from '../../src/settings/device';
import { problemWith, type Settings } from '../../src/settings/field';
import { show } from '../../src/settings/show';
import type { Dropped } from '../../src/verdict';
import type { Message, Node, NodeApi } from '../red';
import { SettingReader, type PropertyReader } from '../property';
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

/** Of a node whose expressions compile. */
export class CommandReader {
  private readonly state: PropertyReader;
  private readonly deviceId: PropertyReader | undefined;
  private readonly msgId: PropertyReader | undefined;

  constructor(RED: NodeApi, node: Node, settings: Settings<typeof fields>) {
    const readerOf = (name: keyof typeof ACCEPTED) => new SettingReader(RED, node, settings, name, ACCEPTED[name]);
    const fixed = FIXED_STATES[settings.stateType];
    this.state = fixed === undefined ? readerOf('state') : { read: () => Promise.resolve({ value: fixed }) };
    this.deviceId = settings.deviceIdType === 'device' ? undefined : readerOf('deviceId');
    this.msgId = settings.msgIdType === 'auto' ? undefined : readerOf('msgId');
  }

  /** Ends soon after `signal` aborts. */
  async read(msg: Message, ownDeviceId: string, signal: AbortSignal): Promise<Reading> {
    const ids: { deviceId?: string; msgId?: string } = {};
    const problems: string[] = [];
    try {
      if (this.deviceId) ids.deviceId = deviceIdFrom((await this.deviceId.read(msg, signal)).value);
    } catch (error) {
      problems.push(errorText(error));
    }
    try {
      if (this.msgId) ids.msgId = msgIdFrom((await this.msgId.read(msg, signal)).value);
    } catch (error) {
      problems.push(errorText(error));
    }
    // The device's own id stands in for an invalid one, which must not become a metric series.
    const known = { deviceId: ids.deviceId ?? ownDeviceId, msgId: printable(ids.msgId ?? '') };
    if (problems.length > 0) return refused('invalid_settings', problems.join('; '), known);
    try {
      const { value } = await this.state.read(msg, signal);
      const requested = readState(value);
      return requested === undefined
        ? refused('invalid_state', invalidState(value), known)
        : { ok: true, command: { state: requested, ...ids } };
    } catch (error) {
      return refused('invalid_state', errorText(error), known);
    }
  }
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
