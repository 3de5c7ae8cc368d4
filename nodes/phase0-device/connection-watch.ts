/** Whether the persistent connection of a device node, or of a row, is down, as toggle nodes show it. */
import type { ConnectionState, Observer } from '../../src/observer';
import type { Follower } from './follower';

/** An observer of the device whose connection this is; an inventory calls {@link rowChanged} instead. */
export class ConnectionWatch implements Observer {
  private down = false;
  /** Device ids of the rows whose connection is down. */
  private lostRows: Set<string> | undefined;

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

  rowChanged(deviceId: string, isLost: boolean): void {
    if (this.areDown([deviceId]) === isLost) return;
    if (isLost) (this.lostRows ??= new Set()).add(deviceId);
    else this.lostRows?.delete(deviceId);
    this.follower.connectionChanged(deviceId);
  }

  /** Whether the connection of one of these rows is down. */
  areDown(deviceIds: Iterable<string>): boolean {
    const { lostRows } = this;
    if (!lostRows?.size) return false;
    for (const deviceId of deviceIds) if (lostRows.has(deviceId)) return true;
    return false;
  }
}
