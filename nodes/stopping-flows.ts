/** Whether the flow around a closing node stops with it. */
import type { Flow, NodeApi, StopEvent } from './red';

let latest: StopEvent = {};
const watched = new WeakSet<NodeApi['events']>();

/** Notes how flows are stopped from now on; repeated calls change nothing. */
export function watchStops({ events }: Pick<NodeApi, 'events'>): void {
  if (watched.has(events)) return;
  watched.add(events);
  events.on('flows:stopping', (stop) => {
    latest = stop;
  });
}

/**
 * Whether everything in the tab stops, and so whatever could receive an error. A deploy of modified nodes or flows stops
 * what has changed and what is wired to it, and all of a tab only if the tab itself has changed: Catch nodes go on.
 */
export function tabStops(flow: Flow | undefined): boolean {
  const { type = 'full', diff } = latest;
  if (type === 'full') return true;
  let tab = flow;
  while (tab?.parent?.id !== undefined && tab.parent.id !== 'global') tab = tab.parent;
  const id = tab?.id ?? '';
  return [diff?.flowChanged, diff?.added, diff?.removed].some((ids) => ids?.includes(id));
}
