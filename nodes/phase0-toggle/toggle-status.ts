/** What the status of a toggle node is about: its message, its device id, or all ids that it serves. */
import type { AttemptReport, AttemptStart } from '../../src/observer';
import type { Verdict } from '../../src/verdict';
import type { ChosenTarget } from '../chosen-target';
import type { ConfirmedState, DeployedDevice, Follower } from '../phase0-device/device-node';
import type { Status } from '../red';
import { settingStatus } from '../setting-status';
import type { StatusLine } from '../status-line';
import { ServedIds } from './served-ids';
import { attemptStatus, connectionStatus, groupStatus, retryStatus, verdictStatus, waitingStatus } from './status';

export interface ToggleStatusDeps {
  readonly line: Pick<StatusLine, 'set'>;
  readonly followed: Pick<DeployedDevice, 'states' | 'connection'>;
  /** The device id that the settings name; undefined if messages do. */
  ownDeviceId(): string | undefined;
  readonly target: Pick<ChosenTarget, 'problems' | 'trouble' | 'mended' | 'lacks' | 'isPersistent'>;
  /** No message is being worked on: while one is, the status is about that message. */
  readonly isIdle: boolean;
}

/** A frame begins like this; any other reply does not name its toggle, and ends a persistent connection. */
const FRAME = /^f00d/;

export class ToggleStatus implements Follower {
  private readonly served: ServedIds;
  /** A toggle that was not confirmed is shown until a state is. */
  private failure: Status | undefined;
  /** The failure is that of the settings or of the table. */
  private isOfSettings = false;
  /** What is wrong with the settings or with the table is shown. */
  private isTroubled = false;

  constructor(private readonly deps: ToggleStatusDeps) {
    this.served = new ServedIds(deps.target);
  }

  /** The first status of a node; none while nothing is known. */
  start(): void {
    const trouble = this.deps.target.trouble();
    this.isTroubled = trouble !== undefined;
    if (trouble) this.set(trouble);
    else if (this.hasKnown) this.showKnown();
  }

  /** The table of the inventory was read. */
  tableRead(): void {
    const hadGone = this.served.forgetGone();
    if (this.isOfSettings || (hadGone && this.served.size === 0)) this.failure = undefined;
    if (!this.deps.isIdle) return;
    const wasTroubled = this.isTroubled;
    this.start();
    if (this.isTroubled) return;
    if (this.failure) this.set(this.failure);
    else if ((wasTroubled || hadGone) && !this.hasKnown) this.set(this.deps.target.mended());
  }

  /** A message asks for this device id. */
  addressed(deviceId: string): void {
    this.served.add(deviceId);
  }

  waiting(count: number): void {
    this.work(() => waitingStatus(count));
  }

  attempt(start: AttemptStart): void {
    this.work(() => attemptStatus(start));
  }

  retry(report: AttemptReport): void {
    this.work(() => retryStatus(report));
  }

  verdict(verdict: Verdict): void {
    const { reason, outcome, error } = verdict;
    this.failure = undefined;
    this.isOfSettings = reason === 'invalid_settings';
    if (reason === 'invalid_settings') {
      const problems = this.deps.target.problems();
      this.failure = settingStatus(problems.length > 0 ? problems : [error ?? reason]);
    } else if (reason === 'invalid_state') this.failure = verdictStatus(verdict);
    else {
      this.served.note(verdict);
      if (this.isGroup) return this.deps.line.set(() => this.group(!this.deps.isIdle));
      if (outcome !== 'confirmed') this.failure = verdictStatus(verdict);
    }
    this.set(this.failure ?? verdictStatus(verdict, this.isKept(verdict)));
  }

  /** A toggle of this node or of another one was confirmed, or a state was loaded. */
  stateChanged(deviceId: string): void {
    const isLoaded = this.deps.followed.states.get(deviceId)?.beforeRestart === true;
    if (!isLoaded) this.served.confirmed(deviceId);
    if (!this.deps.isIdle || !this.isShown(deviceId) || (isLoaded && this.failure)) return;
    this.failure = undefined;
    this.showKnown();
  }

  /** The persistent connection, or that of a row, was lost, or is open again. */
  connectionChanged(deviceId?: string): void {
    if (deviceId !== undefined && !this.isShown(deviceId)) return;
    // Why a toggle failed says more than that the connection is down.
    if (this.deps.isIdle && !this.failure) this.showKnown();
  }

  private get hasKnown(): boolean {
    return this.isGroup || this.confirmed !== undefined || this.isDown;
  }

  private get isDown(): boolean {
    const { connection } = this.deps.followed;
    return connection.isDown || connection.areDown(this.deviceIds);
  }

  private isShown(deviceId: string): boolean {
    return this.isGroup ? this.isServed(deviceId) : deviceId === this.deviceId;
  }

  private work(single: () => Status): void {
    this.deps.line.set(() => (this.isGroup ? this.group(true) : single()));
  }

  private showKnown(): void {
    this.deps.line.set(() => (this.isGroup ? this.group(false) : connectionStatus(this.isDown, this.confirmed)));
  }

  private set(status: Status): void {
    this.deps.line.set(() => status);
  }

  private isKept({ received, deviceId }: Verdict): boolean {
    return !this.deps.target.isPersistent(deviceId) || received === undefined || FRAME.test(received);
  }

  /** Those that messages have asked for; before the first one, all that the device knows. */
  private get deviceIds(): Iterable<string> {
    const own = this.deps.ownDeviceId();
    if (this.served.size > 0) return this.served;
    return own === undefined ? this.knownIds() : [own];
  }

  /** Those whose state is known; that of a row outlives it. */
  private *knownIds(): Iterable<string> {
    for (const deviceId of this.deps.followed.states.deviceIds()) if (!this.deps.target.lacks(deviceId)) yield deviceId;
  }

  private isServed(deviceId: string): boolean {
    return this.served.size === 0 || this.served.has(deviceId);
  }

  private get isGroup(): boolean {
    // What no row has is named beside the one that is served.
    if (this.served.size > 0) return this.served.size > 1 || this.served.hasStranger;
    const [, second] = this.deviceIds;
    return second !== undefined;
  }

  /** That of a toggle which serves one. */
  private get deviceId(): string {
    const [first = ''] = this.deviceIds;
    return first;
  }

  private get confirmed(): ConfirmedState | undefined {
    return this.deps.followed.states.get(this.deviceId);
  }

  private group(isBusy: boolean): Status {
    const { states } = this.deps.followed;
    const known = Array.from(this.deviceIds, (deviceId) => states.get(deviceId));
    return groupStatus({
      on: known.filter((each) => each?.state).length,
      count: known.length,
      isBusy,
      isDown: this.isDown,
      // What has been asked for since is in trouble, or confirmed.
      beforeRestart: this.served.size === 0 && known.some((each) => each?.beforeRestart === true),
      trouble: this.served.latestTrouble,
      troubleCount: this.served.troubleCount,
    });
  }
}
