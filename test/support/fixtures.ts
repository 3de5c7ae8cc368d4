/** Fixtures of most tests: the simulated device, unique ids, the metrics port, and a fake clock. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../src/clock';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { SimulatorSettings } from '../../src/settings/simulator';

/** The metrics endpoint under test; the one fixed port of the suite. */
export const METRICS_PORT = 19_400;

/** A fresh id, so that no two tests share a metric series. */
export function uniqueDeviceId(): string {
  return `TEST-${randomBytes(6).toString('hex')}`;
}

/** A simulated device on a free port around each test of the suite. */
export function useSimulator(options: Partial<SimulatorSettings> = {}): () => DeviceSimulator {
  let simulator: DeviceSimulator;
  beforeEach(async () => {
    simulator = new DeviceSimulator({ port: 0, ...options });
    await simulator.start();
  });
  afterEach(() => simulator.close());
  return () => simulator;
}

export interface FakeClock extends Clock {
  readonly pendingTimers: number;
  /** Moves time on, firing what falls due in order; promises settle in between. */
  advance(ms: number): Promise<void>;
}

export function fakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly fire: () => void }>();
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const after: Clock['after'] = (ms, fire) => {
    const timer = { dueMs: nowMs + ms, fire };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  return {
    now: () => nowMs,
    after,
    afterReading: (fire) => after(0, fire),
    get pendingTimers() {
      return timers.size;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settled();
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs);
        if (!next) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.fire();
        await settled();
      }
      nowMs = endMs;
    },
  };
}

/** Settings of a device of which a test names only what it is about: one attempt by default. */
export function settingsWith(settings: Partial<DeviceSettings>): DeviceSettings {
  const parsed = parseSettings(deviceFields, { deviceId: 'lamp', host: '127.0.0.1', maxAttempts: 1, ...settings });
  assert.ok(parsed.ok);
  return parsed.settings;
}
