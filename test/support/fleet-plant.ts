/** Devices that record what arrives, with the rows of their inventory in a file for workers. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingDevice, type RecordingDeviceOptions } from './recording-device';

export interface FleetPlant {
  readonly ids: readonly string[];
  readonly devices: ReadonlyMap<string, RecordingDevice>;
  /** The inventory. */
  readonly file: string;
  close(): Promise<void>;
}

let plants = 0;

export async function startFleetPlant(
  count: number,
  options: Omit<RecordingDeviceOptions, 'nextNumber'> = {},
): Promise<FleetPlant> {
  let number = 0;
  const nextNumber = () => (number += 1);
  const devices = new Map<string, RecordingDevice>();
  for (let index = 0; index < count; index += 1) {
    devices.set(`lamp-${index}`, await RecordingDevice.start({ ...options, nextNumber }));
  }
  plants += 1;
  const file = join(tmpdir(), `phase0-fleet-${process.pid}-${plants}.json`);
  const rows = Array.from(devices, ([device_id, { port }]) => ({
    device_id,
    host: '127.0.0.1',
    port,
    connection: 'persistent',
    reply: 'framed',
  }));
  writeFileSync(file, JSON.stringify(rows));
  return {
    ids: [...devices.keys()],
    devices,
    file,
    async close() {
      rmSync(file, { force: true });
      await Promise.all(Array.from(devices.values(), (device) => device.close()));
    },
  };
}
