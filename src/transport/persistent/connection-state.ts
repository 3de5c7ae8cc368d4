/** State of a persistent connection, reported under the device ids that use it. */
import type { ConnectionState, Observer } from '../../observer';

/** Device ids that get the state; ids come from messages, so nothing else bounds their number. */
export const MAX_IDS = 10_000;

interface Connection {
  state: ConnectionState;
  /** Whether it ended, or could not be opened, without this side having wanted that. */
  isLost: boolean;
}

export class ConnectionStateReporter {
  /** The one that was used longest ago first. */
  private readonly deviceIds = new Set<string>();

  constructor(
    private readonly observer: Pick<Observer, 'connectionState'>,
    private readonly connection: Readonly<Connection>,
  ) {}

  /** Reports the state for a device id that has just begun to use the connection. */
  register(deviceId: string): void {
    const isKnown = this.deviceIds.delete(deviceId);
    this.deviceIds.add(deviceId);
    if (isKnown) return;
    this.report(deviceId);
    if (this.deviceIds.size <= MAX_IDS) return;
    const [oldest] = this.deviceIds;
    if (oldest !== undefined) this.deviceIds.delete(oldest);
  }

  /** Reports the state for every device id. */
  changed(): void {
    for (const deviceId of this.deviceIds) this.report(deviceId);
  }

  private report(deviceId: string): void {
    this.observer.connectionState?.(deviceId, this.connection.state, this.connection.isLost);
  }
}
