/** Statuses of a toggle node. Pure. */
import { CAUSE_NAMES } from '../../src/cause-names';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import { printable } from '../../src/printable';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { ConfirmedState } from '../phase0-device/device-node';
import { filled } from '../phrases';
import type { Status } from '../red';
import type { Trouble } from './served-ids';
import { STATUS_TEXTS } from './status-texts';

/** In English; editors translate it. */
function text(key: keyof typeof STATUS_TEXTS, values: Readonly<Record<string, unknown>> = {}): string {
  return filled(STATUS_TEXTS[key], values);
}

const stateText = (state: boolean) => text(state ? 'on' : 'off');

export function attemptStatus({ attempt, maxAttempts }: AttemptStart): Status {
  return { fill: 'blue', shape: 'ring', text: text('attempt', { attempt, max: maxAttempts }) };
}

export function retryStatus({ attempt, maxAttempts, retryInMs }: AttemptReport): Status {
  const seconds = (retryInMs / 1000).toFixed(1);
  return {
    fill: 'yellow',
    shape: 'ring',
    text: text('retry', { attempt: attempt + 1, max: maxAttempts, seconds }),
  };
}

export function waitingStatus(count: number): Status {
  return { fill: 'grey', shape: 'ring', text: text('waiting', { count }) };
}

/** The known state of the device, regardless of which node switched it. */
export function confirmedStatus({ state, beforeRestart }: ConfirmedState): Status {
  const shown = stateText(state);
  if (beforeRestart) return { fill: 'grey', shape: 'dot', text: text('beforeRestart', { state: shown }) };
  return { fill: 'green', shape: 'dot', text: shown };
}

/** The persistent connection is down, or is open again; with the state that is known. */
export function connectionStatus(isDown: boolean, confirmed: ConfirmedState | undefined): Status {
  if (!isDown) return confirmed ? confirmedStatus(confirmed) : { fill: 'grey', shape: 'dot', text: text('connected') };
  const shown = confirmed && confirmedStatus(confirmed).text;
  return {
    fill: 'red',
    shape: 'ring',
    text: shown === undefined ? text('notConnected') : text('stateNotConnected', { state: shown }),
  };
}

/** What is known of several device ids. */
export interface Group {
  readonly on: number;
  readonly count: number;
  /** Toggles are under way. */
  readonly isBusy: boolean;
  readonly isDown: boolean;
  /** Some of it was loaded from the store, and no toggle has confirmed it since. */
  readonly beforeRestart: boolean;
  readonly trouble: Trouble | undefined;
  readonly troubleCount: number;
}

export function groupStatus(group: Group): Status {
  const { isBusy, isDown, beforeRestart, trouble } = group;
  const shown = groupText(group);
  if (isBusy) return { fill: 'blue', shape: 'ring', text: shown };
  if (trouble) return { fill: 'red', shape: 'dot', text: shown };
  if (isDown) return { fill: 'red', shape: 'ring', text: shown };
  return { fill: beforeRestart ? 'grey' : 'green', shape: 'dot', text: shown };
}

function groupText({ on, count, isDown, beforeRestart, trouble, troubleCount }: Group): string {
  const counts = text('group', { on, count });
  const state = beforeRestart ? text('beforeRestart', { state: counts }) : counts;
  if (trouble) {
    const values = { state, deviceId: printable(trouble.deviceId), reason: trouble.reason, more: troubleCount - 1 };
    return text(troubleCount > 1 ? 'troubles' : 'trouble', values);
  }
  return isDown ? text('stateNotConnected', { state }) : state;
}

/** `isKept`: the connection stays open, as the settings ask for; a raw reply ends a persistent one. */
export function verdictStatus(verdict: Verdict, isKept = true): Status {
  const { outcome, reason, cause, circuit, attempts, latencyMs = 0 } = verdict;
  if (outcome === 'confirmed') {
    const values = { state: stateText(confirmedState(verdict) === true), ms: Math.round(latencyMs) };
    return { fill: 'green', shape: 'dot', text: text(isKept ? 'confirmed' : 'notKept', values) };
  }
  const why = cause ? CAUSE_NAMES[cause] : String(reason);
  if (reason === 'circuit_open') return { fill: 'red', shape: 'ring', text: text('circuitOpen') };
  if (circuit === 'open') return { fill: 'red', shape: 'ring', text: text('circuitOpened', { reason: why }) };
  if (attempts === 0) return { fill: 'red', shape: 'dot', text: why };
  const key = attempts === 1 ? 'failedOnce' : 'failed';
  return { fill: 'red', shape: 'dot', text: text(key, { reason: why, attempts }) };
}
