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

export interface ChosenTarget {
  readonly id: string;
  /** Looked up for each use: a deploy may replace the config node while the node that uses it lives. */
  node(): TargetNode | undefined;
  /** Why nothing can be switched, in English; empty if nothing is wrong. */
  problems(): readonly string[];
  /** The same as one text in the language of the runtime; undefined if nothing is wrong. */
  problem(): string | undefined;
  /** Calls `listener` once the config node has read its table for the first time; at once if it has none to wait for. */
  whenReady(listener: () => void): void;
  /** Calls `listener` after each reading of its table from now on, until `unfollow`. */
  follow(listener: () => void): void;
  unfollow(): void;
  /** What to show after such a reading, if something is wrong with it; undefined otherwise. */
  trouble(): Status | undefined;
  /** What to show when something was wrong, and is not any more. */
  mended(): Status;
  /** Whether its table was read, and has no such row. Never true of what has no table here. */
  lacks(deviceId: string): boolean;
  /** Whether the message asks to read the table of the config node again, which has begun then. */
  reloadsBy(msg: Message): boolean;
}

/** `ownProblems`: what is wrong with the settings of the node itself. */
export function chosenTarget(
  RED: NodeApi,
  user: Pick<Node, 'id' | 'type'>,
  target: Target,
  config: Config,
  ownProblems: readonly string[],
): ChosenTarget {
  const id = textOf(config[target]);
  const missing = MISSING_TEXT_OF[target];
  const node = () => NODE_OF[target](RED, id);
  const problems = (): readonly string[] => {
    if (ownProblems.length > 0) return ownProblems;
    return node()?.problems ?? [MISSING_TEXTS[missing]];
  };
  return {
    id,
    node,
    problems,
    problem() {
      const text = problems().join('; ');
      if (text === MISSING_TEXTS[missing]) return RED._(`${user.type}.status.${missing}`);
      return text === '' ? undefined : text;
    },
    whenReady(listener) {
      const ready = node()?.ready;
      if (ready) void ready.then(listener);
      else listener();
    },
    follow: (listener) => followReadings(id, user.id, listener),
    unfollow: () => unfollowReadings(id, user.id),
    trouble() {
      const wrong = problems();
      return wrong.length > 0 ? settingStatus(wrong) : faultStatus(id);
    },
    mended: () => devicesStatus(id),
    lacks(deviceId) {
      const chosen = node();
      const directory = chosen?.problems.length === 0 ? chosen.directory?.() : undefined;
      return directory !== undefined && directory.device(deviceId) === undefined;
    },
    reloadsBy(msg) {
      const chosen = propertyOf(msg, 'reload') === true ? node() : undefined;
      chosen?.reload?.();
      return chosen?.reload !== undefined;
    },
  };
}
