/** Values of `${ENV_VAR}` in properties of a node that is not deployed yet: those that a deploy would put there. */
import { isEnvReference } from '../src/settings/field';
import type { Flow, NodeApi, SavedEntry } from './red';

/** The properties with each known variable replaced by its value, looked up where node `id` is, or would be. */
export function resolved<T extends object>(RED: NodeApi, properties: T, id: string, z: unknown): T {
  const entries: SavedEntry[] = [];
  RED.nodes.eachNode((entry) => entries.push(entry));
  const inside = flowAround(RED, entries, id, z);
  const outside = globalFlow(RED, entries);
  // No node runs in an empty tab or in a subflow template, which runs only as its instances; under --safe none at all.
  const unstarted = entries.filter((entry) => !inside && entry.id === z);
  if (!inside && !outside) unstarted.push(...entries.filter(({ type }) => type === 'global-config'));
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (!isEnvReference(value)) return [name, value];
      const variable = value.slice(2, -1);
      const saved = unstarted.map((entry) => savedValue(entry, variable)).find((found) => found !== undefined);
      return [name, saved ?? RED.util.getSetting(undefined, variable, inside ?? outside) ?? value];
    }),
  ) as T;
}

/** The flow of the node itself, or of another node on its tab. */
function flowAround(RED: NodeApi, entries: readonly SavedEntry[], id: string, z: unknown): Flow | undefined {
  const own = RED.nodes.getNode(id)?._flow;
  if (own || !z) return own;
  for (const entry of entries) {
    const flow = entry.z === z ? RED.nodes.getNode(entry.id)?._flow : undefined;
    if (flow) return flow;
  }
  return undefined;
}

/** The flow that holds all others, found from any node that runs. */
function globalFlow(RED: NodeApi, entries: readonly SavedEntry[]): Flow | undefined {
  let flow: Flow | undefined;
  for (const { id } of entries) flow ??= RED.nodes.getNode(id)?._flow;
  while (flow && flow.id !== 'global' && flow.parent) flow = flow.parent;
  return flow;
}

function savedValue({ env }: SavedEntry, variable: string): unknown {
  const variables = (Array.isArray(env) ? env : []) as { name?: unknown; type?: unknown; value?: unknown }[];
  const found = variables.find(({ name }) => name === variable);
  // An empty value is not a default; JSON, credentials and similar types are not values of a setting.
  const isPlain = ['str', 'num', 'bool', undefined].includes(found?.type as string | undefined);
  return isPlain && found?.value !== '' ? found?.value : undefined;
}
