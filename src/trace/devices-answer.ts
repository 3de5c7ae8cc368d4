/** Summaries of the devices that changed since a reader last asked. */
import type { DeviceSummary, DevicesAnswer } from './answers';
import type { ActivityPool } from './activity-pool';
import { cursorOf, positionsOf } from './cursor';
import type { DeviceTrace } from './device-trace';
import type { TraceMemory } from './trace-memory';
import type { Writable } from './writable';

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
  // What came back since is among the devices, on this page or on another one.
  const removed =
    base === undefined ? undefined : devices.removedSince(base)?.filter((key) => devices.byKey(key) === undefined);
  const isReset = known === undefined || removed === undefined;
  const position = isReset ? -1 : known;
  // In the order of their changes, so that the cursor says which of them are missing.
  const { devices: shown, more } = devices.changedSince(position, MAX_DEVICES);
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
  const summary: Writable<DeviceSummary> = {
    key: trace.key,
    nodeId: owner.nodeId,
    nodeType: owner.nodeType,
    deviceId,
    running: trace.isRunning,
    queue: trace.queue,
    counts: slot === undefined ? NO_COUNTS : activities.counts(slot),
  };
  if (name) summary.name = name;
  if (tags && tags.length > 0) summary.tags = tags;
  if (address) summary.address = address;
  if (problem !== undefined) summary.problem = problem;
  if (state !== undefined) summary.state = state;
  if (stateSince !== undefined) summary.stateSince = stateSince;
  if (connection) summary.connection = connection;
  if (trace.isLost) summary.isLost = true;
  if (circuit) summary.circuit = circuit;
  if (slot !== undefined) {
    summary.last = activities.last(slot, trace.error);
    summary.spark = activities.spark(slot);
  }
  return summary;
}
