/** What is known of one device: its state, its last verdict, and its toggles that have no verdict yet. */
import type { ConnectionState } from '../observer';
import type { Cause, CircuitState, VerdictOutcome, VerdictReason } from '../outcomes';
import type { Verdict } from '../verdict';
import type { LastVerdict } from './answers';
import type { OpenToggle } from './open-toggle';
import { SPARK_BYTES } from './spark-pool';
import type { TraceOwner, TracedSettings } from './trace-owner';

/** What a device takes, measured: its object, its place in a map, and the text of its id. */
const LISTED_BYTES = 280;
/** What is added when it is switched for the first time. */
const ACTIVE_BYTES = 200 + SPARK_BYTES;

/** Longest error that is kept; the record of the toggle has more. */
const MAX_ERROR = 120;

/** What exists only once the device was switched. Written for each toggle, so that nothing is allocated for it. */
export class Activity {
  readonly counts: Record<VerdictOutcome, number> = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
  private seq = 0;
  private outcome: VerdictOutcome = 'dropped';
  private reason: VerdictReason | undefined;
  private cause: Cause | undefined;
  private error = '';
  private at = 0;
  private attempts = 0;
  private latencyMs = NaN;

  /** `spark` is the place of its sparkline. */
  constructor(readonly spark: number) {}

  get bytes(): number {
    return ACTIVE_BYTES + this.error.length;
  }

  add({ outcome, reason, cause, error = '', attempts, latencyMs = NaN }: Verdict, seq: number, at: number): void {
    this.counts[outcome] += 1;
    this.seq = seq;
    this.outcome = outcome;
    this.reason = reason;
    this.cause = cause;
    this.error = error.length > MAX_ERROR ? error.slice(0, MAX_ERROR) : error;
    this.at = at;
    this.attempts = attempts;
    this.latencyMs = latencyMs;
  }

  get last(): LastVerdict {
    const { seq, outcome, reason, cause, error, at, attempts, latencyMs } = this;
    return {
      seq,
      outcome,
      ...(reason && { reason }),
      ...(cause && { cause }),
      ...(error !== '' && { error }),
      at: Math.round(at * 1000) / 1000,
      attempts,
      ...(!Number.isNaN(latencyMs) && { latencyUs: Math.round(latencyMs * 1000) }),
    };
  }
}

export class DeviceTrace {
  /** Toggles without a verdict, in the order in which they were asked for. */
  readonly open: OpenToggle[] = [];
  activity: Activity | undefined;
  /** When it changed last; counts the changes of all devices. */
  version = 0;
  state: boolean | undefined;
  stateSince: number | undefined;
  connection: ConnectionState | undefined;
  isLost = false;
  circuit: CircuitState | undefined;
  queue = 0;
  isGone = false;

  /** `isStranger`: it stands for every device id that its owner does not have, and is not shown. */
  constructor(
    readonly id: number,
    public owner: TraceOwner,
    readonly deviceId: string,
    readonly isStranger = false,
  ) {}

  get key(): string {
    return `${this.owner.nodeId}:${this.deviceId}`;
  }

  /** Estimated from what was measured; the test of the memory compares. */
  get bytes(): number {
    return LISTED_BYTES + 2 * this.deviceId.length + (this.activity?.bytes ?? 0);
  }

  /** Not stored: with many devices that would take more than all else. */
  get settings(): TracedSettings {
    return this.owner.settingsOf(this.deviceId) ?? NO_SETTINGS;
  }

  /** Since when it is in `state` is not known of one that was restored. */
  confirmed(state: boolean, sinceMs: number | undefined): void {
    if (this.state === state && this.stateSince !== undefined) return;
    this.state = state;
    this.stateSince = sinceMs;
  }

  find(msgId: string): OpenToggle | undefined {
    for (const toggle of this.open) if (toggle.msgId === msgId) return toggle;
    return undefined;
  }

  /** Takes the toggle from those without a verdict. */
  take(msgId: string): OpenToggle | undefined {
    const index = this.open[0]?.msgId === msgId ? 0 : this.open.findIndex((toggle) => toggle.msgId === msgId);
    return index === 0 ? this.open.shift() : index > 0 ? this.open.splice(index, 1)[0] : undefined;
  }

  get running(): OpenToggle | undefined {
    for (const toggle of this.open) if (toggle.hasStarted) return toggle;
    return undefined;
  }
}

const NO_SETTINGS: TracedSettings = {};
