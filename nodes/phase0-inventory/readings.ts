/** What an inventory node has read last, for its dialog, by node id. */
import { faultLines, type InventoryReading } from '../../src/inventory/faults';

export interface ReadingReport {
  /** Rows that are in use. */
  readonly rows: number;
  /** When a reading was last applied, in ms since 1970; absent if none was. */
  readonly loadedAt?: number;
  readonly faultCount: number;
  /** What is wrong with the last reading, the first faults; empty if nothing is. */
  readonly faults: readonly string[];
}

const NOTHING: ReadingReport = { rows: 0, faultCount: 0, faults: [] };

const reports = new Map<string, ReadingReport>();
/** By inventory node, then by the node that follows it; they outlive a deploy of the inventory. */
const followers = new Map<string, Map<string, () => void>>();

/** Calls `listener` after each reading of the inventory from now on; a node has one listener. */
export function followReadings(inventoryNodeId: string, followerId: string, listener: () => void): void {
  const known = followers.get(inventoryNodeId) ?? new Map<string, () => void>();
  followers.set(inventoryNodeId, known.set(followerId, listener));
}

export function unfollowReadings(inventoryNodeId: string, followerId: string): void {
  const known = followers.get(inventoryNodeId);
  known?.delete(followerId);
  if (known?.size === 0) followers.delete(inventoryNodeId);
}

/** Whether a toggle or group node uses the inventory. */
export function isFollowed(inventoryNodeId: string): boolean {
  return followers.has(inventoryNodeId);
}

export function reportOf(nodeId: string): ReadingReport {
  return reports.get(nodeId) ?? NOTHING;
}

/** Notes a reading, after which `rows` are in use. */
export function note(nodeId: string, reading: InventoryReading, rows: number): void {
  const { loadedAt } = reportOf(nodeId);
  const last = reading.ok ? Date.now() : loadedAt;
  reports.set(nodeId, {
    rows,
    ...(last !== undefined && { loadedAt: last }),
    faultCount: reading.ok ? 0 : reading.faultCount,
    faults: reading.ok ? [] : faultLines(reading),
  });
  for (const listener of followers.get(nodeId)?.values() ?? []) listener();
}

export function forget(nodeId: string): void {
  reports.delete(nodeId);
}
