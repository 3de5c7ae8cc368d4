/** Observer of one owner's devices: records what they do under the labels that their ids have. */
import type {
  AttemptReport,
  AttemptStart,
  ConnectionState,
  DecodeErrorEvent,
  Observer,
  PacketEvent,
} from '../observer';
import type { AttemptOutcome, CircuitState } from '../outcomes';
import { TransientMap } from '../transient';
import { confirmedState, type Verdict } from '../verdict';
import { OTHER_IDS, type LabelOf } from './device-ids';
import { count, type DeviceRecord } from './device-record';
import { Distribution } from './distribution';
import { DURATION_BUCKETS, LATENCY_BUCKETS, toFiniteNonNegative } from './values';

/** A class, because each device has one: methods are shared, closures would not be. */
export class DeviceObserver implements Observer {
  /** How the latest attempt ended, of the toggles that wait for another one. */
  private readonly failed = new TransientMap<string, AttemptOutcome>();

  /** `recordWith`: the record with a label. `unixTimeMs`: milliseconds since 1970. */
  constructor(
    private readonly labelOf: LabelOf,
    private readonly recordWith: (label: string) => DeviceRecord,
    private readonly unixTimeMs: () => number,
  ) {}

  packet({ deviceId, direction, outcome }: PacketEvent): void {
    const record = this.recordOf(deviceId);
    if (record) count(direction === 'send' ? (record.sent ??= {}) : (record.received ??= {}), outcome);
  }

  /** A toggle that is stopped before its next attempt begins is not sent again. */
  attemptStarted({ deviceId, msgId, attempt }: AttemptStart): void {
    if (attempt === 1) return;
    const key = keyOf(deviceId, msgId);
    const outcome = this.failed.get(key);
    this.failed.delete(key);
    const record = outcome && this.recordOf(deviceId);
    if (record) count((record.retransmitted ??= {}), outcome);
  }

  attemptEnded({ deviceId, msgId, outcome, willRetry }: AttemptReport): void {
    if (willRetry) this.failed.set(keyOf(deviceId, msgId), outcome);
  }

  decodeError({ deviceId, reason }: DecodeErrorEvent): void {
    const record = this.recordOf(deviceId);
    if (record) count((record.decodeErrors ??= {}), reason);
  }

  verdict(verdict: Verdict): void {
    const { deviceId, msgId, outcome, reason, latencyMs, elapsedMs } = verdict;
    // One that was never tried may have the message id of one that is.
    if (this.failed.size > 0 && verdict.attempts > 0) this.failed.delete(keyOf(deviceId, msgId));
    const label = this.labelOf(deviceId);
    if (label === undefined) return;
    const record = this.recordWith(label);
    count((record.toggles ??= {}), outcome);
    if (reason !== undefined) count((record.abandoned ??= {}), reason);
    if (latencyMs !== undefined) {
      (record.latency ??= new Distribution(LATENCY_BUCKETS)).add(toFiniteNonNegative(latencyMs) / 1000);
    }
    (record.duration ??= new Distribution(DURATION_BUCKETS)).add(toFiniteNonNegative(elapsedMs) / 1000);
    const state = confirmedState(verdict);
    if (state === undefined || label === OTHER_IDS) return;
    // Another owner may have switched the same device, so this can be a change although the owner sees none.
    record.isOn = state;
    record.lastConfirmedS = toFiniteNonNegative(this.unixTimeMs()) / 1000;
  }

  verdictUndelivered({ deviceId }: Verdict): void {
    const record = this.recordOf(deviceId);
    if (record) record.undelivered = (record.undelivered ?? 0) + 1;
  }

  queueDepth(deviceId: string, depth: number): void {
    const record = this.ofOneDevice(deviceId);
    if (record) record.queueDepth = toFiniteNonNegative(depth);
  }

  connectionState(deviceId: string, state: ConnectionState): void {
    const record = this.ofOneDevice(deviceId);
    if (record) record.connectionState = state;
  }

  circuitState(deviceId: string, state: CircuitState): void {
    const record = this.ofOneDevice(deviceId);
    if (record) record.circuitState = state;
  }

  confirmedState(deviceId: string, state: boolean): void {
    const record = this.ofOneDevice(deviceId);
    if (record) record.isOn = state;
  }

  private recordOf(deviceId: string): DeviceRecord | undefined {
    const label = this.labelOf(deviceId);
    return label === undefined ? undefined : this.recordWith(label);
  }

  /** Not that of `(other)`: a gauge of many devices together has no meaning. */
  private ofOneDevice(deviceId: string): DeviceRecord | undefined {
    const label = this.labelOf(deviceId);
    return label === undefined || label === OTHER_IDS ? undefined : this.recordWith(label);
  }
}

/** A message id has no line break, and so no two toggles have the same key. */
function keyOf(deviceId: string, msgId: string): string {
  return `${msgId}\n${deviceId}`;
}
