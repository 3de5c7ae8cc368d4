/** A worker of a fleet: takes commands from the broker, switches, and publishes the verdicts. */
import { callSafely } from '../call-safely';
import { systemClock, type CancelTimer, type Clock } from '../clock';
import type { ToggleCommand } from '../device/toggle-command';
import type { StopReason } from '../outcomes';
import { errorText } from '../printable';
import type { WorkerSettings } from '../settings/fleet';
import type { TlsOptions } from '../transport/tls';
import type { Verdict } from '../verdict';
import type { WorkerObserver } from '../worker-observer';
import { readBrokerUrl, type BrokerAddress } from './amqp/address';
import { BrokerError, type BrokerConnection, type ConnectBroker } from './amqp/broker';
import { KeptChannel } from './amqp/kept-channel';
import { connectRabbit } from './amqp/rabbit';
import { Balance } from './balance';
import type { FleetCommand } from './command-message';
import { consumeDeadLetters } from './dead-letters';
import { KnownProblems } from './known-problems';
import { Partition } from './partition';
import { PartitionCommands, type FinishedCommand } from './partition-commands';
import { RememberedVerdicts } from './remembered-verdicts';
import { DEAD, partitionQueue, RESULTS } from './topology';
import { encodeVerdict } from './verdict-message';
import { VerdictPublisher } from './verdict-publisher';
import { safeObserver } from './safe-observer';

/** What a worker switches: an inventory, or a device with many ids behind it. */
export interface WorkerTarget {
  toggle(command: ToggleCommand): Promise<Verdict>;
  stop(reason: StopReason, requester?: string): void;
}

export interface FleetWorkerOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps://…`; it is a secret, and appears in no error. */
  readonly url: string;
  /** Only with `amqps`; certificates are verified by those of Node.js if absent. */
  readonly tls?: TlsOptions;
  readonly settings: WorkerSettings;
  readonly target: WorkerTarget;
  readonly observers?: readonly WorkerObserver[];
  /** What keeps the worker from working, in words; once, and again if its words change. It goes on trying. */
  readonly onProblem?: (problem: string) => void;
  /** It does so no more; with the latest words that `onProblem` had. */
  readonly onProblemEnded?: (problem: string) => void;
  readonly clock?: Clock;
  /** Milliseconds since 1970, for the lag of verdicts; `Date.now` by default. */
  readonly unixTimeMs?: () => number;
  /**
   * Connects to the broker, for tests.
   * @internal
   */
  readonly connect?: ConnectBroker;
}

/** What may have a problem, besides queues. */
const BROKER = 'broker';
const LOOKS = 'looks';
const TARGET = 'target';

const CONNECT_TIMEOUT_MS = 3000;
/** Between two looks at the partitions of others. */
const LOOK_MS = 1500;
/** Looks between two offers of foreign partitions to their homes: about 5 s. */
const LOOKS_PER_OFFER = 3;
/** Longest wait for what runs before a partition is handed over. */
const HAND_OVER_MS = 2000;

/** Never throws once it is constructed, and never gives up. */
export class FleetWorker {
  private readonly clock: Clock;
  private readonly observer: Required<WorkerObserver>;
  private readonly balance: Balance;
  private readonly partitions: readonly Partition[];
  private readonly publisher: VerdictPublisher;
  /** The channels besides those of the partitions. */
  private readonly channels: {
    readonly verdicts: KeptChannel;
    readonly others: readonly KeptChannel[];
    readonly looks: KeptChannel;
  };
  private readonly remembered = new RememberedVerdicts();
  private readonly address: BrokerAddress;
  private connection: Promise<BrokerConnection> | undefined;
  private cancelLook: CancelTimer | undefined;
  private looks = 0;
  /** Undefined until the first attempt to connect has an end. */
  private isConnected: boolean | undefined;
  private isEnding = false;
  private readonly problems = new KnownProblems();

  /** Throws BrokerUrlError, or what is wrong with the TLS options. */
  constructor(private readonly options: FleetWorkerOptions) {
    const { settings } = options;
    this.clock = options.clock ?? systemClock;
    this.observer = safeObserver(options.observers ?? []);
    this.address = {
      ...readBrokerUrl(options.url, options.tls),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      connectionName: `phase0-worker ${settings.index}`,
    };
    this.balance = new Balance(settings);
    this.publisher = new VerdictPublisher(this.clock);
    const homes = new Set(this.balance.homes);
    this.partitions = Array.from({ length: settings.partitions }, (_, partition) =>
      this.partition(partitionQueue(partition), homes.has(partition)),
    );
    this.channels = {
      verdicts: this.channel(RESULTS, {
        prepare: (channel) => channel.confirmPublishing(),
        opened: (channel) => this.publisher.opened(channel),
        closed: () => this.publisher.closed(),
      }),
      looks: this.channel(LOOKS, { prepare: () => Promise.resolve() }),
      others: [
        this.channel(presenceQueue(settings.index), {
          // An exclusive queue, which lives as long as the connection, tells the others that this worker is here.
          prepare: (channel) => channel.declareQueue({ queue: presenceQueue(settings.index), exclusive: true }),
          words: (error) => (isLocked(error) ? this.indexProblem : wordsOf(error)),
        }),
        this.channel(DEAD, {
          prepare: (channel) =>
            consumeDeadLetters(channel, settings.prefetch, async (finished) => {
              await this.publish(finished);
              this.observer.deadLettered();
            }),
        }),
      ],
    };
  }

  /** Connects, and begins. */
  start(): void {
    if (this.connection || this.isEnding) return;
    const { connect = connectRabbit } = this.options;
    this.connection = connect(this.address, {
      connected: () => {
        this.problemEnded(BROKER);
        this.changeConnected(true);
      },
      lost: (error) => this.lost(error),
    });
    this.connection.catch((error: unknown) => this.problem(BROKER, errorText(error)));
    this.channels.verdicts.start();
    this.channels.looks.start();
    for (const channel of this.channels.others) channel.start();
    for (const partition of this.balance.homes) this.partitions[partition]?.take();
    this.lookLater();
  }

  /** The queues of the partitions that it consumes. */
  get consumed(): readonly string[] {
    return this.partitions.flatMap((partition, index) => (partition.isConsumed ? [partitionQueue(index)] : []));
  }

  /** Whether it is connected, consumes all of its own partitions, and is not ending. */
  get isReady(): boolean {
    const { homes } = this.balance;
    return this.isConnected === true && !this.isEnding && homes.every((home) => this.partitions[home]?.isConsumed);
  }

  /**
   * Ends: what runs may end within `drainMs` and be acknowledged, and the broker gives the rest to others, without a
   * verdict of this worker. Resolves when the connection is closed.
   */
  async drain(): Promise<void> {
    this.isEnding = true;
    this.cancelLook?.();
    const others = [...this.channels.others, this.channels.looks].map((channel) => channel.stop());
    const { drainMs } = this.options.settings;
    await Promise.all(this.partitions.map((partition) => partition.release(drainMs)));
    await Promise.all([...others, this.channels.verdicts.stop()]);
    const connection = await this.connection?.catch(() => undefined);
    await connection?.close();
  }

  private partition(queue: string, isHome: boolean): Partition {
    const { target, settings } = this.options;
    return new Partition({
      queue,
      isHome,
      prefetch: settings.prefetch,
      clock: this.clock,
      open: () => this.openChannel(),
      failed: (error) => this.failed(queue, error),
      consumed: (isConsumed) => {
        if (isConsumed) this.problemEnded(queue);
        this.observer.partitionConsumed(queue, isConsumed);
      },
      commands: new PartitionCommands({
        run: (command) => this.run(command, queue),
        abort: () =>
          callSafely(
            () => target.stop('cancelled', queue),
            (error) => this.failed(TARGET, error),
          ),
        publish: (finished) => this.publish(finished),
        remembered: this.remembered,
        observer: this.observer,
      }),
    });
  }

  /** A channel that is there all the time, for one purpose. */
  private channel(
    purpose: string,
    options: Pick<ConstructorParameters<typeof KeptChannel>[0], 'prepare' | 'opened' | 'closed'> & {
      readonly words?: (error: unknown) => string;
    },
  ): KeptChannel {
    return new KeptChannel({
      ...options,
      clock: this.clock,
      open: () => this.openChannel(),
      failed: (error) => this.failed(purpose, error, options.words),
      opened: (channel) => {
        this.problemEnded(purpose);
        options.opened?.(channel);
      },
    });
  }

  private async openChannel() {
    const connection = await this.connection;
    if (!connection) throw new Error('the worker has not been started');
    return connection.openChannel();
  }

  private async run({ deviceId, msgId, state }: FleetCommand, requester: string): Promise<Verdict> {
    try {
      return await this.options.target.toggle({ deviceId, msgId, state, requester });
    } catch (bug) {
      // The sender must get a verdict all the same.
      return { outcome: 'unknown', deviceId, msgId, attempts: 0, elapsedMs: 0, error: errorText(bug) };
    }
  }

  private async publish({ verdict, replyTo, sentAt }: FinishedCommand): Promise<void> {
    const { unixTimeMs = Date.now, settings } = this.options;
    await this.publisher.publish({
      exchange: RESULTS,
      routingKey: replyTo ?? '',
      body: encodeVerdict(verdict, String(settings.index)),
      messageId: verdict.msgId,
    });
    const lagMs = sentAt === undefined ? undefined : Math.max(0, unixTimeMs() - sentAt);
    this.observer.verdictPublished(verdict.outcome, lagMs);
  }

  private lookLater(): void {
    if (this.isEnding) return;
    this.cancelLook = this.clock.after(LOOK_MS, () => void this.look());
  }

  private async look(): Promise<void> {
    this.looks += 1;
    try {
      await this.takeUnconsumed();
      if (this.looks % LOOKS_PER_OFFER === 0) await this.offerToHomes();
    } catch (error) {
      this.failed(LOOKS, error);
    }
    this.lookLater();
  }

  private async takeUnconsumed(): Promise<void> {
    for (const partition of this.balance.foreign) {
      const channel = this.channels.looks.current;
      if (!channel || this.partitions[partition]?.isTaken) continue;
      const queue = partitionQueue(partition);
      const consumers = await channel.consumerCount(queue);
      // What this worker could not do, another one does.
      if (consumers > 0) this.problemEnded(queue);
      if (this.balance.looked(partition, consumers) && !this.isEnding) this.partitions[partition]?.take();
    }
  }

  private async offerToHomes(): Promise<void> {
    const isPresent = new Map<number, boolean>();
    for (const partition of this.balance.foreign) {
      const held = this.partitions[partition];
      if (held?.isConsumed !== true) continue;
      const home = this.balance.homeOf(partition);
      if (!isPresent.has(home)) isPresent.set(home, await this.isPresent(home));
      if (isPresent.get(home) === true && !this.isEnding) void held.release(HAND_OVER_MS);
    }
  }

  private async isPresent(index: number): Promise<boolean> {
    const channel = await this.openChannel();
    try {
      await channel.consumerCount(presenceQueue(index));
      return true;
    } catch (error) {
      return isLocked(error);
    } finally {
      await channel.close();
    }
  }

  private get indexProblem(): string {
    return `a worker with index ${this.options.settings.index} is connected already: each needs its own, or its last connection has not ended yet`;
  }

  private lost(error: string): void {
    if (this.isEnding) return;
    this.balance.forgetLooks();
    this.changeConnected(false);
    this.problem(BROKER, `no connection to the broker: ${error}`);
  }

  private changeConnected(isConnected: boolean): void {
    if (this.isConnected === isConnected) return;
    this.isConnected = isConnected;
    this.observer.brokerConnected(isConnected);
  }

  private failed(what: string, error: unknown, words = wordsOf): void {
    // Without a connection, every channel fails for that reason.
    if (this.isConnected !== true || (error instanceof BrokerError && error.code === 'CLOSED')) return;
    this.problem(what, words(error));
  }

  private problem(what: string, words: string): void {
    if (this.isEnding || !this.problems.add(what, words)) return;
    callSafely(
      () => this.options.onProblem?.(words),
      () => undefined,
    );
  }

  private problemEnded(what: string): void {
    const words = this.problems.end(what);
    if (words === undefined || this.isEnding) return;
    callSafely(
      () => this.options.onProblemEnded?.(words),
      () => undefined,
    );
  }
}

function wordsOf(error: unknown): string {
  const hint = error instanceof BrokerError && error.code === 'NOT_FOUND' ? ' (phase0-worker --setup creates it)' : '';
  return errorText(error) + hint;
}

function presenceQueue(index: number): string {
  return `phase0.worker.${index}`;
}

/** Another connection has it. */
function isLocked(error: unknown): boolean {
  return error instanceof BrokerError && error.code === 'RESOURCE_LOCKED';
}
