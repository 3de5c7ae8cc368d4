/** Message → state, and verdict → output messages. */
import { show } from '../../src/settings/field';
import type { AttemptReport } from '../../src/observer';
import { confirmedState, describeVerdict, type Verdict } from '../../src/verdict';
import type { Message } from '../red';

/** A word for a state, or for the opposite of the last confirmed one. */
export type Wanted = boolean | 'flip';

const WORDS: ReadonlyMap<unknown, Wanted> = new Map<unknown, Wanted>([
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

/** The state that a value stands for; undefined when it stands for none. */
export function readState(value: unknown): Wanted | undefined {
  return WORDS.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
}

/** What is wrong with a value that is no state. */
export function invalidState(value: unknown): string {
  return `state must be true, false, 1, 0, "on", "off" or "flip", not ${show(value)}`;
}

/** The node that an error comes from, as a Catch node names it. */
export interface Source {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** The message with the verdict on it. */
export function withVerdict(msg: Message, verdict: Verdict): Message {
  return { ...msg, attempts: verdict.attempts, phase0: verdict };
}

/** The input message with its verdict: by output 1 when confirmed, by output 2 otherwise. */
export function verdictOutputs(msg: Message, verdict: Verdict, source: Source): (Message | null)[] {
  const output = withVerdict(msg, verdict);
  if (verdict.outcome === 'confirmed') {
    // An error of an earlier node is not one of this toggle.
    const { error: _, ...rest } = output;
    return [{ ...rest, payload: confirmedState(verdict) }, null, null];
  }
  return [null, { ...output, error: { code: verdict.reason, message: describeVerdict(verdict), source } }, null];
}

/** An attempt as it ended, as a message of its own for output 3. */
export function attemptOutputs(msg: Message, report: AttemptReport): (Message | null)[] {
  const { error: _, ...phase0 } = report;
  const attempt: Message = { payload: report.attempt, topic: report.deviceId, phase0 };
  if (msg._msgid !== undefined) attempt._msgid = msg._msgid;
  return [null, null, attempt];
}

/** The verdict as an error to raise; `code` is its reason. */
export function verdictError(verdict: Verdict): Error {
  return Object.assign(new Error(describeVerdict(verdict)), { code: verdict.reason });
}
