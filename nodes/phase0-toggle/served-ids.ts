/** Device ids that a toggle node was asked to switch since it started, and what is wrong with them. */
import { CAUSE_NAMES } from '../../src/cause-names';
import type { VerdictReason } from '../../src/outcomes';
import { overflow } from '../../src/overflow';
import { TransientMap, TransientSet } from '../../src/transient';
import type { Verdict } from '../../src/verdict';
import type { ChosenTarget } from '../chosen-target';

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
  private readonly ids = new TransientSet<string>();
  /** The newest one last. */
  private readonly troubles = new TransientMap<string, string>();
  /** An id that no row has, while that is the latest that happened: nothing will ever be confirmed of it. */
  private stranger: Trouble | undefined;

  /** `target` tells which ids have no row. */
  constructor(private readonly target: Pick<ChosenTarget, 'lacks'>) {}

  get size(): number {
    return this.ids.size;
  }

  get hasStranger(): boolean {
    return this.stranger !== undefined;
  }

  get troubleCount(): number {
    return this.troubles.size + (this.stranger ? 1 : 0);
  }

  get latestTrouble(): Trouble | undefined {
    if (this.stranger) return this.stranger;
    const latest = [...this.troubles].at(-1);
    return latest && { deviceId: latest[0], reason: latest[1] };
  }

  has(deviceId: string): boolean {
    return this.ids.has(deviceId);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.ids[Symbol.iterator]();
  }

  add(deviceId: string): void {
    this.ids.add(deviceId);
    for (const oldest of overflow(this.ids, MAX_IDS)) this.forget(oldest);
  }

  /** Notes how a toggle ended: a trouble stays until its device confirms a toggle, or its row is gone. */
  note({ deviceId, outcome, reason, cause }: Verdict): void {
    const isUnknown = reason === 'unknown_device';
    // The toggles of a removed row end after the reading.
    if (isUnknown || this.target.lacks(deviceId)) this.forget(deviceId);
    if (outcome === 'dropped' && NO_TROUBLE.has(reason)) return;
    const trouble = cause ? CAUSE_NAMES[cause] : String(reason);
    this.stranger = isUnknown ? { deviceId, reason: trouble } : undefined;
    this.troubles.delete(deviceId);
    if (outcome !== 'confirmed' && this.ids.has(deviceId)) this.troubles.set(deviceId, trouble);
  }

  /** The device was confirmed for somebody else. */
  confirmed(deviceId: string): void {
    this.troubles.delete(deviceId);
    if (this.ids.has(deviceId)) this.stranger = undefined;
  }

  /** Forgets what no row has any more; whether there was any. */
  forgetGone(): boolean {
    const gone = [...this.ids].filter((deviceId) => this.target.lacks(deviceId));
    for (const deviceId of gone) this.forget(deviceId);
    const hadStranger = this.hasStranger;
    this.stranger = undefined;
    return hadStranger || gone.length > 0;
  }

  private forget(deviceId: string): void {
    this.ids.delete(deviceId);
    this.troubles.delete(deviceId);
  }
}
