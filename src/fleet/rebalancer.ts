/** Looks at the partitions of other workers again and again: takes those without a consumer, and offers them back. */
import type { CancelTimer, Clock } from '../clock';
import { BrokerError } from './amqp/broker';
import type { KeptChannel } from './amqp/kept-channel';
import { Balance } from './balance';
import type { Partition } from './partition';
import { partitionQueue } from './topology';
import { wordsOf, type WorkerConnection } from './worker-connection';

export interface RebalancerOptions {
  readonly settings: { readonly index: number; readonly workers: number; readonly partitions: number };
  readonly clock: Clock;
  readonly connection: WorkerConnection;
  /** By number. */
  partition(partition: number): Partition | undefined;
}

/** Between two looks at the partitions of others. */
const LOOK_MS = 1500;
/** Looks between two offers of foreign partitions to their homes: about 5 s. */
const LOOKS_PER_OFFER = 3;
/** Longest wait for what runs before a partition is handed over. */
const HAND_OVER_MS = 2000;
/** What may have a problem. */
const LOOKS = 'looks';

export class Rebalancer {
  private readonly balance: Balance;
  private readonly looking: KeptChannel;
  private readonly presence: KeptChannel;
  private cancelLook: CancelTimer | undefined;
  private looks = 0;
  private isEnding = false;

  constructor(private readonly options: RebalancerOptions) {
    const { settings, connection } = options;
    this.balance = new Balance(settings);
    this.looking = connection.channelFor(LOOKS, { prepare: () => Promise.resolve() });
    const { index, workers } = settings;
    const queue = presenceQueue(index);
    this.presence = connection.channelFor(queue, {
      // Exclusive queues, which live as long as the connection, tell the others that this worker is here.
      prepare: async (channel) => {
        await channel.declareQueue({ queue, exclusive: true });
        await channel.declareQueue({ queue: homeQueue(index, workers), exclusive: true });
      },
      words: (error) => (isLocked(error) ? indexProblem(index) : wordsOf(error)),
    });
  }

  /** The partitions that this worker consumes at once, and always. */
  get homes(): readonly number[] {
    return this.balance.homes;
  }

  start(): void {
    this.looking.start();
    this.presence.start();
    this.lookLater();
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    this.cancelLook?.();
    await Promise.all([this.looking.stop(), this.presence.stop()]);
  }

  /** Looks before a loss of the connection say nothing of now. */
  connectionLost(): void {
    this.balance.forgetLooks();
  }

  private lookLater(): void {
    if (this.isEnding) return;
    this.cancelLook = this.options.clock.after(LOOK_MS, () => void this.look());
  }

  private async look(): Promise<void> {
    this.looks += 1;
    try {
      await this.takeUnconsumed();
      if (this.looks % LOOKS_PER_OFFER === 0) await this.offerToHomes();
    } catch (error) {
      this.options.connection.failed(LOOKS, error);
    }
    this.lookLater();
  }

  private async takeUnconsumed(): Promise<void> {
    for (const partition of this.balance.foreign) {
      const channel = this.looking.current;
      const ours = this.options.partition(partition);
      if (!channel || ours?.isTaken) continue;
      const queue = partitionQueue(partition);
      const consumers = await channel.consumerCount(queue);
      // What this worker could not do, another one does.
      if (consumers > 0) this.options.connection.worksAgain(queue);
      if (this.balance.looked(partition, consumers) && !this.isEnding) ours?.take();
    }
  }

  private async offerToHomes(): Promise<void> {
    const isPresent = new Map<number, boolean>();
    for (const partition of this.balance.foreign) {
      const held = this.options.partition(partition);
      if (held?.isConsumed !== true) continue;
      const home = this.balance.homeOf(partition);
      if (!isPresent.has(home)) isPresent.set(home, await this.isPresent(home));
      if (isPresent.get(home) === true && !this.isEnding) void held.release(HAND_OVER_MS);
    }
  }

  private async isPresent(index: number): Promise<boolean> {
    const channel = await this.options.connection.openChannel();
    try {
      await channel.consumerCount(homeQueue(index, this.options.settings.workers));
      return true;
    } catch (error) {
      return isLocked(error);
    } finally {
      await channel.close();
    }
  }
}

/** One for each index, so that no two workers have it. */
function presenceQueue(index: number): string {
  return `phase0.worker.${index}`;
}

/** Of a worker that counts as many workers, and so has the same homes in mind: others would not keep what they are given. */
function homeQueue(index: number, workers: number): string {
  return `phase0.worker.${index}.of.${workers}`;
}

function indexProblem(index: number): string {
  return `a worker with index ${index} is connected already: each needs its own, or its last connection has not ended yet`;
}

/** Another connection has it. */
function isLocked(error: unknown): boolean {
  return error instanceof BrokerError && error.code === 'RESOURCE_LOCKED';
}
