/** What other nodes may ask of a deployed phase0-device node. */
import type { Device } from '../../src/device/device';
import type { Dropped, Verdict } from '../../src/verdict';
import type { Node, NodeApi } from '../red';

/** Receives the last confirmed state of a device id; `isRestored`: it was confirmed before the device node started. */
export type StateListener = (deviceId: string, state: boolean, isRestored: boolean) => void;

export interface DeviceNode extends Node {
  /** Absent when a setting is wrong. */
  readonly device?: Pick<Device, 'toggle' | 'stop' | 'closeIdle' | 'knownState'>;
  /** What is wrong with the settings, if something is. */
  readonly problem?: string;
  /** The device id of its settings, as far as it can be read. */
  readonly deviceId: string;
  /** The toggle nodes that use it, by id. Not called `users`: that name has a meaning to the runtime. */
  readonly toggleNodes: Map<string, StateListener>;
  /** The verdict on a message that cannot be attempted, counted like every other. */
  drop(dropped: Dropped): Verdict;
}

/** The deployed phase0-device node with this id; nothing when there is none, or when the id is that of another node. */
export function deviceNodeOf(RED: NodeApi, id: string | undefined): DeviceNode | undefined {
  const node = RED.nodes.getNode(id ?? '');
  return node?.type === 'phase0-device' ? (node as DeviceNode) : undefined;
}

/** A toggle node ended; without any, the device needs no connection. */
export function unregister({ toggleNodes, device }: DeviceNode, toggleNodeId: string): void {
  if (toggleNodes.delete(toggleNodeId) && toggleNodes.size === 0) device?.closeIdle();
}
