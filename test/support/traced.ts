/** A device whose toggles a trace recorder records, over fake sockets and under a fake clock. */
import { Device } from '../../src/device/device';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import { TraceRecorder, type TraceOptions } from '../../src/trace/recorder';
import type { TraceOwner, TracedSettings } from '../../src/trace/trace-owner';
import { FakeNetwork } from './fake-sockets';
import { fakeClock } from './fixtures';

/** When the fake clock begins. */
export const STARTED_AT_MS = Date.UTC(2026, 0, 1);

const SETTINGS: TracedSettings = { address: { host: '10.0.0.5', port: 9000, tls: false }, reply: 'auto' };

/** An owner of a single device. */
export function ownerOf(...deviceIds: readonly string[]): TraceOwner {
  return { nodeId: 'n1', nodeType: 'phase0-device', deviceIds, isComplete: false, settingsOf: () => SETTINGS };
}

/** An owner of rows. */
export function inventoryOf(nodeId: string, deviceIds: readonly string[]): TraceOwner {
  const settingsOf = (id: string) => (deviceIds.includes(id) ? { ...SETTINGS, tags: ['hall'] } : undefined);
  return { nodeId, nodeType: 'phase0-inventory', deviceIds, isComplete: true, settingsOf };
}

interface TracedOptions extends Pick<TraceOptions, 'maxBytes'> {
  /** By how much the clock of the recorder is later with each reading of it. */
  readonly delayMs?: number;
}

export function tracedDevice(settings: object = {}, { delayMs = 0, ...options }: TracedOptions = {}) {
  const clock = fakeClock();
  const network = new FakeNetwork();
  const start = clock.now();
  const unixTimeMs = () => STARTED_AT_MS + clock.now() - start;
  let readings = 0;
  const now = () => clock.now() + delayMs * readings++;
  const recorder = new TraceRecorder({ ...options, now, unixTimeMs });
  const parsed = parseSettings(deviceFields, { deviceId: 'lamp', host: '10.0.0.5', ...settings });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const observers = [recorder.observer(ownerOf('lamp'))];
  const device = new Device(parsed.settings, { observers, connect: network.connect, clock, random: () => 0 });
  return { clock, network, recorder, device };
}
