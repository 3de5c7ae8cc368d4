/** Devices in the order of their latest changes: a reader asks for the few that changed, of thousands. */
import type { DeviceTrace } from './device-trace';

/** A list that is linked within the devices: a change moves one to its end, many times for each toggle. */
export class ChangeOrder {
  private oldest: DeviceTrace | undefined;
  private last: DeviceTrace | undefined;

  /** The one that changed last. */
  get newest(): DeviceTrace | undefined {
    return this.last;
  }

  /** The device changed, or is new. */
  touch(device: DeviceTrace): void {
    this.remove(device);
    device.changedBefore = this.last;
    if (this.last) this.last.changedAfter = device;
    else this.oldest = device;
    this.last = device;
  }

  /** Does nothing if it is not there. */
  remove(device: DeviceTrace): void {
    const { changedBefore, changedAfter } = device;
    if (changedBefore) changedBefore.changedAfter = changedAfter;
    else if (this.oldest === device) this.oldest = changedAfter;
    if (changedAfter) changedAfter.changedBefore = changedBefore;
    else if (this.last === device) this.last = changedBefore;
    device.changedBefore = undefined;
    device.changedAfter = undefined;
  }

  /** Those that changed after `version`, the oldest change first; at most `limit` of them, and whether there are more. */
  since(version: number, limit: number): { readonly devices: readonly DeviceTrace[]; readonly more: boolean } {
    let first: DeviceTrace | undefined;
    let count = 0;
    for (let device = this.last; device && device.version > version; device = device.changedBefore) {
      first = device;
      count += 1;
    }
    const devices: DeviceTrace[] = [];
    for (let device = first; device && devices.length < limit; device = device.changedAfter) devices.push(device);
    return { devices, more: count > limit };
  }

  /** All of them, the oldest change first. */
  *[Symbol.iterator](): Generator<DeviceTrace> {
    for (let device = this.oldest; device; device = device.changedAfter) yield device;
  }
}
