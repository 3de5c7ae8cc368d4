/** The packet trace that all nodes record to; as a module it outlives every deploy. */
import type { Observer } from '../src/observer';
import { TraceRecorder } from '../src/trace/recorder';
import type { TraceOwner } from '../src/trace/trace-owner';
import type { NodeApi } from './red';
import { traceBytes } from './trace-bytes';

let recorder: TraceRecorder | undefined;
let isSet = false;

/** Undefined when `phase0.traceBytes` in the settings file is 0. Read once: the file is, too. */
export function traceRecorder(RED: Pick<NodeApi, 'settings' | 'log'>): TraceRecorder | undefined {
  if (isSet) return recorder;
  isSet = true;
  const maxBytes = traceBytes(RED);
  recorder = maxBytes === 0 ? undefined : new TraceRecorder({ maxBytes });
  return recorder;
}

/** Observers that record what the devices of an owner do: one, or none when the trace is off. */
export function traceObservers(RED: Pick<NodeApi, 'settings' | 'log'>, owner: TraceOwner): readonly Observer[] {
  const observer = traceRecorder(RED)?.observer(owner);
  return observer ? [observer] : [];
}

/** Forgets the devices of a config node that is not deployed any more. */
export function forgetTrace(nodeId: string): void {
  recorder?.forget(nodeId);
}
