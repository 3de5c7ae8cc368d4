/** Summaries of the devices that changed since a reader last asked. */
import type { DeviceSummary, DevicesAnswer } from './answers';
import type { ActivityPool } from './activity-pool';
import { cursorOf, positionsOf } from './cursor';
import type { DeviceTrace } from './device-trace';
import type { TraceMemory } from './trace-memory';

/** Devices in one answer: a millisecond of work, between which toggles go on. */
const MAX_DEVICES = 250;

const NO_COUNTS = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };

export function answerDevices(
  { devices, activities, maxBytes }: TraceMemory,
  instance: string,
  since: unknown,
  now: number,
): DevicesAnswer {
  const [known, base = known] = positionsOf(instance, since, devices.version) ?? [];
  const removed = base === undefined ? undefined : devices.removedSince(base);
  const isReset = known === undefined || removed === undefined;
  const position = isReset ? -1 : known;
  const changed = [...devices.all()].filter(({ version }) => version > position);
  const more = changed.length > MAX_DEVICES;
  // In the order of their changes, so that the cursor says which of them are missing.
  const shown = more ? changed.toSorted((a, b) => a.version - b.version).slice(0, MAX_DEVICES) : changed;
  const reached = shown.at(-1)?.version ?? devices.version;
  // A reader that begins anew was never told of what left before.
  const cursor = more
    ? cursorOf(instance, reached, isReset ? devices.version : (base ?? reached))
    : cursorOf(instance, devices.version);
  return {
    cursor,
    now,
    reset: isReset,
    more,
    devices: shown.map((trace) => summaryOf(trace, activities)),
    removed: isReset ? [] : removed,
    traceBytes: maxBytes,
    hidden: devices.hiddenCount,
  };
}

function summaryOf(trace: DeviceTrace, activities: ActivityPool): DeviceSummary {
  const { owner, deviceId, slot, settings, state, stateSince, connection, circuit } = trace;
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
    ...(slot !== undefined && { last: activities.last(slot, trace.error) }),
    ...(connection && { connection }),
    ...(trace.isLost && { isLost: true }),
    ...(circuit && { circuit }),
    running: trace.running !== undefined,
    queue: trace.queue,
    counts: slot === undefined ? NO_COUNTS : activities.counts(slot),
    ...(slot !== undefined && { spark: activities.spark(slot) }),
  };
}
