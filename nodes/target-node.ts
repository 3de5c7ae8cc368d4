/** What toggle nodes need of the config node that they switch by: a device, an inventory of many, or a fleet. */
import type { Address } from '../src/causes';
import type { Device } from '../src/device/device';
import { reportDropped } from '../src/device/report-dropped';
import type { MemberDirectory } from '../src/inventory/members';
import type { Observer } from '../src/observer';
import type { DeviceSettings } from '../src/settings/device';
import type { TransientSet } from '../src/transient';
import type { Dropped, Verdict } from '../src/verdict';
import type { Node } from './red';

export interface TargetNode extends Node {
  /** Absent when a setting is wrong; `problems` says which. */
  device?: Pick<Device, 'toggle' | 'drop' | 'stop' | 'closeIdle'> & { close(): void | Promise<void> };
  problems: readonly string[];
  /** The device id of its settings, as far as they can be read; empty if every message has to name one. */
  deviceId: string;
  /** Where the device with this id is; undefined when that is not known. */
  addressOf(deviceId: string): Address | undefined;
  /** The settings that hold for this device id; absent where only workers know them. */
  settingsOf?(deviceId: string): DeviceSettings | undefined;
  /** Whether this device id has a connection that is kept; toggle nodes show its state. */
  isPersistent(deviceId: string): boolean;
  /** Counts the verdicts on messages, also while there is no device. */
  recorder: Observer;
  /** Records for the packet trace what becomes of messages; none when it is off. */
  trace: readonly Observer[];
  /** A device of its own with the settings of this device id; undefined if there are none. Throws when they are wrong. */
  testDevice?(deviceId: string, observers: readonly Observer[]): Device | undefined;
  /** The nodes that have asked for a toggle of it. Not called `users`: that name has a meaning to the runtime. */
  readonly toggleNodeIds: TransientSet<string>;
  /** Whether a node follows it, and so may ask for one. */
  isFollowed?(): boolean;
  /** Resolves once its table has been read, well or not: for the first time, and after each `reload`. Not for ever pending. */
  ready?: Promise<void>;
  /** Reads its table again, if it has one that can change; `ready` is the wait for that then. */
  reload?(): void;
  /** The rows and tags that members of a group are looked up in, if it has any. */
  directory?(): MemberDirectory | undefined;
}

/** Ends a node's use of the device, which it does not follow any more; without any user, idle connections are closed. */
export function unregister(node: TargetNode, toggleNodeId: string): void {
  node.toggleNodeIds.delete(toggleNodeId);
  if (node.toggleNodeIds.size === 0 && node.isFollowed?.() !== true) node.device?.closeIdle();
}

/** The verdict on a message that cannot be tried, counted like every other. */
export function drop(node: TargetNode, dropped: Dropped): Verdict {
  if (node.device) return node.device.drop(dropped);
  return reportDropped([node.recorder, ...node.trace], dropped);
}
