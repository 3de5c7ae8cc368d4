/** Answers of routes that switch a device: one line of JSON for each event, as it happens. */
import type { Address } from '../src/causes';
import type { ToggleCommand } from '../src/device/device';
import type { AttemptReport, AttemptStart } from '../src/observer';
import { jsonLine } from '../src/printable';
import type { Verdict } from '../src/verdict';
import type { DeviceTestEvent } from './phase0-device/device-test-event';
import type { AdminResponse } from './red';

/** A toggle that is about to run. */
export interface RunToggle {
  toggle(observer: NonNullable<ToggleCommand['observer']>): Promise<Verdict>;
  /** Ends it early, and frees what it needs; called when it is over as well. */
  end?(): void;
}

/** Sends the headers, so that the client gets each event when it happens. Returns what writes one. */
export function startEventLines(response: AdminResponse): (event: DeviceTestEvent) => void {
  response.set({ 'content-type': 'application/x-ndjson', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return (event) => {
    response.write(`${jsonLine(event)}\n`);
  };
}

/** Writes the attempts of a toggle and its verdict; the client may go before. */
export async function writeToggle(
  response: AdminResponse,
  run: RunToggle,
  address: Address | undefined,
): Promise<void> {
  const write = startEventLines(response);
  response.on('close', () => run.end?.());
  const verdict = await run.toggle({
    attemptStarted: (start: AttemptStart) => write({ event: 'started', ...start }),
    attemptEnded: (report: AttemptReport) => write({ event: 'ended', ...report }),
  });
  run.end?.();
  const shown = address && { host: address.host, port: address.port };
  write({ event: 'verdict', ...(shown && { address: shown }), ...verdict });
}
