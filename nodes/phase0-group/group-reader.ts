/** Reading of a message's group: its members, and the state that each of them is asked for. Sends nothing. */
import { membersOf, type MemberDirectory } from '../../src/inventory/members';
import { MAX_ROWS } from '../../src/inventory/check-rows';
import { errorText } from '../../src/printable';
import type { Settings } from '../../src/settings/field';
import { kindOf, show } from '../../src/settings/show';
import type { Message, Node, NodeApi } from '../red';
import { propertyReader } from '../property';
import { FIXED_STATES, invalidState, readState, type RequestedState } from '../requested-state';
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

export type ReadGroup = (msg: Message, directory: MemberDirectory | undefined) => Promise<GroupReading>;

/** Each member's own state. */
type Scene = ReadonlyMap<string, unknown>;

/** Throws when a JSONata expression among the settings does not compile. */
export function groupReader(RED: NodeApi, node: Node, settings: Settings<typeof fields>): ReadGroup {
  const { members, membersType, state, stateType } = settings;
  const readMembers = propertyReader(RED, node, members, membersType);
  const fixed = FIXED_STATES[stateType];
  const readRequested = fixed === undefined ? propertyReader(RED, node, state, stateType) : undefined;

  return async (msg, directory) => {
    let list: unknown;
    let asked: unknown = fixed;
    try {
      list = (await readMembers(msg)).value;
    } catch (error) {
      return { ok: false, error: `members could not be read: ${errorText(error)}` };
    }
    let unreadable: string | undefined;
    try {
      if (readRequested) asked = (await readRequested(msg)).value;
    } catch (error) {
      unreadable = `state could not be read: ${errorText(error)}`;
    }
    const state = readState(asked);
    const scene = state === undefined && unreadable === undefined ? sceneFrom(asked) : undefined;
    const found = scene && isNothing(list) ? membersOf([...scene.keys()]) : membersOf(list, directory);
    if (!found.ok) return found;
    const stateOf = (deviceId: string): Asked['state'] => {
      if (state !== undefined) return state;
      return scene ? stateIn(scene, deviceId) : { error: unreadable ?? invalidState(asked) };
    };
    const read = found.deviceIds.map((deviceId) => ({ deviceId, state: stateOf(deviceId) }));
    return { ok: true, members: read, state };
  };
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
