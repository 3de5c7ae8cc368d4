/** Commands of one partition: in order for each device, and acknowledged only when the broker has the verdict. */
import { droppedVerdict, type Verdict } from '../verdict';
import type { WorkerObserver } from '../worker-observer';
import type { BrokerMessage } from './amqp/broker';
import { otherState, readCommand, type FleetCommand } from './command-message';
import { afterEarlierDelivery, undecided } from './earlier-delivery';
import { keyOf, type RememberedVerdicts } from './remembered-verdicts';

/** The way back to the broker for one delivery: the channel that it came by, and no other. */
export interface Receipt {
  acknowledge(): void;
  /** Resolves when the broker has read what was acknowledged before, or the channel is closed. */
  flushed(): Promise<void>;
}

/** A verdict, and who waits for it. */
export interface FinishedCommand {
  /** Read each time that it is sent: it may become `unknown` while the broker is away. */
  readonly verdict: Verdict;
  readonly replyTo?: string | undefined;
  readonly sentAt?: number | undefined;
}

export interface PartitionDeps {
  /** Switches; a verdict `cancelled` or `closed` is none of the command's, but of this worker. Never rejects. */
  run(command: FleetCommand): Promise<Verdict>;
  /** Ends what runs, as `cancelled`. */
  abort(): void;
  /** Resolves once the broker has it. Never rejects, and may never resolve. */
  publish(finished: FinishedCommand): Promise<void>;
  readonly remembered: RememberedVerdicts;
  readonly observer: Pick<Required<WorkerObserver>, 'commandReceived'>;
}

interface Work {
  readonly key: string;
  readonly command: FleetCommand;
  /** Of the open channel; several if its sender has sent it twice. */
  receipts: Receipt[];
  readonly replyTo: Set<string | undefined>;
  /** Whether another delivery or run may have reached the device, at another worker or here. */
  mayHaveSwitched: boolean;
  /** That of an earlier delivery, which is out. */
  readonly known?: Verdict;
}

/**
 * What was delivered, but has not started, is forgotten with its channel: the broker delivers it again, here or to
 * another worker. What runs is aborted for the same reason; its `msg_id` tells the device that it comes again.
 */
export class PartitionCommands {
  private readonly works = new Map<string, Work>();
  /** By device id; the first one of each runs, or waits for the broker to take its verdict. */
  private readonly lanes = new Map<string, Work[]>();
  private readonly started = new Set<Work>();
  private isPaused = false;
  private onQuiet: (() => void)[] = [];

  constructor(private readonly deps: PartitionDeps) {}

  deliver(message: BrokerMessage, receipt: Receipt): void {
    this.deps.observer.commandReceived(message.redelivered);
    const command = readCommand(message);
    if ('error' in command) {
      const { replyTo, ...dropped } = command;
      void this.deps.publish({ verdict: droppedVerdict(dropped), replyTo }).then(() => receipt.acknowledge());
      return;
    }
    const { deviceId, msgId, state, replyTo } = command;
    const key = keyOf(deviceId, msgId);
    const known = this.works.get(key);
    const remembered = this.deps.remembered.get(deviceId, msgId);
    const asked = known?.command.state ?? remembered?.asked ?? state;
    // Neither of the two may have the verdict on the other one.
    if (asked !== state) {
      void this.deps.publish({ verdict: otherState(command, asked), replyTo }).then(() => receipt.acknowledge());
      return;
    }
    if (known) {
      known.receipts.push(receipt);
      known.replyTo.add(replyTo);
      known.mayHaveSwitched ||= message.redelivered;
      return;
    }
    const work = {
      key,
      command,
      receipts: [receipt],
      replyTo: new Set([replyTo]),
      mayHaveSwitched: message.redelivered,
    };
    if (!remembered) return this.add(work);
    const { verdict } = remembered;
    // Its acknowledgement was lost: this one must not be, before the next command for the device begins.
    if (message.redelivered) return this.add({ ...work, known: verdict });
    // Its sender has sent it twice, and waits for a verdict again.
    void this.deps.publish({ verdict, replyTo }).then(() => receipt.acknowledge());
  }

  /** The channel is closed, and the broker delivers again what was not acknowledged. */
  channelClosed(): void {
    for (const work of this.works.values()) {
      work.receipts = [];
      // Another worker may get it, and switch, before a verdict that waits for the broker is out.
      work.mayHaveSwitched = true;
      if (!this.started.has(work)) this.works.delete(work.key);
    }
    for (const [deviceId, lane] of this.lanes) {
      const started = lane.filter((work) => this.started.has(work));
      if (started.length > 0) this.lanes.set(deviceId, started);
      else this.lanes.delete(deviceId);
    }
    this.abort();
  }

  /** Starts nothing any more; resolves when nothing is under way. */
  pause(): Promise<void> {
    this.isPaused = true;
    if (this.started.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.onQuiet.push(resolve));
  }

  /** Ends what runs: it is not acknowledged, unless its verdict is known. */
  abort(): void {
    if (this.started.size > 0) this.deps.abort();
  }

  resume(): void {
    this.isPaused = false;
    for (const lane of this.lanes.values()) this.startFirst(lane);
  }

  private add(work: Work): void {
    const { deviceId } = work.command;
    const lane = this.lanes.get(deviceId) ?? [];
    this.lanes.set(deviceId, lane);
    this.works.set(work.key, work);
    lane.push(work);
    this.startFirst(lane);
  }

  private startFirst(lane: readonly Work[]): void {
    const [first] = lane;
    if (this.isPaused || !first || this.started.has(first)) return;
    this.started.add(first);
    void this.process(first);
  }

  private async process(work: Work): Promise<void> {
    if (work.known) await this.acknowledge(work, work.known);
    else {
      const verdict = await this.run(work);
      const isOurs = verdict.reason === 'cancelled' || verdict.reason === 'closed';
      if (!isOurs) await this.finish(work, verdict);
    }
    this.remove(work);
  }

  private async run(work: Work): Promise<Verdict> {
    let { command } = work;
    // Another worker may have decided otherwise, with the same msg_id, and the device switches only once for that.
    if (work.mayHaveSwitched && command.state === 'flip') return undecided(command);
    let verdict = await this.deps.run(command);
    // A command that was aborted with its channel may have come again by the next one.
    while (verdict.reason === 'cancelled' && work.receipts.length > 0 && !this.isPaused) {
      const mayHaveSwitched = verdict.outcome === 'unknown';
      work.mayHaveSwitched ||= mayHaveSwitched;
      if (mayHaveSwitched) command = { ...command, state: verdict.state ?? command.state };
      verdict = await this.deps.run(command);
    }
    return verdict;
  }

  private async finish(work: Work, verdict: Verdict): Promise<void> {
    const { sentAt, state: asked } = work.command;
    const known = () => (work.mayHaveSwitched ? afterEarlierDelivery(verdict) : verdict);
    for (const replyTo of work.replyTo) {
      await this.deps.publish({
        get verdict() {
          return known();
        },
        replyTo,
        sentAt,
      });
    }
    this.deps.remembered.add(known(), asked);
    await this.acknowledge(work, verdict);
  }

  private async acknowledge({ receipts }: Work, verdict: Verdict): Promise<void> {
    for (const receipt of receipts) receipt.acknowledge();
    // If the device has not seen this command, it must not come again after a newer one.
    if (verdict.outcome !== 'confirmed') await receipts.at(-1)?.flushed();
  }

  private remove(work: Work): void {
    const { deviceId } = work.command;
    this.started.delete(work);
    this.works.delete(work.key);
    const rest = (this.lanes.get(deviceId) ?? []).filter((each) => each !== work);
    if (rest.length > 0) this.lanes.set(deviceId, rest);
    else this.lanes.delete(deviceId);
    this.startFirst(rest);
    if (this.started.size === 0) for (const resolve of this.onQuiet.splice(0)) resolve();
  }
}
