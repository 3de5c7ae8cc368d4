/** Addresses of an inventory, each with its devices: what a simulation of them needs. */
import { addressKey } from './check-rows';
import type { InventoryDevice } from './columns';

export interface InventoryAddress {
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Some row there takes only frames for a reply. */
  readonly isFramed: boolean;
  readonly deviceIds: readonly string[];
}

/** Rows with one address are device ids behind one gateway. */
export function addressesOf(devices: Iterable<InventoryDevice>): readonly InventoryAddress[] {
  const addresses = new Map<string, InventoryAddress & { deviceIds: string[]; isFramed: boolean }>();
  for (const { settings, tls } of devices) {
    const { host, port, deviceId, reply } = settings;
    const key = addressKey(host, port, tls);
    const known = addresses.get(key) ?? { key, host, port, tls, isFramed: false, deviceIds: [] };
    addresses.set(key, known);
    known.deviceIds.push(deviceId);
    known.isFramed ||= reply === 'framed';
  }
  return [...addresses.values()];
}
