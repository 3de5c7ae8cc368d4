/** The part of a device node that its toggle nodes use. */
import type { Address } from '../../src/causes';
import type { Device } from '../../src/device/device';
import type { Observer } from '../../src/observer';
import { droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import type { Node, NodeApi } from '../red';

export type { ConfirmedState } from './confirmed-states';
export { deployedDevice, type DeployedDevice } from './deployed-devices';

export interface DeviceNode extends Node {
  /** Absent when a setting is wrong; `problems` says which. */
  device?: Pick<Device, 'settings' | 'toggle' | 'drop' | 'stop' | 'closeIdle' | 'close'>;
  problems: readonly string[];
  /** The device id of its settings, as far as they can be read. */
  deviceId: string;
  /** Where it is; absent when a setting is wrong. */
  address?: Address;
  /** Counts the verdicts on messages, also while there is no device. */
  recorder: Observer;
  /** The toggle nodes that use it. Not called `users`: that name has a meaning to the runtime. */
  readonly toggleNodeIds: Set<string>;
}

/** The deployed device node with this id. None when the id is that of a node of another type. */
export function deviceNodeOf(RED: Pick<NodeApi, 'nodes'>, id: string): DeviceNode | undefined {
  const node = id === '' ? undefined : RED.nodes.getNode(id);
  // A node of this type that could not be created has no toggle nodes.
  return node?.type === 'phase0-device' && 'toggleNodeIds' in node ? (node as DeviceNode) : undefined;
}

/** Ends a toggle node's use of the device; without any user, the device closes its idle connection. */
export function unregister(node: DeviceNode, toggleNodeId: string): void {
  if (node.toggleNodeIds.delete(toggleNodeId) && node.toggleNodeIds.size === 0) node.device?.closeIdle();
}

/** The verdict on a message that cannot be tried, counted like every other. */
export function drop(node: DeviceNode, dropped: Dropped): Verdict {
  if (node.device) return node.device.drop(dropped);
  const verdict = droppedVerdict(dropped);
  node.recorder.verdict?.(verdict);
  return verdict;
}
