/** States as flows write them. Pure. */
import { show } from '../src/settings/show';

/** A state, or the opposite of the last confirmed one. */
export type RequestedState = boolean | 'flip';

const VALUES: ReadonlyMap<unknown, RequestedState> = new Map<unknown, RequestedState>([
  [true, true],
  [1, true],
  ['1', true],
  ['true', true],
  ['on', true],
  [false, false],
  [0, false],
  ['0', false],
  ['false', false],
  ['off', false],
  ['toggle', 'flip'],
  ['flip', 'flip'],
]);

/** The states that a node can ask for whatever the message has, by the type of the property. */
export const FIXED_STATES: Readonly<Record<string, RequestedState>> = { on: true, off: false, flip: 'flip' };

/** The requested state; undefined if the value is not a state. */
export function readState(value: unknown): RequestedState | undefined {
  return VALUES.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
}

/** What is accepted as a state, as text that follows "state must be". */
export const ACCEPTED_STATES = 'true, false, 1, 0, "on", "off" or "flip"';

/** The error for a value that is not a state. */
export function invalidState(value: unknown): string {
  return `state must be ${ACCEPTED_STATES}, not ${show(value)}`;
}
