/** Whether the flow around a closing node stops with it. */
import type { NodeApi, StopKind } from './red';

let kind: StopKind = 'full';
const watched = new WeakSet<NodeApi['events']>();

/** Notes how flows are stopped from now on; repeated calls change nothing. */
export function watchStops({ events }: Pick<NodeApi, 'events'>): void {
  if (watched.has(events)) return;
  watched.add(events);
  events.on('flows:stopping', ({ type = 'full' }) => {
    kind = type;
  });
}

/** False while only modified nodes are deployed: Catch nodes and wired nodes around the closing one go on. */
export function flowStops(): boolean {
  return kind !== 'nodes';
}
