/** Whether the persistent connection of a device node is down, as its toggle nodes show it. */
import type { ConnectionState, Observer } from '../../src/observer';
import type { Follower } from './follower';

/** An observer of the device whose connection this is. */
export class ConnectionWatch implements Observer {
  private down = false;

  constructor(private readonly follower: Pick<Follower, 'connectionChanged'>) {}

  /** It was lost, or could not be opened, and is not open again; one that nobody needed yet is not down. */
  get isDown(): boolean {
    return this.down;
  }

  /** The device reports each change under every device id. */
  connectionState(_deviceId: string, _state: ConnectionState, isLost = false): void {
    if (this.down === isLost) return;
    this.down = isLost;
    this.follower.connectionChanged();
  }
}
