/** Owns `${ENV_VAR}` in properties of a node that is not deployed yet: the values that a deploy would put there. */
import { isEnvReference } from '../src/settings/field';
import type { Flow, NodeApi } from './red';

/** The properties with every variable that is set in place of its name, looked up where node `id` is, or would be. */
export function resolved<T extends object>(RED: NodeApi, properties: T, id: string, z: unknown): T {
  const flow = flowOf(RED, id, z);
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (!isEnvReference(value)) return [name, value];
      return [name, RED.util.getSetting(undefined, value.slice(2, -1), flow) ?? value];
    }),
  ) as T;
}

/** The flow of the node itself, of another one on its tab, or the one that holds all others. */
function flowOf(RED: NodeApi, id: string, z: unknown): Flow | undefined {
  let beside: Flow | undefined;
  let any: Flow | undefined;
  RED.nodes.eachNode((each) => {
    const flow = RED.nodes.getNode(each.id)?._flow;
    if (z && each.z === z) beside ??= flow;
    any ??= flow;
  });
  while (any && any.id !== 'global' && any.parent) any = any.parent;
  return RED.nodes.getNode(id)?._flow ?? beside ?? any;
}
