/** Answers of the trace routes, for tests of what reads them. */
import type { DeviceSummary, DevicesAnswer, TogglesAnswer } from '../../src/trace/answers';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';

export function summary(given: Partial<DeviceSummary> = {}): DeviceSummary {
  const { deviceId = 'lamp-1' } = given;
  return {
    key: deviceId,
    nodeId: 'd1',
    nodeType: 'phase0-inventory',
    deviceId,
    running: false,
    queue: 0,
    counts: { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 },
    ...given,
  };
}

export function devicesAnswer(given: Partial<DevicesAnswer> = {}): DevicesAnswer {
  return {
    cursor: 'c',
    now: 0,
    reset: false,
    more: false,
    devices: [],
    removed: [],
    traceBytes: 4_194_304,
    hidden: 0,
    ...given,
  };
}

export function timelineOf(given: Partial<ToggleTimeline> = {}): ToggleTimeline {
  return {
    seq: 1,
    nodeId: 'd1',
    deviceId: 'lamp-1',
    msgId: 'm',
    at: 0,
    outcome: 'confirmed',
    elapsedUs: 1000,
    attempts: [],
    steps: [],
    ...given,
  };
}

export function togglesAnswer(given: Partial<TogglesAnswer> = {}): TogglesAnswer {
  return { cursor: 'c', now: 0, reset: false, more: false, toggles: [], dropped: 0, ...given };
}
