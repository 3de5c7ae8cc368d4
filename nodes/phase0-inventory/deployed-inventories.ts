/** Inventories across deploys, by node id: a deploy replaces the node, but must not touch the sockets of unchanged rows. */
import { isDeepStrictEqual } from 'node:util';
import type { Inventory } from '../../src/inventory/inventory';
import type { TlsOptions } from '../../src/transport/tls';
import type { NodeApi } from '../red';

/**
 * How long an inventory waits for the node that takes the place of its own, if flows do not start again: Node-RED gives
 * the other nodes 15 s to close before it makes new ones.
 */
const HANDOVER_MS = 20_000;

interface Waiting {
  readonly inventory: Inventory;
  readonly tls: TlsOptions | undefined;
  readonly timer: NodeJS.Timeout;
}

const waiting = new Map<string, Waiting>();
const watched = new WeakSet<NodeApi['events']>();
/** The rows of the last good table of each inventory. */
const lastIds = new Map<string, readonly string[]>();

/** Remembers the rows of a good table: a deploy that has none must not forget their metrics and their trace. */
export function rememberIds(nodeId: string, deviceIds: readonly string[]): void {
  lastIds.set(nodeId, deviceIds);
}

export function rememberedIds(nodeId: string): readonly string[] {
  return lastIds.get(nodeId) ?? [];
}

export function forgetIds(nodeId: string): void {
  lastIds.delete(nodeId);
}

/** Once flows have started, closes the inventories that no node has taken over; then `started` is called. */
export function closeLeftInventories({ events }: Pick<NodeApi, 'events'>, started: () => void): void {
  if (watched.has(events)) return;
  watched.add(events);
  events.on('flows:started', () => {
    for (const [nodeId, { tls }] of waiting) takeOver(nodeId, tls)?.close();
    started();
  });
}

/** The inventory that the former node left, unless it speaks TLS under other options. */
export function takeOver(nodeId: string, tls: TlsOptions | undefined): Inventory | undefined {
  const left = waiting.get(nodeId);
  if (!left) return undefined;
  clearTimeout(left.timer);
  waiting.delete(nodeId);
  if (isDeepStrictEqual(left.tls, tls)) return left.inventory;
  left.inventory.close();
  return undefined;
}

/** Ends every toggle of the inventory, and closes it unless a new node takes over. */
export function leave(nodeId: string, inventory: Inventory, tls: TlsOptions | undefined): void {
  inventory.stop('closed');
  takeOver(nodeId, undefined)?.close();
  const timer = setTimeout(() => takeOver(nodeId, tls)?.close(), HANDOVER_MS);
  // The process may end first: the node has had its states stored.
  timer.unref();
  waiting.set(nodeId, { inventory, tls, timer });
}
