/** What outlives a deploy of a device node, by node id: its confirmed states and its metrics. Dropped with the node. */
import { metrics } from '../metrics';
import type { NodeApi } from '../red';
import { ConfirmedStates } from './confirmed-states';

const statesByNodeId = new Map<string, ConfirmedStates>();
const watched = new WeakSet<NodeApi['events']>();

/** The confirmed states of a device node; the same object until the node is removed. */
export function confirmedStatesOf(deviceNodeId: string): ConfirmedStates {
  const known = statesByNodeId.get(deviceNodeId);
  if (known) return known;
  const states = new ConfirmedStates();
  statesByNodeId.set(deviceNodeId, states);
  return states;
}

/** Forgets a device node that is not deployed any more. */
export function forgetDevice(deviceNodeId: string): void {
  metrics.forget(deviceNodeId);
  const states = statesByNodeId.get(deviceNodeId);
  states?.clear();
  // Toggle nodes that still name it must follow the node that an "undo" may bring back.
  if (!states?.followed) statesByNodeId.delete(deviceNodeId);
}

/** After each deploy, forgets device nodes that it removed: Node-RED does not notify a node inside a subflow that it is removed. */
export function forgetRemovedDevices(RED: Pick<NodeApi, 'events' | 'nodes'>): void {
  if (watched.has(RED.events)) return;
  watched.add(RED.events);
  RED.events.on('flows:started', () => {
    const deployed = new Set<string>();
    RED.nodes.eachNode(({ id }) => deployed.add(id));
    for (const id of statesByNodeId.keys()) {
      if (!deployed.has(id) && !RED.nodes.getNode(id)) forgetDevice(id);
    }
  });
}
