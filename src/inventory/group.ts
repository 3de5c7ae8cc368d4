/** A run of one command over many devices, with one verdict for all of them. */
import { systemClock, type Clock } from '../clock';
import type { ToggleCommand } from '../device/toggle-command';
import type { StopReason, VerdictOutcome } from '../outcomes';
import { errorText, printable } from '../printable';
import { droppedVerdict, type Dropped, type Verdict } from '../verdict';
import { GroupPace, type PaceOptions } from './pace';

/** One member of a group, with the state that it is asked for. */
export interface GroupMember {
  readonly deviceId: string;
  readonly state: boolean | 'flip';
}

export interface GroupOptions extends PaceOptions {
  /** Shared with other runs, in place of `concurrency` and `staggerMs`. */
  readonly pace?: GroupPace;
  /** Whether the rest is dropped as `cancelled` after the first member that is not confirmed. */
  readonly stopOnFailure?: boolean;
  /** Who asks; given to each toggle. */
  readonly requester?: string;
  /** Receives the attempts of the members. */
  readonly observer?: ToggleCommand['observer'];
  /** Receives the verdict on each member, as it comes. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** The verdict on a group: how many members ended how, and each of their verdicts. */
export interface GroupVerdict extends Readonly<Record<VerdictOutcome, number>> {
  /** `all` only if there are members, and each is confirmed; `none` if none is. */
  readonly outcome: 'all' | 'some' | 'none';
  readonly total: number;
  readonly elapsedMs: number;
  /** By device id. */
  readonly members: Readonly<Record<string, Verdict>>;
}

/** What switches the members: a device with many ids behind it, or an inventory. */
export interface GroupTarget {
  toggle(command: ToggleCommand): Promise<Verdict>;
  stop(reason: StopReason, requester?: string): void;
  /**
   * The verdict on a member that was not started; with it, the observers of the target hear of those as well.
   * @internal
   */
  drop?(dropped: Dropped): Verdict;
}

/**
 * Switches the members, each in its own lane, the first of several with the same id. Runs with one pace start their
 * members one run after the other. `verdict` resolves once, when every member has its own; it never rejects.
 */
export class GroupRun {
  readonly verdict: Promise<GroupVerdict>;
  private readonly waiting: GroupMember[];
  private readonly verdicts = new Map<string, Verdict>();
  private readonly total: number;
  private readonly clock: Clock;
  private readonly startedAt: number;
  private readonly pace: GroupPace;
  private resolve!: (verdict: GroupVerdict) => void;

  constructor(
    private readonly target: GroupTarget,
    members: readonly GroupMember[],
    private readonly options: GroupOptions = {},
  ) {
    const unique = new Map<string, GroupMember>();
    for (const member of members) if (!unique.has(member.deviceId)) unique.set(member.deviceId, member);
    // The first one is the last of the array, which is quick to take.
    this.waiting = [...unique.values()].toReversed();
    this.total = unique.size;
    this.clock = options.clock ?? systemClock;
    this.startedAt = this.clock.now();
    this.verdict = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.pace = options.pace ?? new GroupPace(options);
    this.pace.add({
      hasWaiting: () => this.waiting.length > 0,
      startNext: () => void this.start(this.waiting.pop() as GroupMember),
    });
    this.finishIfDone();
  }

  /** Drops the members that were not started. Those that run end by `target.stop`, which ends them with this requester. */
  stop(reason: StopReason): void {
    this.dropWaiting(reason, `${reason} before its turn in the group`);
    if (this.options.requester !== undefined) this.target.stop(reason, this.options.requester);
    this.finishIfDone();
  }

  private async start(member: GroupMember): Promise<void> {
    const verdict = await this.toggle(member);
    this.record(member.deviceId, verdict);
    if (verdict.outcome !== 'confirmed' && this.options.stopOnFailure === true) {
      this.dropWaiting('cancelled', `cancelled, because ${printable(member.deviceId)} was not confirmed`);
    }
    this.pace.ended();
    this.finishIfDone();
  }

  private async toggle({ deviceId, state }: GroupMember): Promise<Verdict> {
    const { requester, observer } = this.options;
    try {
      return await this.target.toggle({
        deviceId,
        state,
        ...(requester !== undefined && { requester }),
        ...(observer && { observer }),
      });
    } catch (bug) {
      // The others must get their verdicts all the same.
      return { outcome: 'unknown', deviceId, msgId: '', attempts: 0, elapsedMs: 0, error: errorText(bug) };
    }
  }

  private dropWaiting(reason: StopReason, error: string): void {
    const elapsedMs = this.clock.now() - this.startedAt;
    for (const { deviceId, state } of this.waiting.splice(0).toReversed()) {
      const asked = typeof state === 'boolean' ? { state } : {};
      const dropped: Dropped = { reason, error, deviceId, elapsedMs, ...asked };
      this.record(deviceId, this.target.drop?.(dropped) ?? droppedVerdict(dropped));
    }
    this.pace.dropped();
  }

  private record(deviceId: string, verdict: Verdict): void {
    this.verdicts.set(deviceId, verdict);
    try {
      this.options.onVerdict?.(verdict);
    } catch {
      // Whoever listens must not keep the others from their verdicts.
    }
  }

  private finishIfDone(): void {
    if (this.verdicts.size === this.total) this.resolve(this.summary());
  }

  private summary(): GroupVerdict {
    const counts = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
    for (const { outcome } of this.verdicts.values()) counts[outcome] += 1;
    const { total, verdicts } = this;
    const isAll = total > 0 && counts.confirmed === total;
    return {
      outcome: isAll ? 'all' : counts.confirmed > 0 ? 'some' : 'none',
      total,
      ...counts,
      elapsedMs: this.clock.now() - this.startedAt,
      members: Object.fromEntries(verdicts),
    };
  }
}
