/** Owns the Test of the device dialog: one toggle with values that need not be deployed, told as it goes. Not counted. */
import { Device } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import type { TlsOptions } from '../../src/transport/tls';
import { droppedVerdict } from '../../src/verdict';
import { fields } from './settings';
import type { DeviceTestEvent } from './device-test-event';

export interface DeviceTest {
  /** Resolves when the verdict was told; never rejects for what the device or the settings are. */
  readonly done: Promise<void>;
  /** Ends it early; the verdict is `closed`. */
  cancel(): void;
}

/** Starts a test; `tls` may throw with what is wrong with its certificates. */
export function startDeviceTest(
  raw: Readonly<Record<string, unknown>>,
  state: boolean,
  tls: () => TlsOptions | undefined,
  tell: (line: DeviceTestEvent) => void,
): DeviceTest {
  let device: Device;
  try {
    const parsed = parseSettings(fields, raw);
    if (!parsed.ok) throw new Error(parsed.problems.join('; '));
    const options = tls();
    device = new Device(parsed.settings, options ? { tls: options } : {});
  } catch (error) {
    const deviceId = typeof raw.deviceId === 'string' ? raw.deviceId.trim() : '';
    const { message } = error as Error;
    tell({ event: 'verdict', ...droppedVerdict({ reason: 'invalid_settings', error: message, deviceId, state }) });
    return { done: Promise.resolve(), cancel() {} };
  }
  const observer = {
    attemptStarted: (start: AttemptStart) => tell({ event: 'started', ...start }),
    attemptEnded: (report: AttemptReport) => tell({ event: 'ended', ...report }),
  };
  const done = device.toggle({ state, observer }).then((verdict) => {
    device.close();
    tell({ event: 'verdict', ...verdict });
  });
  return { done, cancel: () => device.close() };
}
