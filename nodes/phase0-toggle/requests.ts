/** Owns the messages that a toggle node has under way: in order to the device, each with one verdict and one done. */
import type { StopReason } from '../../src/outcomes';
import type { Parsed } from '../../src/settings/field';
import { confirmedState, droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import { leave, type DeviceNode, type Switch } from '../phase0-device/device-node';
import type { Done, Message, Node, NodeApi, Send } from '../red';
import type { StatusLine } from '../status-line';
import { commandReader, type ReadCommand } from './command-reader';
import { ConfirmedStates } from './confirmed-states';
import {
  attemptOutputs,
  attemptStatus,
  retryStatus,
  verdictError,
  verdictOutputs,
  verdictStatus,
  waitingStatus,
  type Source,
  type Translate,
} from './message';
import type { fields } from './settings';

interface Surroundings {
  device(): DeviceNode | null;
  readonly noDevice: string;
  readonly status: StatusLine;
  readonly translate: Translate;
}

/** Messages taken between two stops; a stop ends those of them that are not with the device yet, too. */
interface Era {
  stopped?: StopReason;
}

export class Requests {
  /** What is wrong with the node's own settings, if something is. */
  readonly problem: string | undefined;
  private readonly read: ReadCommand | undefined;
  private readonly errors: string;
  private readonly states: ConfirmedStates;
  private readonly source: Source;
  private readonly underWay = new Set<Promise<void>>();
  private era: Era = {};
  /** Contexts and expressions may answer late; chained, messages reach the device in the order they came. */
  private turn: Promise<unknown>;

  constructor(
    RED: NodeApi,
    private readonly node: Node,
    parsed: Parsed<typeof fields>,
    private readonly around: Surroundings,
  ) {
    this.source = { id: node.id, type: node.type, name: node.name ?? '' };
    this.states = new ConfirmedStates(node.context(), (error) => node.warn(`context: ${String(error)}`));
    this.turn = this.states.load();
    this.errors = parsed.ok ? parsed.settings.errors : 'auto';
    try {
      if (parsed.ok) this.read = commandReader(RED, node, parsed.settings);
      else this.problem = parsed.problems.join('; ');
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }

  /** Sees one message through to its output and `done`; never rejects. */
  take(msg: Message, send: Send, done: Done): Promise<void> {
    const { era } = this;
    const asked = this.turn.then(() => this.ask(msg, send, era));
    this.turn = asked.catch(() => undefined);
    const served = asked
      .then(({ verdict }) => verdict)
      .then((verdict) => this.answer(msg, verdict, send, done))
      // Only a bug comes here; it is the message's error, never the process's.
      .catch((bug: Error) => done(bug))
      .finally(() => this.underWay.delete(served));
    this.underWay.add(served);
    if (this.underWay.size > 1)
      this.around.status.set(() => waitingStatus(this.underWay.size - 1, this.around.translate));
    return served;
  }

  /** Ends all that is under way, each with its verdict. */
  stop(reason: StopReason): void {
    this.era.stopped = reason;
    this.era = {};
    this.around.device()?.switch.stop(reason, this.node.id);
  }

  /** Ends all that is under way and waits until it is told. */
  async close(): Promise<void> {
    this.stop('closed');
    this.era.stopped = 'closed';
    await Promise.all(this.underWay);
    const device = this.around.device();
    if (device) leave(device, this.node.id);
  }

  /** Resolves when the device has been asked; its verdict comes later, and must not hold up the next message. */
  private async ask(msg: Message, send: Send, era: Era): Promise<{ verdict: Promise<Verdict> | Verdict }> {
    const device = this.around.device();
    device?.toggleNodeIds.add(this.node.id);
    const unusable = this.problem ?? device?.problem ?? (device ? undefined : this.around.noDevice);
    const drop = (dropped: Dropped) => ({ verdict: device?.switch.drop(dropped) ?? droppedVerdict(dropped) });
    const deviceId = device?.deviceId ?? '';
    if (unusable !== undefined || !device || !this.read) {
      return drop({ reason: 'invalid_settings', error: unusable ?? this.around.noDevice, deviceId });
    }
    const reading = await this.read(msg, deviceId);
    if (!reading.ok) return drop(reading.dropped);
    if (era.stopped) return drop({ reason: era.stopped, error: `${era.stopped} before it was asked for`, deviceId });
    const { wanted, ids } = reading;
    const state = wanted;
    return { verdict: this.toggle(device.switch, msg, send, { state, ...ids }) };
  }

  private toggle(device: Switch, msg: Message, send: Send, command: Parameters<Switch['toggle']>[0]): Promise<Verdict> {
    const { status, translate } = this.around;
    return device.toggle({
      ...command,
      requester: this.node.id,
      observer: {
        attemptStarted: (start) => status.set(() => attemptStatus(start, translate)),
        attemptEnded: (report) => {
          send(attemptOutputs(msg, report));
          if (report.willRetry) status.set(() => retryStatus(report, translate));
        },
        // Heard before the next toggle's turn, so that a flip that waits goes by this one.
        verdict: (verdict) => this.remember(verdict),
      },
    });
  }

  private answer(msg: Message, verdict: Verdict, send: Send, done: Done): void {
    const { status, translate } = this.around;
    status.set(() => verdictStatus(verdict, translate));
    send(verdictOutputs(msg, verdict, this.source));
    if (!this.raises(verdict)) return done();
    // What a Catch node gets is this message, so it carries the verdict as well.
    Object.assign(msg, { attempts: verdict.attempts, phase0: verdict });
    done(verdictError(verdict));
  }

  private remember(verdict: Verdict): void {
    const state = confirmedState(verdict);
    if (state !== undefined) this.states.confirm(verdict.deviceId, state);
  }

  private raises({ outcome }: Verdict): boolean {
    if (outcome === 'confirmed' || this.errors === 'never') return false;
    return this.errors === 'always' || (this.node.wires[1]?.length ?? 0) === 0;
  }
}
