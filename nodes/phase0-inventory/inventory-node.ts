/** The part of an inventory node that other nodes use. */
import type { Inventory } from '../../src/inventory/inventory';
import type { MemberDirectory } from '../../src/inventory/members';
import type { NodeApi } from '../red';
import type { TargetNode } from '../target-node';

export { devicesStatus, faultStatus } from './inventory-status';
export { followReadings, unfollowReadings } from './readings';

export interface InventoryNode extends TargetNode {
  device?: Inventory;
  reload(): void;
  /** The rows in use, for the dialog. */
  rows(): readonly Readonly<Record<string, string>>[];
  directory(): MemberDirectory | undefined;
}

/** The deployed inventory node with this id. None when the id is that of a node of another type. */
export function inventoryNodeOf(RED: Pick<NodeApi, 'nodes'>, id: string): InventoryNode | undefined {
  const node = id === '' ? undefined : RED.nodes.getNode(id);
  return node?.type === 'phase0-inventory' && 'toggleNodeIds' in node ? (node as InventoryNode) : undefined;
}
