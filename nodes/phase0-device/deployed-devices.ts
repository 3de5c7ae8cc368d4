/** What outlives a deploy of a device node, by node id: what its toggle nodes follow, and its metrics. Dropped with the node. */
import { metrics } from '../metrics';
import type { NodeApi } from '../red';
import { forgetRemoved } from '../removed-nodes';
import { forgetTrace } from '../trace';
import { ConfirmedStates } from './confirmed-states';
import { ConnectionWatch } from './connection-watch';
import type { Follower } from './follower';

/** What toggle nodes follow of a device node. */
export class DeployedDevice implements Follower {
  readonly states = new ConfirmedStates(this);
  readonly connection = new ConnectionWatch(this);
  /** A few at most, as a rule. */
  private followers: readonly Follower[] = NOBODY;

  get isFollowed(): boolean {
    return this.followers.length > 0;
  }

  /** The follower hears of each change from now on. */
  follow(follower: Follower): void {
    // Not a spread, which leaves room for sixteen more.
    this.followers = this.followers.concat(follower);
  }

  unfollow(follower: Follower): void {
    this.followers = this.followers.filter((each) => each !== follower);
  }

  stateChanged(deviceId: string): void {
    for (const follower of this.followers) follower.stateChanged(deviceId);
  }

  connectionChanged(deviceId?: string): void {
    for (const follower of this.followers) follower.connectionChanged(deviceId);
  }
}

const NOBODY: readonly Follower[] = [];
const devices = new Map<string, DeployedDevice>();

/** What to follow of a device node; the same object until the node is removed. */
export function deployedDevice(deviceNodeId: string): DeployedDevice {
  const known = devices.get(deviceNodeId);
  if (known) return known;
  const device = new DeployedDevice();
  devices.set(deviceNodeId, device);
  return device;
}

/** Forgets a device node that is not deployed any more. */
export function forgetDevice(deviceNodeId: string): void {
  metrics.forget(deviceNodeId);
  forgetTrace(deviceNodeId);
  const device = devices.get(deviceNodeId);
  device?.states.clear();
  // Toggle nodes that still name it must follow the node that an "undo" may bring back.
  if (!device?.isFollowed) devices.delete(deviceNodeId);
}

/** After each deploy, forgets device and inventory nodes that it removed. */
export function forgetRemovedDevices(RED: Pick<NodeApi, 'events' | 'nodes'>): void {
  forgetRemoved(RED, devices, forgetDevice);
}
