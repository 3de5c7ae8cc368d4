/** Messages that a group node is working on: each switches its members, and ends with one verdict and one `done`. */
import { systemClock } from '../../src/clock';
import { GroupRun, type GroupMember, type GroupTarget, type GroupVerdict } from '../../src/inventory/group';
import { GroupPace } from '../../src/inventory/pace';
import type { StopReason } from '../../src/outcomes';
import { droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import type { ChosenTarget } from '../chosen-target';
import { ClosedSummary } from '../closed-summary';
import { Delivery, type Source } from '../delivery';
import type { GuardedNode } from '../guarded-node';
import { MessageTurns } from '../message-turns';
import { metrics } from '../metrics';
import { settledOrStopped } from '../on-stop';
import { requesterOf, type RequesterIds } from '../requester';
import type { Done, Message, Node, Send } from '../red';
import { drop } from '../target-node';
import { textOf } from '../unsafe-values';
import type { Asked, ReadGroup } from './group-reader';
import { codeOf, groupOutputs, memberOutputs, type Ended } from './message';

export interface GroupsDeps {
  readonly guarded: GuardedNode;
  readonly target: ChosenTarget;
  /** Absent when the node's own settings are wrong. */
  readonly read: ReadGroup | undefined;
  readonly concurrency: number;
  readonly staggerMs: number;
  readonly stopOnFailure: boolean;
  /** How a group that was not confirmed as a whole ended, in the language of the runtime. */
  describe(ended: Ended): string;
  /** Members that have ended, of those that are being switched. */
  progress(done: number, total: number): void;
  /** A group has ended; `isIdle`: no other message is being worked on. */
  ended(ended: Ended, isIdle: boolean): void;
}

/** A new one for each message, which nodes after this one may change. */
function noMembers(): GroupVerdict {
  const counts = { total: 0, confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
  return { outcome: 'none', ...counts, elapsedMs: 0, members: {} };
}

export class Groups {
  private readonly source: Source;
  private readonly turns = new MessageTurns();
  private readonly delivery: Delivery;
  private readonly closedSummary = new ClosedSummary();
  /** For all messages together: a fuse does not care which of them a member belongs to. */
  private readonly pace: GroupPace;
  private readonly runs = new Set<GroupRun>();
  private done = 0;
  private total = 0;

  constructor(
    private readonly node: Node,
    private readonly deps: GroupsDeps,
  ) {
    this.source = { id: node.id, type: node.type, name: textOf(node.name) };
    this.delivery = new Delivery(node, deps.guarded, 'auto');
    this.pace = new GroupPace(deps);
  }

  /** No message is being worked on. */
  get idle(): boolean {
    return this.turns.count === 0;
  }

  /** Brings one message to its output and `done`; never throws. */
  handle(msg: Message, send: Send, done: Done): void {
    this.turns.add({
      begin: (signal) => this.begin(msg, send, signal),
      end: (ended: Ended) => this.finish(msg, ended, send, done),
      failed: (bug) => this.deps.guarded.fail(msg, done, bug),
    });
  }

  /** Ends every message that is being worked on, each with its verdict. */
  stop(reason: StopReason): void {
    this.turns.stop(reason);
    for (const run of this.runs) run.stop(reason);
  }

  /** Ends every message and resolves when all have their verdicts; never rejects. */
  async close(): Promise<void> {
    const ended = this.turns.close();
    for (const run of this.runs) run.stop('closed');
    await ended;
    const summary = this.closedSummary.text();
    if (summary !== undefined) this.deps.guarded.warn(summary);
  }

  /** Resolves when the members of the message come before those of the next one. */
  private async begin(msg: Message, send: Send, signal: AbortSignal): Promise<{ result: Promise<Ended> | Ended }> {
    const { target, read } = this.deps;
    target.node()?.toggleNodeIds.add(this.node.id);
    const ready = target.node()?.ready;
    if (ready) await settledOrStopped(ready, signal, systemClock);
    const problem = target.problem();
    // A stop comes first: it may be why there is no table yet.
    if (!read || (problem !== undefined && !signal.aborted)) {
      return { result: { verdict: noMembers(), problem: problem ?? '' } };
    }
    const reading = await read(msg, target.node()?.directory?.(), signal);
    const stopped = signal.aborted ? (signal.reason as StopReason) : undefined;
    if (!reading.ok) {
      const why = stopped === undefined ? {} : { reason: stopped };
      return { result: { verdict: noMembers(), problem: reading.error, ...why } };
    }
    const { members, state } = reading;
    const asked = members.map(({ deviceId }) => deviceId);
    return { result: this.run(msg, send, members, stopped).then((verdict) => ({ verdict, asked, state })) };
  }

  private async run(
    msg: Message,
    send: Send,
    asked: readonly Asked[],
    stopped: StopReason | undefined,
  ): Promise<GroupVerdict> {
    const refused = new Map<string, Dropped>();
    const members = asked.map(({ deviceId, state }): GroupMember => {
      if (stopped !== undefined) {
        refused.set(deviceId, { reason: stopped, error: `${stopped} before the group began`, deviceId });
      } else if (typeof state === 'object') {
        refused.set(deviceId, { reason: 'invalid_state', error: state.error, deviceId });
      }
      return { deviceId, state: typeof state === 'object' ? 'flip' : state };
    });
    const { stopOnFailure } = this.deps;
    const isRefused = refused.size === members.length;
    const run = new GroupRun(this.targetWithout(refused, requesterOf(this.node, msg)), members, {
      // Nothing is switched, so nothing needs to be spared.
      ...(!isRefused && { pace: this.pace, stopOnFailure }),
      requester: this.node.id,
      onVerdict: (verdict) => this.memberEnded(msg, send, verdict),
    });
    this.total += members.length;
    this.runs.add(run);
    const verdict = await run.verdict;
    this.runs.delete(run);
    return verdict;
  }

  /** What members are switched by, looked up for each of them: a deploy may replace it meanwhile. */
  private targetWithout(refused: ReadonlyMap<string, Dropped>, requester: RequesterIds): GroupTarget {
    const { target } = this.deps;
    const dropped = (each: Dropped): Verdict => {
      const node = target.node();
      return node ? drop(node, { ...each, ...requester }) : droppedVerdict(each);
    };
    return {
      drop: dropped,
      stop: (reason, who) => target.node()?.device?.stop(reason, who),
      async toggle(command) {
        const { deviceId = '' } = command;
        const device = target.node()?.device;
        const why = refused.get(deviceId);
        if (why) return dropped(why);
        return device
          ? device.toggle(Object.assign({}, command, requester))
          : dropped({ reason: 'closed', error: 'the device was closed meanwhile', deviceId });
      },
    };
  }

  private memberEnded(msg: Message, send: Send, verdict: Verdict): void {
    const { guarded, target } = this.deps;
    this.done += 1;
    this.deps.progress(this.done, this.total);
    const isSent = guarded.send(send, memberOutputs(msg, verdict), () => `${verdict.deviceId}: ${verdict.outcome}`);
    if (!isSent) target.node()?.recorder.verdictUndelivered?.(verdict);
  }

  private finish(msg: Message, ended: Ended, send: Send, done: Done): void {
    const { verdict } = ended;
    const { outcome, elapsedMs, members } = verdict;
    if (this.idle) this.done = this.total = 0;
    this.deps.ended(ended, this.idle);
    metrics.groupVerdict(this.node.id, outcome, elapsedMs);
    const closed = Object.keys(members).filter((id) => members[id]?.reason === 'closed');
    const text = () => this.deps.describe(ended);
    const failure = {
      error: () => Object.assign(new Error(text()), { code: codeOf(ended) }),
      details: { phase0: verdict },
      isClosed: this.turns.closing && closed.length > 0,
    };
    const outputs = groupOutputs(msg, ended, text, this.source);
    const ending = { outputs, text, ...(outcome !== 'all' && { failure }) };
    const { isDelivered, hasNoReceiver } = this.delivery.end(msg, ending, send, done);
    if (hasNoReceiver) for (const id of closed) this.closedSummary.add(id);
    if (!isDelivered) metrics.groupUndelivered(this.node.id);
  }
}
