/** A worker of a fleet: takes commands from the broker, switches, and publishes the verdicts. */
import { callSafely } from '../call-safely';
import { systemClock, type Clock } from '../clock';
import type { ToggleCommand } from '../device/toggle-command';
import type { StopReason } from '../outcomes';
import { errorText } from '../printable';
import type { WorkerSettings } from '../settings/fleet';
import type { TlsOptions } from '../transport/tls';
import type { Verdict } from '../verdict';
import type { WorkerObserver } from '../worker-observer';
import { readBrokerUrl } from './amqp/address';
import type { ConnectBroker } from './amqp/broker';
import type { KeptChannel } from './amqp/kept-channel';
import { connectRabbit } from './amqp/rabbit';
import type { FleetCommand } from './command-message';
import { consumeDeadLetters } from './dead-letters';
import { Partition } from './partition';
import { PartitionCommands, type FinishedCommand } from './partition-commands';
import { Rebalancer } from './rebalancer';
import { RememberedVerdicts } from './remembered-verdicts';
import { safeObserver } from './safe-observer';
import { DEAD, partitionQueue, RESULTS } from './topology';
import { encodeVerdict } from './verdict-message';
import { VerdictPublisher } from './verdict-publisher';
import { WorkerConnection } from './worker-connection';
import { within } from './within';

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
const TARGET = 'target';
const PUBLISHING = 'publishing of verdicts';
/** Longest time to close channels, besides that of the toggles which may end. */
const CLOSE_MS = 3000;

const CONNECT_TIMEOUT_MS = 3000;

/** Never throws once it is constructed, and never gives up. */
export class FleetWorker {
  private readonly clock: Clock;
  private readonly observer: Required<WorkerObserver>;
  private readonly connection: WorkerConnection;
  private readonly partitions: readonly Partition[];
  private readonly rebalancer: Rebalancer;
  private readonly publisher: VerdictPublisher;
  private readonly verdicts: KeptChannel;
  private readonly deadLetters: KeptChannel;
  private readonly remembered = new RememberedVerdicts();
  private isEnding = false;

  /** Throws BrokerUrlError, or what is wrong with the TLS options. */
  constructor(private readonly options: FleetWorkerOptions) {
    const { settings, connect = connectRabbit, onProblem, onProblemEnded } = options;
    this.clock = options.clock ?? systemClock;
    this.observer = safeObserver(options.observers ?? []);
    this.connection = new WorkerConnection({
      address: {
        ...readBrokerUrl(options.url, options.tls),
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        connectionName: `phase0-worker ${settings.index}`,
      },
      connect,
      clock: this.clock,
      observer: this.observer,
      onProblem,
      onProblemEnded,
      lost: () => this.rebalancer.connectionLost(),
    });
    this.rebalancer = new Rebalancer({
      settings,
      clock: this.clock,
      connection: this.connection,
      partition: (partition) => this.partitions[partition],
    });
    const homes = new Set(this.rebalancer.homes);
    this.partitions = Array.from({ length: settings.partitions }, (_, partition) =>
      this.partition(partitionQueue(partition), homes.has(partition)),
    );
    this.publisher = new VerdictPublisher(this.clock, {
      failed: (error) => this.connection.failed(PUBLISHING, error),
      worked: () => this.connection.worksAgain(PUBLISHING),
    });
    this.verdicts = this.connection.channelFor(RESULTS, {
      prepare: (channel) => channel.confirmPublishing(),
      opened: (channel) => this.publisher.opened(channel),
      closed: () => this.publisher.closed(),
    });
    this.deadLetters = this.connection.channelFor(DEAD, {
      prepare: (channel) =>
        consumeDeadLetters(channel, settings.prefetch, async (finished) => {
          await this.publish(finished);
          this.observer.deadLettered();
        }),
    });
  }

  /** Connects, and begins. */
  start(): void {
    if (this.connection.isStarted || this.isEnding) return;
    this.connection.start();
    this.verdicts.start();
    this.deadLetters.start();
    this.rebalancer.start();
    for (const partition of this.rebalancer.homes) this.partitions[partition]?.take();
  }

  /** The queues of the partitions that it consumes. */
  get consumed(): readonly string[] {
    return this.partitions.flatMap((partition, index) => (partition.isConsumed ? [partitionQueue(index)] : []));
  }

  /** Whether it is connected, consumes all of its own partitions, and is not ending. */
  get isReady(): boolean {
    const { homes } = this.rebalancer;
    return (
      this.connection.isConnected && !this.isEnding && homes.every((home) => this.partitions[home]?.isConsumed === true)
    );
  }

  /**
   * Ends: what runs may end within `drainMs` and be acknowledged, and the broker gives the rest to others, without a
   * verdict of this worker. Resolves when the connection is closed.
   */
  async drain(): Promise<void> {
    this.isEnding = true;
    this.connection.ending();
    const { drainMs } = this.options.settings;
    await within(this.clock, drainMs + CLOSE_MS, this.closeChannels(drainMs));
    // If time was up: it goes with the connection, and is not to be opened again.
    void this.verdicts.stop();
    await this.connection.close();
  }

  private async closeChannels(drainMs: number): Promise<void> {
    const others = [this.rebalancer.stop(), this.deadLetters.stop()];
    await Promise.all(this.partitions.map((partition) => partition.release(drainMs)));
    await Promise.all([...others, this.verdicts.stop()]);
  }

  private partition(queue: string, isHome: boolean): Partition {
    const { target, settings } = this.options;
    return new Partition({
      queue,
      isHome,
      prefetch: settings.prefetch,
      clock: this.clock,
      open: () => this.connection.openChannel(),
      failed: (error) => this.connection.failed(queue, error),
      consumed: (isConsumed) => {
        if (isConsumed) this.connection.worksAgain(queue);
        this.observer.partitionConsumed(queue, isConsumed);
      },
      commands: new PartitionCommands({
        run: (command) => this.run(command, queue),
        abort: () =>
          callSafely(
            () => target.stop('cancelled', queue),
            (error) => this.connection.failed(TARGET, error),
          ),
        publish: (finished) => this.publish(finished),
        remembered: this.remembered,
        observer: this.observer,
      }),
    });
  }

  private async run({ deviceId, msgId, state }: FleetCommand, requester: string): Promise<Verdict> {
    try {
      return await this.options.target.toggle({ deviceId, msgId, state, requester });
    } catch (bug) {
      // The sender must get a verdict all the same.
      return { outcome: 'unknown', deviceId, msgId, attempts: 0, elapsedMs: 0, error: errorText(bug) };
    }
  }

  private async publish(finished: FinishedCommand): Promise<void> {
    const { unixTimeMs = Date.now, settings } = this.options;
    const { replyTo, sentAt } = finished;
    await this.publisher.publish(() => ({
      exchange: RESULTS,
      routingKey: replyTo ?? '',
      body: encodeVerdict(finished.verdict, String(settings.index)),
      messageId: finished.verdict.msgId,
    }));
    const { verdict } = finished;
    const lagMs = sentAt === undefined ? undefined : Math.max(0, unixTimeMs() - sentAt);
    this.observer.verdictPublished(verdict.outcome, lagMs);
  }
}
