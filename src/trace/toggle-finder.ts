/** Which toggles a filter finds. Made for one answer: each device is looked at once, however many toggles it has. */
import type { VerdictOutcome } from '../outcomes';
import type { DeviceTrace } from './device-trace';
import type { RecordCodec } from './record';
import type { RecordPlace } from './ring';
import { searchTextOf, wantedText } from './search-text';
import type { TraceMemory } from './trace-memory';

/** Toggles that fit all of it; what is absent is fitted by all of them. */
export interface ToggleFilter {
  /** A cursor; without one, the latest toggles are meant. */
  readonly since?: string;
  /** Keys of devices. */
  readonly devices?: ReadonlySet<string>;
  /** Part of the name, id, host or a tag of the device, in any case; of an id that no device has, part of it. */
  readonly text?: string;
  /** A tag of the device, as it is written. */
  readonly tag?: string;
  readonly outcomes?: ReadonlySet<VerdictOutcome>;
  /** Toggles in one answer. */
  readonly limit?: number;
}

/** What is known of an id that no device has. */
const NOTHING = {};

export class ToggleFinder {
  private readonly wanted: string;
  private readonly known = new Map<number, boolean>();

  constructor(private readonly filter: ToggleFilter) {
    this.wanted = wantedText(filter.text ?? '');
  }

  /** Only of devices that are there: what is gone takes its toggles with it. */
  *in({ codec, devices }: TraceMemory, places: Iterable<RecordPlace>): Generator<RecordPlace> {
    const { outcomes } = this.filter;
    for (const place of places) {
      const { traceId, outcome } = codec.readKey(place.bytes, place.start);
      const trace = devices.byTraceId(traceId);
      if (!trace || (outcomes && !outcomes.has(outcome))) continue;
      if (trace.isStranger ? this.isStranger(codec, place) : this.isOf(trace)) yield place;
    }
  }

  private isOf(trace: DeviceTrace): boolean {
    const known = this.known.get(trace.id);
    if (known !== undefined) return known;
    const fits = this.fits(trace);
    this.known.set(trace.id, fits);
    return fits;
  }

  private fits(trace: DeviceTrace): boolean {
    const { devices, tag } = this.filter;
    if (devices && !devices.has(trace.key)) return false;
    if (tag === undefined && this.wanted === '') return true;
    const { deviceId, settings } = trace;
    if (tag !== undefined && settings.tags?.includes(tag) !== true) return false;
    return this.wanted === '' || searchTextOf(deviceId, settings).includes(this.wanted);
  }

  /** Of an id that its owner does not have there is neither key nor tag. */
  private isStranger(codec: RecordCodec, place: RecordPlace): boolean {
    const { devices, tag } = this.filter;
    if (devices || tag !== undefined) return false;
    if (this.wanted === '') return true;
    return searchTextOf(codec.readDeviceId(place), NOTHING).includes(this.wanted);
  }
}
