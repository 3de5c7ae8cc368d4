/** Inventories across deploys, by node id: a deploy replaces the node, but must not touch the sockets of unchanged rows. */
import { isDeepStrictEqual } from 'node:util';
import type { Inventory } from '../../src/inventory/inventory';
import type { TlsOptions } from '../../src/transport/tls';

/** How long an inventory waits for the node that takes the place of its own. */
const HANDOVER_MS = 2000;

interface Waiting {
  readonly inventory: Inventory;
  readonly tls: TlsOptions | undefined;
  readonly timer: NodeJS.Timeout;
}

const waiting = new Map<string, Waiting>();

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
  // Nothing is lost when the process ends first.
  timer.unref();
  waiting.set(nodeId, { inventory, tls, timer });
}
