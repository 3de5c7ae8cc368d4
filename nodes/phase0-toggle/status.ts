/** Statuses of a toggle node. Pure. */
import { CAUSE_WORDS } from '../../src/causes';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import { printable } from '../../src/printable';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { ConfirmedState } from '../phase0-device/device-node';
import { filled } from '../phrases';
import type { Status } from '../red';
import { STATUS_TEXTS } from './status-texts';

/** In English; editors translate it. */
function text(key: keyof typeof STATUS_TEXTS, values: Readonly<Record<string, unknown>> = {}): string {
  return filled(STATUS_TEXTS[key], values);
}

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

export function settingStatus(problem: string): Status {
  return { fill: 'red', shape: 'ring', text: printable(problem) };
}

/** The known state of the device, regardless of which node switched it. */
export function confirmedStatus({ state, beforeRestart }: ConfirmedState): Status {
  const shown = text(state ? 'on' : 'off');
  if (beforeRestart) return { fill: 'grey', shape: 'dot', text: text('beforeRestart', { state: shown }) };
  return { fill: 'green', shape: 'dot', text: shown };
}

export function verdictStatus(verdict: Verdict): Status {
  const { outcome, reason, cause, circuit, attempts, latencyMs = 0 } = verdict;
  if (outcome === 'confirmed') {
    const state = text(confirmedState(verdict) ? 'on' : 'off');
    return { fill: 'green', shape: 'dot', text: text('confirmed', { state, ms: Math.round(latencyMs) }) };
  }
  const why = cause ? CAUSE_WORDS[cause].short : String(reason);
  if (reason === 'circuit_open') return { fill: 'red', shape: 'ring', text: text('circuitOpen') };
  if (circuit === 'open') return { fill: 'red', shape: 'ring', text: text('circuitOpened', { reason: why }) };
  if (reason === 'invalid_settings') return settingStatus(verdict.error ?? reason);
  if (attempts === 0) return { fill: 'red', shape: 'dot', text: why };
  const key = attempts === 1 ? 'failedOnce' : 'failed';
  return { fill: 'red', shape: 'dot', text: text(key, { reason: why, attempts }) };
}
