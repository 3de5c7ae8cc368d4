/** The part of a device node that other nodes use. */
import type { NodeApi } from '../red';
import type { TargetNode } from '../target-node';

export { ContextStore, type ConfirmedState } from './confirmed-states';
export { deployedDevice, forgetDevice, type DeployedDevice } from './deployed-devices';
export type { Follower } from './follower';

/** The deployed device node with this id. None when the id is that of a node of another type. */
export function deviceNodeOf(RED: Pick<NodeApi, 'nodes'>, id: string): TargetNode | undefined {
  const node = id === '' ? undefined : RED.nodes.getNode(id);
  // A node of this type that could not be created has no toggle nodes.
  return node?.type === 'phase0-device' && 'toggleNodeIds' in node ? (node as TargetNode) : undefined;
}
