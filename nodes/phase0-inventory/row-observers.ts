/** What observers need to know of the rows of an inventory: which are logged, and what the trace shows of them. */
import type { Inventory } from '../../src/inventory/inventory';
import type { Observer } from '../../src/observer';
import { packetLog } from '../../src/observers/packet-log';
import type { TraceOwner } from '../../src/trace/trace-owner';
import type { GuardedNode } from '../guarded-node';

/** What the packet trace shows of the rows. */
export function traceOwnerOf(
  nodeId: string,
  deviceIds: readonly string[],
  inventory: Inventory | undefined,
): TraceOwner {
  const settingsOf = (deviceId: string) => {
    const row = inventory?.device(deviceId);
    if (!row) return undefined;
    const { host, port, reply } = row.settings;
    return { tags: row.tags, address: { host, port, tls: row.tls }, reply };
  };
  return { nodeId, nodeType: 'phase0-inventory', deviceIds, isComplete: true, settingsOf };
}

/** The packet log of the rows that ask for it. Outlives the node, as its inventory does. */
export function packetLogOf(isLogged: (deviceId: string) => boolean, guarded: GuardedNode): Observer {
  const log = packetLog((line) => guarded.debug(line));
  return {
    packet: (event) => {
      if (isLogged(event.deviceId)) log.packet?.(event);
    },
  };
}
