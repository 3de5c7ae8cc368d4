/** Runs one group command over an inventory, and judges it: pace, order, stops, and the one verdict on all members. */
import { GroupRun, type GroupMember, type GroupTarget, type GroupVerdict } from '../../src/inventory/group';
import type { StopReason } from '../../src/outcomes';
import type { Dropped, Verdict } from '../../src/verdict';
import { TIMER_MS, TINY_MS, type Broken, type Moment, type ToggleFact } from './facts';
import type { GroupAction } from './story';
import type { CountedClock } from './virtual-time';

/** The inventory, and the facts of each toggle that it is asked for. */
interface WatchedTarget {
  ask(member: GroupMember, place: number): { readonly toggle: ToggleFact; readonly verdict: Promise<Verdict> };
  drop(dropped: Dropped, member: GroupMember, place: number): ToggleFact;
  stop(reason: StopReason): void;
}

export interface GroupDeps {
  readonly action: GroupAction;
  readonly requester: string;
  readonly target: WatchedTarget;
  readonly clock: CountedClock;
  readonly now: () => Moment;
  readonly broken: Broken;
  readonly note: (what: string, ...parts: readonly (string | number)[]) => void;
}

export class GroupWatch {
  hasEnded = false;
  /** The first of each id, in the order of the list. */
  private readonly members: readonly GroupMember[];
  private readonly facts = new Map<string, ToggleFact>();
  private readonly heard: Verdict[] = [];
  private readonly begun: Moment;
  private readonly run: GroupRun;
  private lastStart: Moment | undefined;
  private dropped = 0;
  private isStopped = false;

  constructor(private readonly deps: GroupDeps) {
    const { action, clock, requester, now } = deps;
    const { members, concurrency, staggerMs, stopOnFailure } = action;
    this.members = members.filter(({ deviceId }, at) => members.findIndex((each) => each.deviceId === deviceId) === at);
    this.begun = now();
    const target: GroupTarget = {
      toggle: (command) => this.start(command.deviceId ?? '', command.state, command.requester),
      drop: (dropped) => this.drop(dropped),
      stop: (reason, who) => {
        this.check(who === requester, 'stop', () => `a stop is for ${who}`);
        deps.target.stop(reason);
      },
    };
    const options = { concurrency, staggerMs, stopOnFailure, requester, clock };
    this.run = new GroupRun(target, members, { ...options, onVerdict: (verdict) => this.heard.push(verdict) });
    this.run.verdict.then(
      (verdict) => this.ended(verdict),
      () => this.fault('verdict', 'it was rejected'),
    );
  }

  stop(): void {
    if (this.hasEnded) return;
    this.isStopped = true;
    this.run.stop('cancelled');
  }

  /** Longest time until it ends: its members may have to wait for each other. */
  longestMs(longestToggleMs: (deviceId: string) => number): number {
    let sum = 0;
    for (const { deviceId } of this.members) sum += longestToggleMs(deviceId) + this.deps.action.staggerMs + TIMER_MS;
    return sum;
  }

  /** When nothing in the process is under way. */
  settled(): void {
    if (this.hasEnded) return;
    const { concurrency, staggerMs, stopOnFailure } = this.deps.action;
    const { waiting, running } = this;
    if (waiting === 0 && running === 0) this.fault('verdict', 'all members have ended, and it has not');
    if (waiting > 0 && this.isStopped) this.fault('stop', `${waiting} members wait after a stop`);
    if (running > 0 && this.isStopped) this.fault('stop', `${running} members run after a stop`);
    if (waiting > 0 && stopOnFailure && this.hasFailed) this.fault('stop on failure', `${waiting} members still wait`);
    const { lastStart } = this;
    const now = this.deps.now();
    const isDue =
      !lastStart || now.atMs > lastStart.atMs + staggerMs + TIMER_MS + TINY_MS + now.heldMs - lastStart.heldMs;
    if (waiting > 0 && isDue && (concurrency === 0 || running < concurrency)) {
      this.fault('liveness', `${waiting} members wait, and ${running} of ${concurrency} run`);
    }
  }

  private get waiting(): number {
    return this.members.length - this.facts.size;
  }

  private get running(): number {
    let running = 0;
    for (const { verdict } of this.facts.values()) if (!verdict) running += 1;
    return running;
  }

  private get hasFailed(): boolean {
    return [...this.facts.values()].some(({ verdict }) => verdict !== undefined && verdict.outcome !== 'confirmed');
  }

  private start(deviceId: string, state: unknown, requester: string | undefined): Promise<Verdict> {
    const { action, now, target } = this.deps;
    const place = this.facts.size;
    const member = this.members[place];
    if (!member || member.deviceId !== deviceId) {
      this.fault('order', `${deviceId} starts, and ${member?.deviceId} is the next one`);
      throw new Error('out of order');
    }
    this.check(member.state === state, 'asked', () => `${deviceId} is asked for ${String(state)}`);
    this.check(requester === this.deps.requester, 'asked', () => `${deviceId} is asked for by ${requester}`);
    this.check(!this.isStopped, 'stop', () => `${deviceId} starts after a stop`);
    // Members that end within one event: the group hears of one after the other.
    const hasHeard = this.heard.some(({ outcome }) => outcome !== 'confirmed');
    this.check(!(action.stopOnFailure && hasHeard), 'stop on failure', () => `${deviceId} starts after a failure`);
    const { concurrency } = action;
    this.check(concurrency === 0 || this.running < concurrency, 'concurrency', () => `${this.running} run already`);
    const moment = now();
    const sinceMs = moment.atMs - (this.lastStart?.atMs ?? -Infinity);
    this.check(sinceMs >= action.staggerMs - TIMER_MS - TINY_MS, 'stagger', () => `${sinceMs} ms after the last one`);
    this.lastStart = moment;
    // A verdict may come within the call, and reach the laws before this run has its fact.
    const { toggle, verdict } = target.ask(member, place);
    this.facts.set(deviceId, toggle);
    return verdict;
  }

  private drop(dropped: Dropped): Verdict {
    const { action, target } = this.deps;
    const { deviceId, reason } = dropped;
    const place = this.facts.size;
    const member = this.members[place];
    if (!member || member.deviceId !== deviceId) {
      this.fault('order', `${deviceId} is dropped, and ${member?.deviceId} is the next one`);
      throw new Error('out of order');
    }
    const mayDrop = this.isStopped || (action.stopOnFailure && (this.hasFailed || this.dropped > 0));
    this.check(reason === 'cancelled' && mayDrop, 'drop', () => `${deviceId} is dropped/${reason}`);
    this.check(dropped.elapsedMs === this.elapsedMs, 'drop', () => `${deviceId} reports ${dropped.elapsedMs} ms`);
    const toggle = target.drop(dropped, member, place);
    this.facts.set(deviceId, toggle);
    this.dropped += 1;
    if (!toggle.verdict) throw new Error('a dropped member has no verdict');
    return toggle.verdict;
  }

  private get elapsedMs(): number {
    return this.deps.now().atMs - this.begun.atMs;
  }

  private ended(verdict: GroupVerdict): void {
    const { members, facts, heard, deps } = this;
    deps.note('group ends', verdict.outcome, verdict.total, verdict.confirmed, verdict.dropped);
    if (this.hasEnded) this.fault('verdict', 'there is a second one');
    this.hasEnded = true;
    const truth = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
    for (const { deviceId } of members) {
      const own = facts.get(deviceId)?.verdict;
      if (!own) return this.fault('verdict', `it came before that on ${deviceId}`);
      truth[own.outcome] += 1;
      this.check(verdict.members[deviceId] === own, 'members', () => `the verdict on ${deviceId} is another one`);
      const times = heard.filter((each) => each === own).length;
      this.check(times === 1, 'members', () => `the verdict on ${deviceId} was reported ${times} times`);
    }
    const { total } = verdict;
    this.check(total === members.length && heard.length === total, 'members', () => `there are ${total}`);
    this.check(Object.keys(verdict.members).length === total, 'members', () => 'others have verdicts as well');
    for (const [outcome, count] of Object.entries(truth)) {
      const counted = verdict[outcome as keyof typeof truth];
      this.check(counted === count, 'counts', () => `${counted} are ${outcome}, and should be ${count}`);
    }
    const wanted = truth.confirmed === 0 ? 'none' : truth.confirmed === total ? 'all' : 'some';
    this.check(verdict.outcome === wanted, 'counts', () => `it is ${verdict.outcome}, and should be ${wanted}`);
    this.check(verdict.elapsedMs === this.elapsedMs, 'elapsed', () => `it reports ${verdict.elapsedMs} ms`);
    this.check(deps.clock.pendingTimers() === 0, 'leak', () => 'a timer is left');
  }

  private check(isTrue: boolean, law: string, what: () => string): void {
    if (!isTrue) this.fault(law, what());
  }

  private fault(law: string, what: string): void {
    this.deps.broken(`group: ${law}`, `${this.deps.requester}: ${what}`);
  }
}
