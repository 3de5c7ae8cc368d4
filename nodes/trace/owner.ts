/** The config node that a device of the trace belongs to. */
import { deviceNodeOf } from '../phase0-device/device-node';
import { fleetNodeOf } from '../phase0-fleet/fleet-node';
import { inventoryNodeOf } from '../phase0-inventory/inventory-node';
import type { NodeApi } from '../red';
import type { TargetNode } from '../target-node';

/** None if it is not deployed. */
export function ownerOf(RED: NodeApi, nodeId: string): TargetNode | undefined {
  return deviceNodeOf(RED, nodeId) ?? inventoryNodeOf(RED, nodeId) ?? fleetNodeOf(RED, nodeId);
}
