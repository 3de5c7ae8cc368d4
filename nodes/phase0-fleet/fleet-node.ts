/** The part of a fleet node that other nodes use. */
import type { NodeApi } from '../red';
import type { TargetNode } from '../target-node';

/** The deployed fleet node with this id. None when the id is that of a node of another type. */
export function fleetNodeOf(RED: Pick<NodeApi, 'nodes'>, id: string): TargetNode | undefined {
  const node = id === '' ? undefined : RED.nodes.getNode(id);
  return node?.type === 'phase0-fleet' && 'toggleNodeIds' in node ? (node as TargetNode) : undefined;
}
