/** Messages that a toggle node is working on: passed to the device in order, each with one verdict and one `done`. */
import { systemClock } from '../../src/clock';
import type { StopReason } from '../../src/outcomes';
import type { ToggleCommand } from '../../src/device/device';
import { printable } from '../../src/printable';
import { describeVerdict, droppedVerdict, type Dropped, type Verdict, type VerdictWords } from '../../src/verdict';
import type { ChosenTarget } from '../chosen-target';
import { ClosedSummary } from '../closed-summary';
import { Delivery, type ErrorMode } from '../delivery';
import { MessageTurns } from '../message-turns';
import { settledOrStopped } from '../on-stop';
import { drop, type TargetNode } from '../target-node';
import type { GuardedNode } from '../guarded-node';
import type { Done, Message, Node, Send } from '../red';
import { requesterOf } from '../requester';
import { textOf } from '../unsafe-values';
import type { CommandReader } from './command-reader';
import { attemptOutputs, verdictError, verdictOutputs } from './message';
import type { ToggleStatus } from './toggle-status';

export interface RequestsDeps {
  readonly guarded: GuardedNode;
  readonly status: ToggleStatus;
  /** Words for a verdict, in the language of the runtime. */
  words(verdict: Verdict): VerdictWords;
  readonly target: Pick<ChosenTarget, 'node' | 'problem'>;
  /** Absent when the node's own settings are wrong. */
  readonly reader: Pick<CommandReader, 'read'> | undefined;
  /** When a toggle that was not confirmed is raised as a node error. */
  readonly errors: ErrorMode;
}

export class Requests {
  private readonly turns = new MessageTurns();
  private readonly delivery: Delivery;
  private closedSummary: ClosedSummary | undefined;

  constructor(
    private readonly node: Node,
    private readonly deps: RequestsDeps,
  ) {
    this.delivery = new Delivery(node, deps.guarded, deps.errors);
  }

  /** No message is being worked on. */
  get idle(): boolean {
    return this.turns.count === 0;
  }

  /** Brings one message to its output and `done`; never throws. */
  handle(msg: Message, send: Send, done: Done): void {
    this.turns.add({
      begin: (signal) => this.submit(msg, send, signal),
      end: (verdict: Verdict) => this.finish(msg, verdict, send, done),
      failed: (bug) => this.deps.guarded.fail(msg, done, bug),
    });
    if (this.turns.count > 1) this.deps.status.waiting(this.turns.count - 1);
  }

  /** Ends every message that is being worked on, each with its verdict. */
  stop(reason: StopReason): void {
    this.turns.stop(reason);
    this.deps.target.node()?.device?.stop(reason, this.node.id);
  }

  /** Ends every message and resolves when all have their verdicts; never rejects. */
  async close(): Promise<void> {
    const ended = this.turns.close();
    this.deps.target.node()?.device?.stop('closed', this.node.id);
    await ended;
    const summary = this.closedSummary?.text();
    if (summary !== undefined) this.deps.guarded.warn(summary);
  }

  /** Resolves when the device has the command; its verdict comes later and must not delay the next message. */
  private async submit(msg: Message, send: Send, signal: AbortSignal): Promise<{ result: Promise<Verdict> | Verdict }> {
    const asked = this.deps.target.node();
    asked?.toggleNodeIds.add(this.node.id);
    if (asked?.ready) await settledOrStopped(asked.ready, signal, systemClock);
    // Looked up again: a deploy may have replaced it meanwhile.
    const node = this.deps.target.node() ?? asked;
    const deviceId = node?.deviceId ?? '';
    const who = requesterOf(this.node, msg);
    const dropped = (reason: Omit<Dropped, 'deviceId'> & Partial<Dropped>) => ({
      result: this.drop(node, { deviceId, ...reason, ...who }),
    });
    const { reader } = this.deps;
    const device = node?.device;
    const problem = this.deps.target.problem() ?? (device ? undefined : 'the device could not be created');
    // A stop comes first: it may be why there is no table yet, or no device any more.
    if (!reader || (problem !== undefined && !signal.aborted)) {
      return dropped({ reason: 'invalid_settings', error: problem ?? '' });
    }
    const reading = await reader.read(msg, deviceId, signal);
    // Before what was read: the stop may be why it could not be.
    if (signal.aborted || !device) {
      const reason = signal.reason as StopReason;
      const { deviceId: addressed = deviceId, msgId = '' } = reading.ok ? reading.command : reading.dropped;
      const ids = { deviceId: addressed, msgId: printable(msgId) };
      return dropped({ reason, error: `${reason} before the toggle reached the device`, ...ids });
    }
    if (!reading.ok) return dropped(reading.dropped);
    this.deps.status.addressed(reading.command.deviceId ?? deviceId);
    return { result: this.toggle(device, msg, send, reading.command) };
  }

  private drop(node: TargetNode | undefined, dropped: Dropped): Verdict {
    return node ? drop(node, dropped) : droppedVerdict(dropped);
  }

  private toggle(
    device: NonNullable<TargetNode['device']>,
    msg: Message,
    send: Send,
    command: ToggleCommand,
  ): Promise<Verdict> {
    const { status, guarded } = this.deps;
    const observer: ToggleCommand['observer'] = {
      attemptStarted: (start) => status.attempt(start),
      attemptEnded: (report) => {
        const result = () => `attempt ${report.attempt}: ${report.outcome}`;
        guarded.send(send, attemptOutputs(msg, report), result);
        if (report.willRetry) status.retry(report);
      },
    };
    // Not with spreads: on Node.js 20 it takes 3 µs to add to what one has made.
    return device.toggle(Object.assign({ observer }, command, requesterOf(this.node, msg)));
  }

  private finish(msg: Message, verdict: Verdict, send: Send, done: Done): void {
    this.deps.status.verdict(verdict);
    const text = () => describeVerdict(verdict, this.deps.words(verdict));
    const failure = {
      error: () => verdictError(verdict, text()),
      details: { attempts: verdict.attempts, phase0: verdict },
      isClosed: this.turns.closing && verdict.reason === 'closed',
    };
    const { id, type, name } = this.node;
    const outputs = verdictOutputs(msg, verdict, text, { id, type, name: textOf(name) });
    const ending = { outputs, text, ...(verdict.outcome !== 'confirmed' && { failure }) };
    const { isDelivered, hasNoReceiver } = this.delivery.end(msg, ending, send, done);
    if (hasNoReceiver) (this.closedSummary ??= new ClosedSummary()).add(verdict.deviceId);
    if (!isDelivered) this.deps.target.node()?.recorder.verdictUndelivered?.(verdict);
  }
}
