/** The messages that a toggle node is working on: in order to the device, each with one verdict and one `done`. */
import type { ToggleCommand } from '../../src/device/device';
import type { StopReason } from '../../src/outcomes';
import { droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import type { GuardedNode } from '../guarded-node';
import type { DeviceNode } from '../phase0-device/device-node';
import type { Done, Message, Send } from '../red';
import type { ReadCommand } from './command-reader';
import { attemptOutputs, verdictError, verdictOutputs, withVerdict } from './message';
import type { ToggleStatus } from './toggle-status';

interface RequestsDeps {
  readonly node: GuardedNode;
  readonly status: ToggleStatus;
  /** Looked up for each message: a deploy may replace the device while this node lives. */
  device(): DeviceNode | undefined;
  /** Absent when the node's own settings are wrong; `problem` says why. */
  readonly read?: ReadCommand;
  readonly problem: string | undefined;
  /** The problem when no device is chosen, or the chosen one is not deployed. */
  readonly noDevice: string;
  /** When a toggle that is not confirmed is raised as a node error. */
  readonly errors: string;
}

export class Requests {
  private readonly running = new Set<Promise<void>>();
  /** Aborted by a stop, which also ends the messages that have not reached the device yet. */
  private stopController = new AbortController();
  /** Contexts and expressions may answer late; chained, messages reach the device in the order they came. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: RequestsDeps) {}

  get count(): number {
    return this.running.size;
  }

  /** Brings one message to its output and `done`; never rejects. */
  handle(msg: Message, send: Send, done: Done): Promise<void> {
    const { signal } = this.stopController;
    const { node, status } = this.deps;
    const asked = this.turn.then(() => this.ask(msg, send, signal));
    this.turn = asked.catch(() => undefined);
    const handled = asked
      .then(({ verdict }) => verdict)
      .then((verdict) => this.answer(msg, verdict, send, done))
      // Only a bug comes here. It is the message's error, never the process's.
      .catch((bug: Error) => node.done(done, bug))
      .finally(() => this.running.delete(handled));
    this.running.add(handled);
    if (this.running.size > 1) status.showWaiting(() => this.running.size - 1);
    return handled;
  }

  /** Ends every message that is being worked on, each with its verdict. */
  stop(reason: StopReason): void {
    this.stopController.abort(reason);
    this.stopController = new AbortController();
    this.deps.device()?.device?.stop(reason, this.deps.node.id);
  }

  /** Ends every message, and resolves when each has its verdict. */
  async close(): Promise<void> {
    this.stop('closed');
    this.stopController.abort('closed');
    await Promise.all(this.running);
  }

  /** Resolves when the device has been asked; its verdict comes later, and must not delay the next message. */
  private async ask(msg: Message, send: Send, signal: AbortSignal): Promise<{ verdict: Promise<Verdict> | Verdict }> {
    const { read, problem, noDevice } = this.deps;
    const deviceNode = this.deps.device();
    const drop = (dropped: Dropped) => ({ verdict: deviceNode?.drop(dropped) ?? droppedVerdict(dropped) });
    const deviceId = deviceNode?.deviceId ?? '';
    const device = deviceNode?.device;
    if (problem !== undefined || !read || !device) {
      return drop({ reason: 'invalid_settings', error: problem ?? deviceNode?.problem ?? noDevice, deviceId });
    }
    const reading = await read(msg, deviceId);
    if (!reading.ok) return drop(reading.dropped);
    if (signal.aborted) {
      const reason = signal.reason as StopReason;
      return drop({ reason, error: `${reason} before the device was asked`, deviceId });
    }
    const { wanted, ids } = reading;
    return { verdict: device.toggle(this.commandFor(msg, send, { state: wanted, ...ids })) };
  }

  private commandFor(msg: Message, send: Send, command: ToggleCommand): ToggleCommand {
    const { node, status } = this.deps;
    return {
      ...command,
      requester: node.id,
      observer: {
        attemptStarted: (start) => status.showAttempt(start),
        attemptEnded: (report) => {
          node.send(send, () => attemptOutputs(msg, report), `attempt ${report.attempt}`);
          if (report.willRetry) status.showRetry(report);
        },
      },
    };
  }

  private answer(msg: Message, verdict: Verdict, send: Send, done: Done): void {
    const { node, status } = this.deps;
    status.showVerdict(verdict);
    const error = verdictError(verdict);
    node.send(send, () => verdictOutputs(msg, verdict, node.source), error.message);
    if (!this.raises(verdict)) return node.done(done);
    // A Catch node gets this message, so it carries the verdict as well.
    node.raise(done, error, msg, () => withVerdict(msg, verdict));
  }

  private raises({ outcome }: Verdict): boolean {
    const { errors, node } = this.deps;
    if (outcome === 'confirmed' || errors === 'never') return false;
    return errors === 'always' || !node.hasWire(1);
  }
}
