/** The memory of the recorder: devices, toggles without a verdict, and records, together within their limit. */
import type { Verdict } from '../verdict';
import type { DeviceTrace } from './device-trace';
import { DeviceTraces, type Owned } from './device-traces';
import type { OpenToggle } from './open-toggle';
import { MAX_RECORD_BYTES, RecordCodec } from './record';
import { Ring } from './ring';
import { SparkPool } from './spark-pool';
import type { TraceOwner } from './trace-owner';

/** Room for some records of the largest size. */
const MIN_BYTES = 512 * 1024;
/**
 * Shares of the memory: what devices may take, what toggles without a verdict may take in any case, and what a burst of
 * them leaves to the records, which otherwise have all that the others do not need.
 */
const DEVICE_SHARE = 0.75;
const OPEN_SHARE = 0.125;
const RECORD_SHARE = 0.25;
/** Segments that the records are in when there are few devices. */
const SEGMENTS = 64;
/** What a toggle without a verdict takes besides its bytes. */
const OPEN_BYTES = 600;

export class TraceMemory {
  readonly maxBytes: number;
  readonly devices: DeviceTraces;
  readonly sparks = new SparkPool();
  readonly codec = new RecordCodec();
  readonly ring: Ring;
  private openBytes = 0;
  /** What toggles without a verdict take beyond their share: the oldest records make room. */
  private borrowedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = Math.max(MIN_BYTES, maxBytes);
    this.ring = new Ring(Math.max(MAX_RECORD_BYTES + 16, Math.ceil(this.maxBytes / SEGMENTS)));
    this.devices = new DeviceTraces(this.maxBytes * DEVICE_SHARE, (trace) => this.gone(trace));
    this.limitRing();
  }

  register(owner: TraceOwner): Owned {
    const owned = this.devices.register(owner);
    this.limitRing();
    return owned;
  }

  unregister(nodeId: string): void {
    this.devices.unregister(nodeId);
    this.limitRing();
  }

  /** A toggle without a verdict; undefined when they take too much already, and then only its verdict is recorded. */
  open(trace: DeviceTrace, toggle: OpenToggle): void {
    if (this.roomForOpen <= OPEN_BYTES) return;
    this.openGrew(OPEN_BYTES);
    trace.open.push(toggle);
  }

  /** How many bytes the toggles without a verdict may still keep. */
  get roomForBytes(): number {
    return Math.max(0, this.roomForOpen);
  }

  /** A toggle without a verdict has kept so many bytes. */
  kept(bytes: number): void {
    this.openGrew(bytes);
  }

  /** What was recorded of a toggle, which now has its verdict. */
  take(trace: DeviceTrace, msgId: string): OpenToggle | undefined {
    const toggle = trace.take(msgId);
    if (toggle) this.openGrew(-OPEN_BYTES - toggle.keptBytes);
    return toggle;
  }

  /** Records the toggle for good, until newer ones need its place. Returns its number. */
  record(trace: DeviceTrace, toggle: OpenToggle, verdict: Verdict, endedAtMs: number): number {
    const askedAtMs = endedAtMs - verdict.elapsedMs;
    const head = { traceId: trace.id, askedAtMs, nodeId: trace.owner.nodeId, settings: trace.settings };
    const { bytes, start } = this.ring.place(this.codec.roomFor(toggle));
    return this.ring.added(this.codec.write(bytes, start, head, toggle, verdict));
  }

  /** A device takes more than before, or less. */
  grew(bytes: number): void {
    this.devices.grew(bytes);
    this.limitRing();
  }

  private get roomForOpen(): number {
    const spare = this.maxBytes * (1 - RECORD_SHARE) - this.devices.bytes;
    return Math.max(this.maxBytes * OPEN_SHARE, spare) - this.openBytes;
  }

  private openGrew(bytes: number): void {
    this.openBytes += bytes;
    const borrowed = Math.max(0, this.openBytes - this.maxBytes * OPEN_SHARE);
    if (borrowed === this.borrowedBytes) return;
    this.borrowedBytes = borrowed;
    this.limitRing();
  }

  private limitRing(): void {
    this.ring.limit(this.maxBytes * (1 - OPEN_SHARE) - this.devices.bytes - this.borrowedBytes);
  }

  private gone({ activity, open }: DeviceTrace): void {
    if (activity) this.sparks.release(activity.spark);
    for (const toggle of open) this.openGrew(-OPEN_BYTES - toggle.keptBytes);
  }
}
