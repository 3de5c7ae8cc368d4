/** The config node that a toggle or group node switches by, as its settings choose it. */
import { deviceNodeOf } from './phase0-device/device-node';
import { fleetNodeOf } from './phase0-fleet/fleet-node';
import {
  devicesStatus,
  faultStatus,
  followReadings,
  inventoryNodeOf,
  unfollowReadings,
} from './phase0-inventory/inventory-node';
import type { Config, Message, Node, NodeApi, Status } from './red';
import { settingStatus } from './setting-status';
import type { TargetNode } from './target-node';
import { MISSING_TEXT_OF, MISSING_TEXTS, type Target } from './targets';
import { propertyOf, textOf } from './unsafe-values';

const NODE_OF: Readonly<Record<Target, (RED: NodeApi, id: string) => TargetNode | undefined>> = {
  device: deviceNodeOf,
  inventory: inventoryNodeOf,
  fleet: fleetNodeOf,
};

/** A class, because each node has one, and there are thousands: its methods are shared, closures would not be. */
export class ChosenTarget {
  readonly id: string;

  /** `ownProblems`: what is wrong with the settings of the node itself. */
  constructor(
    private readonly RED: NodeApi,
    private readonly user: Pick<Node, 'id' | 'type'>,
    private readonly kind: Target,
    config: Config,
    private readonly ownProblems: readonly string[],
  ) {
    this.id = textOf(config[kind]);
  }

  /** Looked up for each use: a deploy may replace the config node while the node that uses it lives. */
  node(): TargetNode | undefined {
    return NODE_OF[this.kind](this.RED, this.id);
  }

  /** Why nothing can be switched, in English; empty if nothing is wrong. */
  problems(): readonly string[] {
    if (this.ownProblems.length > 0) return this.ownProblems;
    return this.node()?.problems ?? [MISSING_TEXTS[MISSING_TEXT_OF[this.kind]]];
  }

  /** The same as one text in the language of the runtime; undefined if nothing is wrong. */
  problem(): string | undefined {
    const missing = MISSING_TEXT_OF[this.kind];
    const text = this.problems().join('; ');
    if (text === MISSING_TEXTS[missing]) return this.RED._(`${this.user.type}.status.${missing}`);
    return text === '' ? undefined : text;
  }

  /** Whether this device id has a connection that is kept. */
  isPersistent(deviceId: string): boolean {
    return this.node()?.isPersistent(deviceId) === true;
  }

  /** Calls `listener` once the config node has read its table for the first time; at once if it has none to wait for. */
  whenReady(listener: () => void): void {
    const ready = this.node()?.ready;
    if (ready) void ready.then(listener);
    else listener();
  }

  /** Calls `listener` after each reading of its table from now on, until `unfollow`; never if it has none here. */
  follow(listener: () => void): void {
    if (this.kind === 'inventory') followReadings(this.id, this.user.id, listener);
  }

  unfollow(): void {
    unfollowReadings(this.id, this.user.id);
  }

  /** What to show after such a reading, if something is wrong with it; undefined otherwise. */
  trouble(): Status | undefined {
    const wrong = this.problems();
    return wrong.length > 0 ? settingStatus(wrong) : faultStatus(this.id);
  }

  /** What to show when something was wrong, and is not any more. */
  mended(): Status {
    return devicesStatus(this.id);
  }

  /** Whether its table was read, and has no such row. Never true of what has no table here. */
  lacks(deviceId: string): boolean {
    const chosen = this.node();
    const directory = chosen?.problems.length === 0 ? chosen.directory?.() : undefined;
    return directory !== undefined && directory.device(deviceId) === undefined;
  }

  /** Whether the message asks to read the table of the config node again, which has begun then. */
  reloadsBy(msg: Message): boolean {
    const chosen = propertyOf(msg, 'reload') === true ? this.node() : undefined;
    chosen?.reload?.();
    return chosen?.reload !== undefined;
  }
}
