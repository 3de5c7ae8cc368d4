/** Nodes that a deploy removed: Node-RED does not notify a node inside a subflow that it is removed. */
import type { NodeApi } from './red';

type Forget = (id: string) => void;

const watched = new WeakMap<NodeApi['events'], Set<Forget>>();

/** After each deploy, forgets those of the `known` nodes that it removed; repeated calls change nothing. */
export function forgetRemoved(
  { events, nodes }: Pick<NodeApi, 'events' | 'nodes'>,
  known: { keys(): Iterable<string> },
  forget: Forget,
): void {
  const forgets = watched.get(events) ?? new Set();
  watched.set(events, forgets);
  if (forgets.has(forget)) return;
  forgets.add(forget);
  events.on('flows:started', () => {
    const deployed = new Set<string>();
    nodes.eachNode(({ id }) => deployed.add(id));
    for (const id of known.keys()) if (!deployed.has(id) && !nodes.getNode(id)) forget(id);
  });
}
