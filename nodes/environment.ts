/** Values of `${ENV_VAR}` in properties of a node that is not deployed yet: those that a deploy would put there. */
import { isEnvReference } from '../src/settings/field';
import type { Flow, NodeApi, SavedEntry } from './red';

/** The properties with each known variable replaced by its value, looked up where node `id` is, or would be. */
export function resolved<T extends object>(RED: NodeApi, properties: T, id: string, z: unknown): T {
  const entries: SavedEntry[] = [];
  RED.nodes.eachNode((entry) => entries.push(entry));
  const flow = flowOf(RED, entries, id, z);
  const scopes = savedScopes(entries, flow, z);
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (!isEnvReference(value)) return [name, value];
      const variable = value.slice(2, -1);
      const saved = scopes.map((scope) => savedValue(scope, variable)).find((found) => found !== undefined);
      return [name, saved ?? RED.util.getSetting(undefined, variable, flow) ?? value];
    }),
  ) as T;
}

/** The flow of the node itself, of another node on its tab, or the global flow; none under --safe, where no flow runs. */
function flowOf(RED: NodeApi, entries: readonly SavedEntry[], id: string, z: unknown): Flow | undefined {
  let beside: Flow | undefined;
  let any: Flow | undefined;
  for (const entry of entries) {
    const flow = RED.nodes.getNode(entry.id)?._flow;
    if (z && entry.z === z) beside ??= flow;
    any ??= flow;
  }
  while (any && any.id !== 'global' && any.parent) any = any.parent;
  return RED.nodes.getNode(id)?._flow ?? beside ?? any;
}

/** Entries of the flow file whose variables no running flow has. A subflow template runs only as its instances. */
function savedScopes(entries: readonly SavedEntry[], flow: Flow | undefined, z: unknown): SavedEntry[] {
  const own = entries.filter((entry) => entry.id === z && (!flow || entry.type === 'subflow'));
  return flow ? own : [...own, ...entries.filter(({ type }) => type === 'global-config')];
}

function savedValue({ env }: SavedEntry, variable: string): unknown {
  const variables = (Array.isArray(env) ? env : []) as { name?: unknown; type?: unknown; value?: unknown }[];
  const found = variables.find(({ name }) => name === variable);
  // An empty value is no default; JSON, credentials and the like are no values of a setting.
  const isPlain = ['str', 'num', 'bool', undefined].includes(found?.type as string | undefined);
  return isPlain && found?.value !== '' ? found?.value : undefined;
}
