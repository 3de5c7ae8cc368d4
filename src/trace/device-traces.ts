/** The devices of all owners: which there are, what changed when, and which have to go when memory is short. */
import { ACTIVITY_BYTES } from './activity-pool';
import { ChangeOrder } from './change-order';
import { DeviceTrace } from './device-trace';
import { Removals } from './removals';
import type { TraceOwner } from './trace-owner';

/** What the removals that readers can learn of may take of the room. */
const REMOVAL_SHARE = 0.05;
/** What the errors of last verdicts may take of the room. */
const ERROR_SHARE = 0.08;
/** Longest device id that has a trace of its own; ids of devices are shorter. */
const MAX_DEVICE_ID = 256;
/** Share of the devices that leave at once when memory is short, so that it is not searched for each one. */
const EVICTED_SHARE = 0.1;

/** An owner, and its devices. */
export interface Owned {
  owner: TraceOwner;
  readonly traces: Map<string, DeviceTrace>;
  /** For the device ids that a complete owner does not have. */
  stranger: DeviceTrace | undefined;
  isGone: boolean;
}

export class DeviceTraces {
  /** Counts changes of all devices. */
  version = 0;
  /** What they take, with the errors of their last verdicts and what readers can learn of removals. */
  bytes = 0;
  private readonly owners = new Map<string, Owned>();
  private readonly byId = new Map<number, DeviceTrace>();
  private readonly byChange = new ChangeOrder();
  private readonly removals = new Removals();
  private errorBytes = 0;
  private lastId = 0;

  /** `maxBytes` says what they may take now; `onGone` is called for each device that leaves. */
  constructor(
    private readonly maxBytes: () => number,
    private readonly onGone: (trace: DeviceTrace) => void,
  ) {}

  /** The devices of an owner from now on; one that has registered before keeps those that it still has. */
  register(owner: TraceOwner): Owned {
    const owned = this.owners.get(owner.nodeId) ?? { owner, traces: new Map(), stranger: undefined, isGone: false };
    const before = owned.owner;
    owned.owner = owner;
    this.owners.set(owner.nodeId, owned);
    const ids = new Set(owner.deviceIds);
    const isGone = owner.isComplete
      ? (id: string) => !ids.has(id)
      : (id: string) => before.deviceIds.includes(id) && !ids.has(id);
    for (const [deviceId, trace] of owned.traces) {
      if (isGone(deviceId)) this.remove(trace);
      else trace.owner = owner;
    }
    for (const deviceId of ids) {
      if (owned.traces.has(deviceId)) continue;
      // A table that does not fit must not push out the devices that are in use.
      if (!this.hasRoom) break;
      this.add(owned, deviceId);
    }
    // Readers see new names and addresses as well.
    for (const trace of owned.traces.values()) this.changed(trace);
    return owned;
  }

  /** An owner and its devices, as they are registered. */
  owned(nodeId: string): Owned | undefined {
    return this.owners.get(nodeId);
  }

  /** Forgets an owner and its devices. */
  unregister(nodeId: string): void {
    const owned = this.owners.get(nodeId);
    if (!owned) return;
    for (const trace of owned.traces.values()) this.remove(trace);
    if (owned.stranger) this.byId.delete(owned.stranger.id);
    owned.stranger = undefined;
    owned.isGone = true;
    this.owners.delete(nodeId);
  }

  /** The device with this id, which need not be known yet; undefined once its owner is gone. */
  of(owned: Owned, deviceId: string): DeviceTrace | undefined {
    if (owned.isGone) return undefined;
    const known = owned.traces.get(deviceId);
    if (known) return known;
    const { owner } = owned;
    const isUnknown = owner.isComplete && owner.settingsOf(deviceId) === undefined;
    if (isUnknown || deviceId.length > MAX_DEVICE_ID) return this.strangerOf(owned);
    if (!this.hasRoom) this.evict();
    return this.add(owned, deviceId);
  }

  /** The device that a record is about; undefined if it is gone. */
  byTraceId(id: number): DeviceTrace | undefined {
    return this.byId.get(id);
  }

  byKey(key: string): DeviceTrace | undefined {
    // A node id has no colon, but what comes from outside may be anything.
    for (const [nodeId, { traces }] of this.owners) {
      if (!key.startsWith(`${nodeId}:`)) continue;
      const trace = traces.get(key.slice(nodeId.length + 1));
      if (trace) return trace;
    }
    return undefined;
  }

  changed(trace: DeviceTrace): void {
    this.version += 1;
    trace.version = this.version;
    if (this.byChange.newest !== trace && !trace.isStranger && !trace.isGone) this.byChange.touch(trace);
  }

  /** Those that changed after `version`, the oldest change first; at most `limit` of them. */
  changedSince(version: number, limit: number): ReturnType<ChangeOrder['since']> {
    return this.byChange.since(version, limit);
  }

  /** The device is switched for the first time; `slot` is the place of what it does. Returns it. */
  activate(trace: DeviceTrace, slot: number): number {
    if (!this.hasRoom) this.evict(trace);
    trace.slot = slot;
    this.bytes += ACTIVITY_BYTES;
    return slot;
  }

  /** What went wrong with the last toggle of the device, if anything did. Without a room for it, its cause is enough. */
  failed(trace: DeviceTrace, error: string | undefined): void {
    const hasRoom = this.errorBytes < this.maxBytes() * ERROR_SHARE;
    this.countErrors(trace.failed(hasRoom ? error : undefined));
  }

  /** Rows that have no place. */
  get hiddenCount(): number {
    let hidden = 0;
    for (const { owner, traces } of this.owners.values()) {
      if (owner.isComplete) hidden += Math.max(0, owner.deviceIds.length - traces.size);
    }
    return hidden;
  }

  /** The keys of what left after `version`; undefined if that is too long ago to be known. */
  removedSince(version: number): readonly string[] | undefined {
    return this.removals.since(version);
  }

  private add(owned: Owned, deviceId: string): DeviceTrace {
    this.lastId += 1;
    const trace = new DeviceTrace(this.lastId, owned.owner, deviceId);
    owned.traces.set(trace.deviceId, trace);
    this.byId.set(trace.id, trace);
    this.bytes += trace.bytes;
    this.changed(trace);
    return trace;
  }

  private strangerOf(owned: Owned): DeviceTrace {
    if (owned.stranger) return owned.stranger;
    this.lastId += 1;
    const stranger = new DeviceTrace(this.lastId, owned.owner, '', true);
    owned.stranger = stranger;
    this.byId.set(stranger.id, stranger);
    return stranger;
  }

  private get hasRoom(): boolean {
    return this.bytes < this.maxBytes();
  }

  /** Removes those that changed longest ago, but not `kept`. */
  private evict(kept?: DeviceTrace): void {
    const idle = [...this.byChange].filter((trace) => trace.newest === undefined && trace !== kept);
    for (const trace of idle.slice(0, Math.ceil(idle.length * EVICTED_SHARE))) this.remove(trace);
  }

  private remove(trace: DeviceTrace): void {
    this.owners.get(trace.owner.nodeId)?.traces.delete(trace.deviceId);
    this.byId.delete(trace.id);
    this.byChange.remove(trace);
    trace.isGone = true;
    this.countErrors(trace.failed());
    this.bytes -= trace.bytes;
    this.version += 1;
    this.bytes += this.removals.add(this.version, trace.key, this.maxBytes() * REMOVAL_SHARE);
    this.onGone(trace);
  }

  private countErrors(bytes: number): void {
    this.errorBytes += bytes;
    this.bytes += bytes;
  }
}
