/**
 * A process of its own: so many device ids, shared by so many devices, all switched again and again. Its argument is a
 * {@link ScalingRequest} in JSON, with a port and a time. Sends {@link ScalingFigures}.
 */
import { Device } from '../../src/device/device';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import { idsOf, runClosedLoop, type Figures } from './closed-loop';

export interface ScalingRequest {
  readonly ids: number;
  readonly devices: number;
}

export interface ScalingFigures extends Figures {
  /** What the devices hold after the run, without garbage. */
  readonly heapBytes: number;
  /** Of the process, at the end of the run. */
  readonly rssBytes: number;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function measure({ ids, devices: count, port, forMs }: ScalingRequest & { port: number; forMs: number }) {
  const parsed = parseSettings(deviceFields, { deviceId: 'lamp', host: '127.0.0.1', port, connection: 'persistent' });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const deviceIds = idsOf(ids);
  // What code and the first connection take is made before.
  const first = new Device(parsed.settings);
  const switchOf = (devices: readonly Device[]) => {
    const deviceOf = new Map(deviceIds.map((deviceId, index) => [deviceId, devices[index % devices.length]]));
    return async (deviceId: string, state: boolean) =>
      (await deviceOf.get(deviceId)?.toggle({ deviceId, state }))?.outcome === 'confirmed';
  };
  await runClosedLoop(switchOf([first]), deviceIds.slice(0, 1), forMs / 2);
  first.close();
  const before = heap();
  const devices = Array.from({ length: count }, () => new Device(parsed.settings));
  const switchDevice = switchOf(devices);
  // Connections are made before the time that counts.
  await runClosedLoop(switchDevice, deviceIds, forMs / 2);
  const figures = await runClosedLoop(switchDevice, deviceIds, forMs);
  const rssBytes = process.memoryUsage.rss();
  return { ...figures, heapBytes: heap() - before, rssBytes, devices: devices.length };
}

// The parent process has ended.
process.on('disconnect', () => process.exit());
void measure(JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof measure>[0]).then((figures) =>
  process.send?.(figures),
);
