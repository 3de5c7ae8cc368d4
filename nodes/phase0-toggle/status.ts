/** Statuses of a toggle node. Pure. */
import type { AttemptReport, AttemptStart } from '../../src/observer';
import { printable } from '../../src/printable';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { ConfirmedState } from '../phase0-device/device-node';
import type { Status } from '../red';

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
  return { fill: 'red', shape: 'ring', text: translate('setting', { problem: printable(problem) }) };
}

/** The known state of the device, regardless of which node switched it. */
export function confirmedStatus({ state, beforeRestart }: ConfirmedState, translate: Translate): Status {
  const text = translate(state ? 'on' : 'off', {});
  if (beforeRestart) return { fill: 'grey', shape: 'dot', text: translate('beforeRestart', { state: text }) };
  return { fill: 'green', shape: 'dot', text };
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
