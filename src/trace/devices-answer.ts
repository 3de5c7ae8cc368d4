/** Summaries of the devices that changed since a reader last asked. */
import type { DeviceSummary, DevicesAnswer } from './answers';
import { cursorOf, positionOf } from './cursor';
import type { DeviceTrace } from './device-trace';
import type { SparkPool } from './spark-pool';
import type { TraceMemory } from './trace-memory';

/** Devices in one answer. */
const MAX_DEVICES = 500;

const NO_COUNTS = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };

export function answerDevices(
  { devices, sparks, maxBytes }: TraceMemory,
  instance: string,
  since: unknown,
  now: number,
): DevicesAnswer {
  const known = positionOf(instance, since, devices.version);
  const removed = known === undefined ? undefined : devices.removedSince(known);
  const isReset = known === undefined || removed === undefined;
  const position = isReset ? -1 : known;
  const changed = [...devices.all()].filter(({ version }) => version > position);
  const more = changed.length > MAX_DEVICES;
  // In the order of their changes, so that the cursor says which of them are missing.
  const shown = more ? changed.toSorted((a, b) => a.version - b.version).slice(0, MAX_DEVICES) : changed;
  const reached = more ? (shown.at(-1)?.version ?? devices.version) : devices.version;
  return {
    cursor: cursorOf(instance, reached),
    now,
    reset: isReset,
    more,
    devices: shown.map((trace) => summaryOf(trace, sparks)),
    removed: isReset ? [] : removed,
    traceBytes: maxBytes,
    hidden: devices.hiddenCount,
  };
}

function summaryOf(trace: DeviceTrace, sparks: SparkPool): DeviceSummary {
  const { owner, deviceId, activity, settings, state, stateSince, connection, circuit } = trace;
  const { name, tags, address, problem } = settings;
  return {
    key: trace.key,
    nodeId: owner.nodeId,
    nodeType: owner.nodeType,
    deviceId,
    ...(name && { name }),
    ...(tags && tags.length > 0 && { tags }),
    ...(address && { address }),
    ...(problem !== undefined && { problem }),
    ...(state !== undefined && { state }),
    ...(stateSince !== undefined && { stateSince }),
    ...(activity && { last: activity.last }),
    ...(connection && { connection }),
    ...(trace.isLost && { isLost: true }),
    ...(circuit && { circuit }),
    running: trace.running !== undefined,
    queue: trace.queue,
    counts: activity?.counts ?? NO_COUNTS,
    ...(activity && { spark: sparks.base64(activity.spark) }),
  };
}
