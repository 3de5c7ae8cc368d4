/** Owns what a toggle node may ask of its device node, and the device node whose settings are wrong. */
import type { StopReason } from '../../src/outcomes';
import type { ToggleCommand } from '../../src/device/device';
import type { Observer } from '../../src/observer';
import { droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import type { Node } from '../red';

/** The part of a device that toggle nodes use. */
export interface Switch {
  toggle(command: ToggleCommand): Promise<Verdict>;
  /** The verdict on a message that asks for nothing valid. */
  drop(dropped: Dropped): Verdict;
  stop(reason: StopReason, requester?: string): void;
  /** Nobody needs it for now: closes a connection that is kept. */
  closeIdle(): void;
  close(): void;
}

export interface DeviceNode extends Node {
  /** The device, or what stands in for it when a setting is wrong. */
  switch: Switch;
  /** The device id of its settings, as far as they can be read. */
  deviceId: string;
  /** What is wrong with the settings, if something is. */
  problem?: string;
  /** The toggle nodes that use it, by id. Not called `users`: that name has a meaning to the runtime. */
  readonly toggleNodeIds: Set<string>;
}

/** A toggle node is there no more; without any, the device rests. */
export function leave(device: DeviceNode, toggleNodeId: string): void {
  if (device.toggleNodeIds.delete(toggleNodeId) && device.toggleNodeIds.size === 0) device.switch.closeIdle();
}

/** Answers everything with `dropped/invalid_settings`. */
export function misconfigured(problem: string, ownDeviceId: string, observer: Observer): Switch {
  const refuse = (known: Omit<Dropped, 'reason' | 'error'>) => {
    const verdict = droppedVerdict({ ...known, reason: 'invalid_settings', error: problem });
    observer.verdict?.(verdict);
    return verdict;
  };
  return {
    toggle: ({ deviceId = ownDeviceId, msgId, state }) =>
      Promise.resolve(
        refuse({ deviceId, ...(msgId !== undefined && { msgId }), ...(typeof state === 'boolean' && { state }) }),
      ),
    drop: refuse,
    stop() {},
    closeIdle() {},
    close() {},
  };
}
