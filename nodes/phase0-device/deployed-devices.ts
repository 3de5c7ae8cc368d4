/** What outlives a deploy of a device node, by node id: what its toggle nodes follow, and its metrics. Dropped with the node. */
import { metrics } from '../metrics';
import type { NodeApi } from '../red';
import { forgetRemoved } from '../removed-nodes';
import { forgetTrace } from '../trace';
import { ConfirmedStates } from './confirmed-states';
import { ConnectionWatch } from './connection-watch';

/** What toggle nodes follow of a device node. */
export interface DeployedDevice {
  readonly states: ConfirmedStates;
  readonly connection: ConnectionWatch;
}

const devices = new Map<string, DeployedDevice>();

/** What to follow of a device node; the same object until the node is removed. */
export function deployedDevice(deviceNodeId: string): DeployedDevice {
  const known = devices.get(deviceNodeId);
  if (known) return known;
  const device = { states: new ConfirmedStates(), connection: new ConnectionWatch() };
  devices.set(deviceNodeId, device);
  return device;
}

/** Forgets a device node that is not deployed any more. */
export function forgetDevice(deviceNodeId: string): void {
  metrics.forget(deviceNodeId);
  forgetTrace(deviceNodeId);
  const device = devices.get(deviceNodeId);
  device?.states.clear();
  // Toggle nodes that still name it must follow the node that an "undo" may bring back.
  if (!device?.connection.followed) devices.delete(deviceNodeId);
}

/** After each deploy, forgets device and inventory nodes that it removed. */
export function forgetRemovedDevices(RED: Pick<NodeApi, 'events' | 'nodes'>): void {
  forgetRemoved(RED, devices, forgetDevice);
}
