/** Whether the persistent connection of a device node is down, as its toggle nodes show it. */
import type { Observer } from '../../src/observer';

export class ConnectionWatch {
  private down = false;
  private readonly listeners = new Map<string, () => void>();

  /** It was lost, or could not be opened, and is not open again; one that nobody needed yet is not down. */
  get isDown(): boolean {
    return this.down;
  }

  get followed(): boolean {
    return this.listeners.size > 0;
  }

  /** Calls `listener` on each change from now on; a toggle node has one listener. */
  follow(toggleNodeId: string, listener: () => void): void {
    this.listeners.set(toggleNodeId, listener);
  }

  unfollow(toggleNodeId: string): void {
    this.listeners.delete(toggleNodeId);
  }

  /** To be added to the observers of the device whose connection this is. */
  readonly observer: Observer = {
    // The device reports each change under every device id.
    connectionState: (_deviceId, _state, isLost = false) => {
      if (this.down === isLost) return;
      this.down = isLost;
      for (const listener of this.listeners.values()) listener();
    },
  };
}
