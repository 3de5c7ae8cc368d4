/** Fields of phase0-group. Browser-safe: editor and runtime read the same ones. */
import { choice, flag, integer, text } from '../../src/settings/field';
import type { Migration, Saved } from '../saved';
import { TARGETS, targetMeant } from '../targets';

/** Where the members come from. */
export const MEMBERS_TYPES = ['msg', 'flow', 'global', 'jsonata', 'env', 'str'] as const;
/** Where the state comes from, or a fixed one. */
export const STATE_TYPES = ['msg', 'flow', 'global', 'jsonata', 'env', 'on', 'off', 'flip'] as const;

export const fields = {
  name: text({ max: 200, mayHoldReferences: true }),
  target: choice(TARGETS, 'inventory'),
  members: text({ default: 'topic', max: 100_000, mayHoldReferences: true }),
  membersType: choice(MEMBERS_TYPES, 'msg'),
  state: text({ default: 'payload', max: 10_000, mayHoldReferences: true }),
  stateType: choice(STATE_TYPES, 'msg'),
  concurrency: integer({ default: 0, min: 0, max: 10_000, unit: 'toggles, 0 = off' }),
  staggerMs: integer({ default: 0, min: 0, max: 600_000, unit: 'ms' }),
  stopOnFailure: flag(false),
} as const;

/** What a flow means by the settings that it leaves out, where that depends on others. */
export function meant(saved: Saved): Saved {
  return { target: targetMeant(saved, 'inventory') };
}

/** None so far. */
export const migrations: readonly Migration[] = [];
