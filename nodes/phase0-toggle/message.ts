/** Owns message → state, and verdict → outputs and status. Pure. */
import { show } from '../../src/settings/field';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import { confirmedState, describeVerdict, type Verdict } from '../../src/verdict';
import type { Message, Status } from '../red';

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

/** Who speaks: the node, as a Catch node would name it. */
export interface Source {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** The input message with what became of it: output 1 when confirmed, output 2 otherwise. */
export function verdictOutputs(msg: Message, verdict: Verdict, source: Source): (Message | null)[] {
  const told = { ...msg, attempts: verdict.attempts, phase0: verdict };
  if (verdict.outcome === 'confirmed') return [{ ...told, payload: confirmedState(verdict) }, null, null];
  return [null, { ...told, error: { code: verdict.reason, message: describeVerdict(verdict), source } }, null];
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

/** Text of a status, by its key in the locale file. */
export type Translate = (key: string, values: Readonly<Record<string, unknown>>) => string;

export function attemptStatus({ attempt, maxAttempts }: AttemptStart, translate: Translate): Status {
  return { fill: 'blue', shape: 'ring', text: translate('attempt', { attempt, max: maxAttempts }) };
}

export function retryStatus({ attempt, maxAttempts, retryInMs }: AttemptReport, translate: Translate): Status {
  const seconds = (retryInMs / 1000).toFixed(1);
  return {
    fill: 'yellow',
    shape: 'ring',
    text: translate('retry', { attempt: attempt + 1, max: maxAttempts, seconds }),
  };
}

export function waitingStatus(count: number, translate: Translate): Status {
  return { fill: 'grey', shape: 'ring', text: translate('waiting', { count }) };
}

export function settingStatus(problem: string, translate: Translate): Status {
  return { fill: 'red', shape: 'ring', text: translate('setting', { problem }) };
}

export function verdictStatus(verdict: Verdict, translate: Translate): Status {
  const { outcome, reason, circuit, attempts, latencyMs = 0 } = verdict;
  if (outcome === 'confirmed') {
    const state = translate(confirmedState(verdict) ? 'on' : 'off', {});
    return { fill: 'green', shape: 'dot', text: translate('confirmed', { state, ms: Math.round(latencyMs) }) };
  }
  if (reason === 'circuit_open') return { fill: 'red', shape: 'ring', text: translate('circuitOpen', {}) };
  if (circuit === 'open') return { fill: 'red', shape: 'ring', text: translate('circuitOpened', { reason }) };
  if (reason === 'invalid_settings') return settingStatus(verdict.error ?? reason, translate);
  if (attempts === 0) return { fill: 'red', shape: 'dot', text: String(reason) };
  return {
    fill: 'red',
    shape: 'dot',
    text: translate(attempts === 1 ? 'failedOnce' : 'failed', { reason, attempts }),
  };
}
