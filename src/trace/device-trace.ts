/** What is known of one device: its state, its last verdict, and its toggles that have no verdict yet. */
import type { ConnectionState } from '../observer';
import type { CircuitState } from '../outcomes';
import { ACTIVITY_BYTES } from './activity-pool';
import type { OpenToggle } from './open-toggle';
import { ownText, textBytes } from './own-text';
import type { TraceOwner, TracedSettings } from './trace-owner';

/** What a device takes besides its texts, measured: its object, with two links of 8 bytes, and its places in two maps. */
const LISTED_BYTES = 296;
/** Longest error that is kept; the record of the toggle has more. */
const MAX_ERROR = 120;

/** With few properties and none that is an object of its own: there are thousands. */
export class DeviceTrace {
  /** Toggles without a verdict, in the order in which they were asked for. */
  private firstOpen: OpenToggle | undefined;
  private lastOpen: OpenToggle | undefined;
  /** Its place among the activities; undefined before it was switched. */
  slot: number | undefined;
  /** Of the last verdict. */
  error = '';
  /** When it changed last; counts the changes of all devices. */
  version = 0;
  state: boolean | undefined;
  stateSince: number | undefined;
  connection: ConnectionState | undefined;
  isLost = false;
  circuit: CircuitState | undefined;
  queue = 0;
  isGone = false;
  readonly deviceId: string;
  /** Its neighbours in {@link ChangeOrder}. */
  changedBefore: DeviceTrace | undefined;
  changedAfter: DeviceTrace | undefined;

  /** `isStranger`: it stands for every device id that its owner does not have, and is not shown. */
  constructor(
    readonly id: number,
    public owner: TraceOwner,
    deviceId: string,
    readonly isStranger = false,
  ) {
    this.deviceId = ownText(deviceId);
  }

  get key(): string {
    return `${this.owner.nodeId}:${this.deviceId}`;
  }

  /** Estimated from what was measured; the test of the memory compares. */
  get bytes(): number {
    const activity = this.slot === undefined ? 0 : ACTIVITY_BYTES;
    return LISTED_BYTES + textBytes(this.deviceId) + activity + textBytes(this.error);
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

  /** What went wrong with the last toggle, if anything did. Returns how many bytes it takes more than the one before. */
  failed(text = ''): number {
    const error = text.slice(0, MAX_ERROR);
    if (error === this.error) return 0;
    const before = textBytes(this.error);
    this.error = ownText(error);
    return textBytes(this.error) - before;
  }

  open(toggle: OpenToggle): void {
    if (this.lastOpen) this.lastOpen.next = toggle;
    else this.firstOpen = toggle;
    this.lastOpen = toggle;
  }

  find(msgId: string): OpenToggle | undefined {
    let toggle = this.firstOpen;
    while (toggle && toggle.msgId !== msgId) toggle = toggle.next;
    return toggle;
  }

  /**
   * Takes the toggle from those without a verdict. A caller may have used its message id for another one, too, which is not
   * where this one is: under way, or waiting.
   */
  take(msgId: string, hasStarted?: boolean): OpenToggle | undefined {
    let before: OpenToggle | undefined;
    let toggle = this.firstOpen;
    const isIt = (each: OpenToggle) =>
      each.msgId === msgId && (hasStarted === undefined || each.hasStarted === hasStarted);
    for (; toggle && !isIt(toggle); toggle = toggle.next) before = toggle;
    if (!toggle) return hasStarted === undefined ? undefined : this.take(msgId);
    if (before) before.next = toggle.next;
    else this.firstOpen = toggle.next;
    if (this.lastOpen === toggle) this.lastOpen = before;
    return toggle;
  }

  /** Takes the oldest one. */
  takeFirst(): OpenToggle | undefined {
    return this.firstOpen && this.take(this.firstOpen.msgId);
  }

  /** The toggle that was asked for last, of those without a verdict. */
  get newest(): OpenToggle | undefined {
    return this.lastOpen;
  }

  /** The toggle that is being attempted: a test, or one of those over the connection of the device. Both can be at once. */
  running(isTest: boolean): OpenToggle | undefined {
    let toggle = this.firstOpen;
    while (toggle && !(toggle.hasStarted && toggle.isTest === isTest)) toggle = toggle.next;
    return toggle;
  }

  get isRunning(): boolean {
    return (this.running(false) ?? this.running(true)) !== undefined;
  }
}

const NO_SETTINGS: TracedSettings = {};
