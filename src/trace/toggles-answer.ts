/** Timelines of the toggles that ended since a reader last asked. */
import type { TogglesAnswer } from './answers';
import type { ToggleTimeline } from './toggle-timeline';
import { cursorOf, positionOf } from './cursor';
import type { DeviceTrace } from './device-trace';
import type { RecordPlace } from './ring';
import { ToggleFinder, type ToggleFilter } from './toggle-finder';
import type { TraceMemory } from './trace-memory';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** Bytes of records in one answer; in JSON they are about twice as many. */
const MAX_BYTES = 512 * 1024;

/** An answer whose timelines are read when they are taken: each takes some 10 µs, in which toggles wait. */
export interface FoundToggles extends Omit<TogglesAnswer, 'toggles'> {
  readonly toggles: Timelines;
}

export function findToggles(memory: TraceMemory, instance: string, filter: ToggleFilter, now: number): FoundToggles {
  const { ring } = memory;
  const since = positionOf(instance, filter.since, ring.lastSeq);
  const limit = Math.min(filter.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  const finder = new ToggleFinder(filter);
  const { shown, more } =
    since === undefined
      ? { shown: latest(finder.in(memory, ring.newestFirst()), limit), more: false }
      : first(finder.in(memory, ring.after(since)), limit);
  const reached = more ? (shown.at(-1)?.seq ?? ring.lastSeq) : ring.lastSeq;
  return {
    cursor: cursorOf(instance, reached),
    now,
    reset: filter.since !== undefined && since === undefined,
    more,
    toggles: new Timelines(memory, shown),
    dropped: since === undefined ? 0 : Math.max(0, ring.firstSeq - since - 1),
  };
}

/** Timelines of records, which may have made room for newer ones when they are taken, and their devices be gone. */
class Timelines implements Iterable<ToggleTimeline> {
  private readonly places: readonly RecordPlace[];

  constructor(
    private readonly memory: TraceMemory,
    places: readonly RecordPlace[],
  ) {
    this.places = places.map(copied);
  }

  /** How many there were when they were found. */
  get length(): number {
    return this.places.length;
  }

  *[Symbol.iterator](): Generator<ToggleTimeline> {
    const { memory, places } = this;
    for (const place of places) {
      const trace = traceOf(memory, place);
      if (trace) yield timelineOf(memory, place, trace);
    }
  }
}

function copied({ seq, bytes, start, length }: RecordPlace): RecordPlace {
  return { seq, bytes: Buffer.from(bytes.subarray(start, start + length)), start: 0, length };
}

/**
 * Every toggle that matches and has ended by now. Others may be recorded between two of them, so each is looked up anew; they
 * are left out, since a slow reader would never come to an end.
 */
export function* timelinesAfter(
  memory: TraceMemory,
  instance: string,
  filter: ToggleFilter,
): Generator<ToggleTimeline> {
  const last = memory.ring.lastSeq;
  let reached = positionOf(instance, filter.since, last) ?? 0;
  const finder = new ToggleFinder(filter);
  for (;;) {
    const { shown } = first(finder.in(memory, upTo(last, memory.ring.after(reached))), DEFAULT_LIMIT);
    const newest = shown.at(-1);
    if (!newest) return;
    yield* new Timelines(memory, shown);
    reached = newest.seq;
  }
}

function* upTo(last: number, places: Iterable<RecordPlace>): Generator<RecordPlace> {
  for (const place of places) {
    if (place.seq > last) return;
    yield place;
  }
}

function first(places: Iterable<RecordPlace>, limit: number): { shown: RecordPlace[]; more: boolean } {
  const shown: RecordPlace[] = [];
  let bytes = 0;
  for (const place of places) {
    if (shown.length >= limit || bytes > MAX_BYTES) return { shown, more: true };
    shown.push(place);
    bytes += place.length;
  }
  return { shown, more: false };
}

/** Of places that come the newest first; returns them the oldest first. */
function latest(places: Iterable<RecordPlace>, limit: number): RecordPlace[] {
  const shown: RecordPlace[] = [];
  let bytes = 0;
  for (const place of places) {
    bytes += place.length;
    if (shown.length >= limit || bytes > MAX_BYTES) break;
    shown.push(place);
  }
  return shown.toReversed();
}

function traceOf({ codec, devices }: TraceMemory, place: RecordPlace): DeviceTrace | undefined {
  return devices.byTraceId(codec.readKey(place.bytes, place.start).traceId);
}

function timelineOf({ codec }: TraceMemory, place: RecordPlace, trace: DeviceTrace): ToggleTimeline {
  const { owner, deviceId, isStranger, key } = trace;
  return codec.read(place, { key: isStranger ? undefined : key, nodeId: owner.nodeId, deviceId });
}
