/** Status of a node that switches by an inventory, after the inventory was read. In English; editors translate it. */
import { filled } from '../phrases';
import type { Status } from '../red';
import { reportOf } from './readings';
import { STATUS_TEXTS } from './status-texts';

/** That the last reading was faulty, while the rows of an earlier one are in use; undefined if nothing is wrong. */
export function faultStatus(inventoryNodeId: string): Status | undefined {
  const { faultCount } = reportOf(inventoryNodeId);
  if (faultCount === 0) return undefined;
  return { fill: 'yellow', shape: 'ring', text: filled(STATUS_TEXTS.faults, { count: faultCount }) };
}

/** How many devices can be switched, where nothing more is known. */
export function devicesStatus(inventoryNodeId: string): Status {
  const text = filled(STATUS_TEXTS.devices, { count: reportOf(inventoryNodeId).rows });
  return { fill: 'grey', shape: 'dot', text };
}
