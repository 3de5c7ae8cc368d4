/** What outlives a deploy of a device node, by node id: what its toggle nodes follow, and its metrics. Dropped with the node. */
import { metrics } from '../metrics';
import type { NodeApi } from '../red';
import { ConfirmedStates } from './confirmed-states';
import { ConnectionWatch } from './connection-watch';

/** What toggle nodes follow of a device node. */
export interface DeployedDevice {
  readonly states: ConfirmedStates;
  readonly connection: ConnectionWatch;
}

const devices = new Map<string, DeployedDevice>();
const watched = new WeakSet<NodeApi['events']>();

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
  const device = devices.get(deviceNodeId);
  device?.states.clear();
  // Toggle nodes that still name it must follow the node that an "undo" may bring back.
  if (!device?.connection.followed) devices.delete(deviceNodeId);
}

/** After each deploy, forgets device nodes that it removed: Node-RED does not notify a node inside a subflow that it is removed. */
export function forgetRemovedDevices(RED: Pick<NodeApi, 'events' | 'nodes'>): void {
  if (watched.has(RED.events)) return;
  watched.add(RED.events);
  RED.events.on('flows:started', () => {
    const deployed = new Set<string>();
    RED.nodes.eachNode(({ id }) => deployed.add(id));
    for (const id of devices.keys()) {
      if (!deployed.has(id) && !RED.nodes.getNode(id)) forgetDevice(id);
    }
  });
}
