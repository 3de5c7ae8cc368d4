/** Recorder of the packet trace: what each device did last, bounded in bytes, for any number of owners. */
import { randomBytes } from 'node:crypto';
import type { Observer } from '../observer';
import type { DevicesAnswer, TogglesAnswer } from './answers';
import type { ToggleTimeline } from './toggle-timeline';
import { answerDevices } from './devices-answer';
import type { ToggleFilter } from './toggle-finder';
import { findToggles, timelinesAfter, type FoundToggles } from './toggles-answer';
import { TraceClock, type ClockOptions } from './trace-clock';
import { TraceMemory } from './trace-memory';
import { TestObserver, TraceObserver } from './trace-observer';
import type { TraceOwner } from './trace-owner';

export interface TraceOptions extends ClockOptions {
  /** Bytes that all of it may take; 4 MiB by default. */
  readonly maxBytes?: number;
}

export const DEFAULT_TRACE_BYTES = 4 * 1024 * 1024;

/** What actions need to know of a device. */
export interface TracedDevice {
  readonly nodeId: string;
  readonly deviceId: string;
  /** The last confirmed state. */
  readonly state: boolean | undefined;
  /** Whether a toggle runs or waits. */
  readonly isBusy: boolean;
}

export class TraceRecorder {
  private readonly memory: TraceMemory;
  private readonly clock: TraceClock;
  /** Tells the cursors of this recorder from those of another one. */
  private readonly instance = randomBytes(6).toString('hex');

  constructor({ maxBytes = DEFAULT_TRACE_BYTES, ...clocks }: TraceOptions = {}) {
    this.memory = new TraceMemory(maxBytes);
    this.clock = new TraceClock(clocks);
  }

  /** Records what the devices of an owner do, under the settings that it has now. To be called again when they change. */
  observer(owner: TraceOwner): Observer {
    return new TraceObserver(this.memory.register(owner), this.memory, this.clock);
  }

  /** Records toggles over another connection than that of the device; undefined for an owner that is gone. */
  testObserver(nodeId: string): Observer | undefined {
    const owned = this.memory.devices.owned(nodeId);
    return owned && new TestObserver(owned, this.memory, this.clock);
  }

  /** Forgets an owner, its devices and their toggles. */
  forget(nodeId: string): void {
    this.memory.unregister(nodeId);
  }

  /** The device with this key of a summary. */
  device(key: string): TracedDevice | undefined {
    const trace = this.memory.devices.byKey(key);
    if (!trace) return undefined;
    const { owner, deviceId, state, newest, queue } = trace;
    return { nodeId: owner.nodeId, deviceId, state, isBusy: newest !== undefined || queue > 0 };
  }

  devices(since?: string): DevicesAnswer {
    return answerDevices(this.memory, this.instance, since, this.clock.unixTimeMs(this.clock.now()));
  }

  toggles(filter: ToggleFilter): TogglesAnswer {
    const found = this.find(filter);
    return { ...found, toggles: [...found.toggles] };
  }

  /** The same, without having read the timelines yet. */
  find(filter: ToggleFilter): FoundToggles {
    return findToggles(this.memory, this.instance, filter, this.clock.unixTimeMs(this.clock.now()));
  }

  /** Every toggle that is recorded by now, the oldest first. */
  timelines(filter: ToggleFilter): Generator<ToggleTimeline> {
    return timelinesAfter(this.memory, this.instance, filter);
  }
}
