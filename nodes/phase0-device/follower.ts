/** What a toggle node hears of the device node that it follows. */
export interface Follower {
  /** A state was confirmed, or loaded from the store. */
  stateChanged(deviceId: string): void;
  /** The persistent connection was lost, or is open again; with `deviceId` that of a row of an inventory. */
  connectionChanged(deviceId?: string): void;
}
