/** Device test of the dialog: one toggle with values that need not be deployed, reported as it goes. Not counted. */
import { Device } from '../../src/device/device';
import type { AttemptReport, AttemptStart } from '../../src/observer';
import type { TlsOptions } from '../../src/transport/tls';
import { droppedVerdict } from '../../src/verdict';
import { latestVersion, parseSaved } from '../saved';
import { textOf } from '../unsafe-values';
import { fields, migrations } from './settings';
import type { DeviceTestEvent } from './device-test-event';

/** What to test. */
export interface DeviceTest {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly state: boolean;
  /** Rejects with what is wrong with the certificates. */
  readonly tls: () => Promise<TlsOptions | undefined>;
  readonly onEvent: (event: DeviceTestEvent) => void;
}

/** Runs until the verdict is reported. When `signal` aborts, the verdict is `closed`. Rejects only for a bug. */
export async function runDeviceTest({ settings, state, tls, onEvent }: DeviceTest, signal: AbortSignal): Promise<void> {
  let device: Device;
  try {
    const parsed = parseSaved(fields, migrations, { ...settings, settingsVersion: latestVersion(migrations) });
    if (!parsed.ok) throw new Error(parsed.problems.join('; '));
    const options = await tls();
    device = new Device(parsed.settings, options ? { tls: options } : {});
  } catch (error) {
    const deviceId = textOf(settings.deviceId);
    const { message } = error as Error;
    onEvent({ event: 'verdict', ...droppedVerdict({ reason: 'invalid_settings', error: message, deviceId, state }) });
    return;
  }
  const close = () => device.close();
  signal.addEventListener('abort', close);
  if (signal.aborted) close();
  const verdict = await device.toggle({
    state,
    observer: {
      attemptStarted: (start: AttemptStart) => onEvent({ event: 'started', ...start }),
      attemptEnded: (report: AttemptReport) => onEvent({ event: 'ended', ...report }),
    },
  });
  signal.removeEventListener('abort', close);
  close();
  const { host, port } = device.settings;
  onEvent({ event: 'verdict', address: { host, port }, ...verdict });
}
