/** Device ids that a toggle node was asked to switch since it started, and what is wrong with them. */
import { CAUSE_NAMES } from '../../src/cause-names';
import type { VerdictReason } from '../../src/outcomes';
import { overflow } from '../../src/overflow';
import type { Verdict } from '../../src/verdict';

/** The limit of a device, too; the id that was named first is forgotten first. */
const MAX_IDS = 10_000;

/** What a toggle is dropped for that says nothing of its device. */
const NO_TROUBLE: ReadonlySet<VerdictReason | undefined> = new Set([
  'superseded',
  'cancelled',
  'closed',
  'device_removed',
] as const);

/** A device id whose last toggle was not confirmed. */
export interface Trouble {
  readonly deviceId: string;
  readonly reason: string;
}

export class ServedIds {
  private readonly ids = new Set<string>();
  /** The newest one last. */
  private readonly troubles = new Map<string, string>();

  get size(): number {
    return this.ids.size;
  }

  get troubleCount(): number {
    return this.troubles.size;
  }

  get latestTrouble(): Trouble | undefined {
    const latest = [...this.troubles].at(-1);
    return latest && { deviceId: latest[0], reason: latest[1] };
  }

  has(deviceId: string): boolean {
    return this.ids.has(deviceId);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.ids.values();
  }

  add(deviceId: string): void {
    this.ids.add(deviceId);
    for (const oldest of overflow(this.ids, MAX_IDS)) {
      this.ids.delete(oldest);
      this.troubles.delete(oldest);
    }
  }

  /** Notes how a toggle ended: a trouble stays until its device confirms a toggle. */
  note({ deviceId, outcome, reason, cause }: Verdict): void {
    if (outcome === 'dropped' && NO_TROUBLE.has(reason)) return;
    this.troubles.delete(deviceId);
    if (outcome !== 'confirmed') this.troubles.set(deviceId, cause ? CAUSE_NAMES[cause] : String(reason));
  }

  /** The device was confirmed for somebody else. */
  confirmed(deviceId: string): void {
    this.troubles.delete(deviceId);
  }
}
