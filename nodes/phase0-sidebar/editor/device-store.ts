/** The devices as the server last told of them. Pure. */
import type { DevicesAnswer } from '../../../src/trace/answers';
import { byTrouble, isFound, listed, type DeviceFilter, type ListedDevice } from './device-order';

export class DeviceStore {
  private readonly devices = new Map<string, ListedDevice>();
  /** All of them, trouble first. */
  private ordered: readonly ListedDevice[] = [];
  /** Devices of before a reset that no answer since then has named; those that none names are gone. */
  private missing = new Set<string>();
  /** By the clock of the server, less that of this machine. */
  private clockOffset = 0;
  /** What the server said with its last answer; undefined before it. */
  said: Pick<DevicesAnswer, 'traceBytes' | 'hidden'> | undefined;

  constructor(private readonly clock: () => number) {}

  /** Returns the keys of devices that are gone, or were in between. */
  take({ devices, removed, reset, more, now, traceBytes, hidden }: DevicesAnswer): readonly string[] {
    this.said = { traceBytes, hidden };
    this.clockOffset = now - this.clock();
    if (reset) this.missing = new Set(this.devices.keys());
    // What was removed may be there again.
    const absent = new Set(removed);
    const added: string[] = [];
    for (const summary of devices) {
      const before = this.devices.get(summary.key);
      if (!before) added.push(summary.key);
      this.devices.set(summary.key, listed(summary, before));
      this.missing.delete(summary.key);
      absent.delete(summary.key);
    }
    const unnamed = more ? [] : [...this.missing];
    if (!more) this.missing.clear();
    for (const key of [...absent, ...unnamed]) this.devices.delete(key);
    this.order(added);
    return [...removed, ...unnamed];
  }

  /** Begins with the order of before, which is mostly the one of now: then sorting takes next to no time. */
  private order(added: readonly string[]): void {
    const devices: ListedDevice[] = [];
    const add = (key: string) => {
      const device = this.devices.get(key);
      if (device) devices.push(device);
    };
    for (const { summary } of this.ordered) add(summary.key);
    for (const key of added) add(key);
    devices.sort(byTrouble);
    this.ordered = devices;
  }

  get size(): number {
    return this.devices.size;
  }

  get(key: string): ListedDevice | undefined {
    return this.devices.get(key);
  }

  /** The nodes that have devices. */
  nodeIds(): ReadonlySet<string> {
    return new Set([...this.devices.values()].map(({ summary }) => summary.nodeId));
  }

  /** Now, by the clock of the server. */
  now(): number {
    return this.clock() + this.clockOffset;
  }

  /**
   * What the filter finds, trouble first. With `held`, those that were in it keep their places, so that nothing moves
   * from under the pointer; others come after them.
   */
  found(filter: DeviceFilter, held: readonly ListedDevice[] = []): readonly ListedDevice[] {
    const found = this.ordered.filter((device) => isFound(device, filter));
    if (held.length === 0) return found;
    const kept = held.map(({ summary }) => this.devices.get(summary.key)).filter((device) => device !== undefined);
    if (kept.length === this.size) return kept;
    const keys = new Set(kept.map(({ summary }) => summary.key));
    return [...kept, ...found.filter(({ summary }) => !keys.has(summary.key))];
  }

  /** How many are not well. */
  troubled(): number {
    let count = 0;
    for (const { health } of this.devices.values()) if (health === 'bad' || health === 'uneasy') count += 1;
    return count;
  }

  /** Every tag, sorted. */
  tags(): readonly string[] {
    const tags = new Set<string>();
    for (const { summary } of this.devices.values()) for (const tag of summary.tags ?? []) tags.add(tag);
    const sorted = [...tags];
    sorted.sort();
    return sorted;
  }
}
