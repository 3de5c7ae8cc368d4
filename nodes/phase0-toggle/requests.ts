/** Messages that a toggle node is working on: passed to the device in order, each with one verdict and one `done`. */
import { errorText } from '../../src/printable';
import type { StopReason } from '../../src/outcomes';
import type { ToggleCommand } from '../../src/device/device';
import { describeVerdict, droppedVerdict, type Dropped, type Verdict, type VerdictWords } from '../../src/verdict';
import { drop, type TargetNode } from '../target-node';
import type { GuardedNode } from '../guarded-node';
import type { Done, Message, Node, Send } from '../red';
import { flowStops } from '../stopping-flows';
import { textOf } from '../unsafe-values';
import { ClosedSummary } from './closed-summary';
import type { ReadCommand } from './command-reader';
import { attemptOutputs, verdictError, verdictOutputs, type Source } from './message';
import type { ToggleStatus } from './toggle-status';

export interface RequestsDeps {
  readonly guarded: GuardedNode;
  readonly status: ToggleStatus;
  /** Words for a verdict, in the language of the runtime. */
  words(verdict: Verdict): VerdictWords;
  /** Looked up for each message: a deploy may replace the device while the toggle node lives. */
  device(): TargetNode | undefined;
  /** Absent when the node's own settings are wrong. */
  readonly read: ReadCommand | undefined;
  /** Why no message can be tried, if so. */
  problem(): string | undefined;
  /** When a toggle that was not confirmed is raised as a node error. */
  readonly errors: 'auto' | 'always' | 'never';
}

const FAILURE_OUTPUT = 1;

export class Requests {
  private readonly source: Source;
  private readonly running = new Set<Promise<void>>();
  private readonly closedSummary = new ClosedSummary();
  private closing = false;
  /** Aborted by a stop, which also ends the messages that have not reached the device yet. */
  private stopping = new AbortController();
  /** Contexts and expressions may answer late; chained, messages reach the device in the order in which they came. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly node: Node,
    private readonly deps: RequestsDeps,
  ) {
    this.source = { id: node.id, type: node.type, name: textOf(node.name) };
  }

  /** No message is being worked on. */
  get idle(): boolean {
    return this.running.size === 0;
  }

  /** Brings one message to its output and `done`; never throws. */
  handle(msg: Message, send: Send, done: Done): void {
    const { status, guarded } = this.deps;
    const { signal } = this.stopping;
    const submitted = this.turn.then(() => this.submit(msg, send, signal));
    this.turn = submitted.catch(() => undefined);
    const handled = submitted
      .then(({ verdict }) => verdict)
      .then((verdict) => {
        // Here and not only at the end: of several that end together, the last one must find the others gone.
        this.running.delete(handled);
        this.finish(msg, verdict, send, done);
      })
      // Only a bug gets here. It is the error of this message; it must not end the process.
      .catch((bug: unknown) => {
        guarded.fail(msg, done, bug instanceof Error ? bug : new Error(errorText(bug)));
      })
      .finally(() => this.running.delete(handled));
    this.running.add(handled);
    if (this.running.size > 1) status.waiting(this.running.size - 1);
  }

  /** Ends every message that is being worked on, each with its verdict. */
  stop(reason: StopReason): void {
    this.stopping.abort(reason);
    this.stopping = new AbortController();
    this.deps.device()?.device?.stop(reason, this.node.id);
  }

  /** Ends every message and resolves when all have their verdicts; never rejects. */
  async close(): Promise<void> {
    this.closing = true;
    this.stop('closed');
    this.stopping.abort('closed');
    await Promise.all(this.running);
    const summary = this.closedSummary.text();
    if (summary !== undefined) this.deps.guarded.warn(summary);
  }

  /** Resolves when the device has the command; its verdict comes later and must not delay the next message. */
  private async submit(
    msg: Message,
    send: Send,
    signal: AbortSignal,
  ): Promise<{ verdict: Promise<Verdict> | Verdict }> {
    const { read } = this.deps;
    const node = this.deps.device();
    node?.toggleNodeIds.add(this.node.id);
    const deviceId = node?.deviceId ?? '';
    const dropped = (reason: Omit<Dropped, 'deviceId'>) => ({ verdict: this.drop(node, { deviceId, ...reason }) });
    await node?.ready;
    const problem = this.deps.problem();
    if (problem !== undefined || !node?.device || !read) {
      return dropped({ reason: 'invalid_settings', error: problem ?? 'the device could not be created' });
    }
    const reading = await read(msg, deviceId);
    if (!reading.ok) return dropped(reading.dropped);
    if (signal.aborted) {
      const reason = signal.reason as StopReason;
      return dropped({ reason, error: `${reason} before the toggle reached the device` });
    }
    this.deps.status.addressed(reading.command.deviceId ?? deviceId);
    return { verdict: this.toggle(node.device, msg, send, reading.command) };
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
    return device.toggle({
      ...command,
      requester: this.node.id,
      observer: {
        attemptStarted: (start) => status.attempt(start),
        attemptEnded: (report) => {
          const result = () => `attempt ${report.attempt}: ${report.outcome}`;
          guarded.send(send, attemptOutputs(msg, report), result);
          if (report.willRetry) status.retry(report);
        },
      },
    });
  }

  private finish(msg: Message, verdict: Verdict, send: Send, done: Done): void {
    const { status, guarded } = this.deps;
    status.verdict(verdict, this.idle);
    const raised = this.isRaised(verdict);
    const undeliverable = this.hasNoReceiver(verdict, raised);
    if (undeliverable) this.closedSummary.add(verdict.deviceId);
    const text = () => describeVerdict(verdict, this.deps.words(verdict));
    const sent = guarded.send(send, verdictOutputs(msg, verdict, text, this.source), text);
    const raising = raised && !undeliverable;
    if (!raising) guarded.done(done);
    // A Catch node receives the input message, so that message gets the verdict as well.
    const details = { attempts: verdict.attempts, phase0: verdict };
    const reported = !raising || guarded.fail(msg, done, verdictError(verdict, text()), details);
    if (!sent || !reported) this.deps.device()?.recorder.verdictUndelivered?.(verdict);
  }

  private isRaised({ outcome }: Verdict): boolean {
    if (outcome === 'confirmed' || this.deps.errors === 'never') return false;
    return this.deps.errors === 'always' || this.failureWires().length === 0;
  }

  /** Whether Node-RED has stopped every node that could receive the verdict: it stops a whole flow at once. */
  private hasNoReceiver({ reason }: Verdict, raised: boolean): boolean {
    if (!this.closing || reason !== 'closed' || (raised && !flowStops())) return false;
    const wires = this.failureWires();
    const flow = this.node._flow;
    return (raised || wires.length > 0) && !wires.some((id) => flow?.getNode?.(id));
  }

  private failureWires(): readonly string[] {
    return this.node.wires[FAILURE_OUTPUT] ?? [];
  }
}
