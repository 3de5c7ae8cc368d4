/** Reading of a message's group: its members, and the state that each of them is asked for. Sends nothing. */
import { membersOf, type MemberDirectory } from '../../src/inventory/members';
import { MAX_ROWS } from '../../src/inventory/check-rows';
import { errorText } from '../../src/printable';
import type { Settings } from '../../src/settings/field';
import { kindOf, show } from '../../src/settings/show';
import type { Message, Node, NodeApi } from '../red';
import { SettingReader, type PropertyReader } from '../property';
import { ACCEPTED_STATES, FIXED_STATES, invalidState, readState, type RequestedState } from '../requested-state';
import type { fields } from './settings';

/** A member with its state, or with the reason why it has none. */
export interface Asked {
  readonly deviceId: string;
  readonly state: RequestedState | { readonly error: string };
}

/** The group of a message, or why it has none. */
export type GroupReading =
  | {
      readonly ok: true;
      readonly members: readonly Asked[];
      /** Where the message has one state for all; undefined with a scene. */
      readonly state: RequestedState | undefined;
    }
  | { readonly ok: false; readonly error: string };

/** Ends soon after `signal` aborts. */
export type ReadGroup = (
  msg: Message,
  directory: MemberDirectory | undefined,
  signal: AbortSignal,
) => Promise<GroupReading>;

/** Each member's own state. */
type Scene = ReadonlyMap<string, unknown>;

/** What each property may be, as text that follows "must be". */
const ACCEPTED = {
  members: 'a text or an array of device ids',
  state: `${ACCEPTED_STATES}, or an object of them by device id`,
} as const;

/** For settings whose expressions compile. */
export function groupReader(RED: NodeApi, node: Node, settings: Settings<typeof fields>): ReadGroup {
  const readerOf = (name: keyof typeof ACCEPTED) => new SettingReader(RED, node, settings, name, ACCEPTED[name]);
  const memberList = readerOf('members');
  const fixed = FIXED_STATES[settings.stateType];
  const states: PropertyReader =
    fixed === undefined ? readerOf('state') : { read: () => Promise.resolve({ value: fixed }) };

  return async (msg, directory, signal) => {
    const list = await valueOf(memberList.read(msg, signal));
    if ('error' in list) return { ok: false, error: list.error };
    const asked = await valueOf(states.read(msg, signal));
    const state = 'value' in asked ? readState(asked.value) : undefined;
    const scene = state === undefined && 'value' in asked ? sceneFrom(asked.value) : undefined;
    const found = scene && isNothing(list.value) ? membersOf([...scene.keys()]) : membersOf(list.value, directory);
    if (!found.ok) return found;
    const stateOf = (deviceId: string): Asked['state'] => {
      if (state !== undefined) return state;
      if (scene) return stateIn(scene, deviceId);
      return { error: 'error' in asked ? asked.error : invalidState(asked.value) };
    };
    return { ok: true, state, members: found.deviceIds.map((deviceId) => ({ deviceId, state: stateOf(deviceId) })) };
  };
}

/** The value of a property, or why it could not be read. */
async function valueOf(reading: ReturnType<PropertyReader['read']>): Promise<{ value: unknown } | { error: string }> {
  try {
    return { value: (await reading).value };
  } catch (error) {
    return { error: errorText(error) };
  }
}

/** The entries of an object of states by device id; undefined if the value is none. */
function sceneFrom(value: unknown): Scene | undefined {
  if (typeof value !== 'object' || value === null || kindOf(value) !== 'an object') return undefined;
  try {
    const entries = Object.entries(value);
    return entries.length > MAX_ROWS ? undefined : new Map(entries.map(([id, state]) => [id.trim(), state]));
  } catch {
    // A getter or a Proxy threw.
    return undefined;
  }
}

function stateIn(scene: Scene, deviceId: string): Asked['state'] {
  if (!scene.has(deviceId)) return { error: `the scene has no state for ${show(deviceId)}` };
  const value = scene.get(deviceId);
  return readState(value) ?? { error: invalidState(value) };
}

/** A message that names no members means all those of its scene. */
function isNothing(list: unknown): boolean {
  return list === undefined || (typeof list === 'string' && list.trim() === '');
}
