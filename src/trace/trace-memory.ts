/** The memory of the recorder: devices, toggles without a verdict, and records, together within their limit. */
import type { Verdict } from '../verdict';
import { ActivityPool } from './activity-pool';
import type { DeviceTrace } from './device-trace';
import { DeviceTraces, type Owned } from './device-traces';
import { OpenLogs } from './open-logs';
import { OpenTest, OpenToggle } from './open-toggle';
import { MAX_RECORD_BYTES, RecordCodec } from './record';
import { Ring } from './ring';
import type { TraceOwner } from './trace-owner';

/** Room for some records of the largest size; it takes no less. */
export const MIN_TRACE_BYTES = 512 * 1024;
/**
 * Shares of the memory: what devices may take, what toggles without a verdict may take in any case, and what a burst of
 * them leaves to the records, which otherwise have all that the others do not need.
 */
const DEVICE_SHARE = 0.75;
const OPEN_SHARE = 0.125;
const RECORD_SHARE = 0.25;
/** What is in no count: compiled code, and what the heap takes besides objects. */
const OVERHEAD_SHARE = 0.0625;
/** Segments that the records are in when there are few devices. */
const SEGMENTS = 64;
/** What the objects of a toggle without a verdict take, measured. */
const OPEN_BYTES = 328;
const NO_LOG = new Uint8Array(0);

export class TraceMemory {
  readonly maxBytes: number;
  readonly codec = new RecordCodec();
  readonly activities = new ActivityPool(this.codec.words);
  readonly devices: DeviceTraces;
  readonly ring: Ring;
  private readonly logs = new OpenLogs(
    this.codec.writer,
    () => this.roomForOpen,
    (bytes) => this.openGrew(bytes),
  );
  private openBytes = 0;
  /** What toggles without a verdict take beyond their share: the oldest records make room. */
  private borrowedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = Math.max(MIN_TRACE_BYTES, maxBytes);
    this.ring = new Ring(Math.max(MAX_RECORD_BYTES + 16, Math.ceil(this.maxBytes / SEGMENTS)));
    const roomForDevices = () => this.maxBytes * DEVICE_SHARE - this.borrowedBytes;
    this.devices = new DeviceTraces(roomForDevices, (trace) => this.gone(trace));
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

  /** A toggle without a verdict; when they take too much already, nothing, and then only its verdict is recorded. */
  open(trace: DeviceTrace, msgId: string, requester: string, requestId: string, now: number, isTest = false): void {
    const log = this.roomForOpen < OPEN_BYTES ? undefined : this.logs.open();
    if (!log) return;
    this.openGrew(OPEN_BYTES);
    const toggle = new (isTest ? OpenTest : OpenToggle)(msgId, now, log, this.codec.words);
    toggle.askedBy(requester, requestId);
    trace.open(toggle);
  }

  /**
   * Records a toggle for good, until newer ones need its place; `open` is what is known of it besides its verdict, and
   * was taken from its device. Returns its number.
   */
  record(trace: DeviceTrace, open: OpenToggle | undefined, verdict: Verdict, endedAtMs: number): number {
    open?.verdict(verdict.elapsedMs);
    const askedAtMs = endedAtMs - verdict.elapsedMs;
    const deviceId = trace.isStranger ? verdict.deviceId : '';
    const head = { traceId: trace.id, deviceId, askedAtMs, settings: trace.settings };
    const log = open?.log.bytes ?? NO_LOG;
    const { region, start } = this.ring.place(this.codec.roomFor(head, log, verdict));
    const seq = this.ring.added(this.codec.write(region, start, head, open, log, verdict));
    if (open) this.forget(open);
    return seq;
  }

  /** What the device did, with the toggle of this number. */
  summarize(trace: DeviceTrace, verdict: Verdict, seq: number, endedAtMs: number): void {
    const { devices, activities } = this;
    const before = devices.bytes;
    const slot = trace.slot ?? devices.activate(trace, activities.take());
    activities.add(slot, verdict, seq, endedAtMs);
    devices.failed(trace, verdict.error);
    if (devices.bytes !== before) this.limitRing();
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
    this.ring.limit(this.maxBytes * (1 - OPEN_SHARE - OVERHEAD_SHARE) - this.devices.bytes - this.borrowedBytes);
  }

  private forget(toggle: OpenToggle): void {
    toggle.log.release();
    this.openGrew(-OPEN_BYTES);
  }

  private gone(trace: DeviceTrace): void {
    if (trace.slot !== undefined) this.activities.release(trace.slot);
    for (let toggle = trace.takeFirst(); toggle; toggle = trace.takeFirst()) this.forget(toggle);
  }
}
