/** Who consumes the partitions of a fleet, looked at again and again. */
import { readBrokerUrl } from '../../src/fleet/amqp/address';
import type { BrokerConnection } from '../../src/fleet/amqp/broker';
import { KeptChannel } from '../../src/fleet/amqp/kept-channel';
import { connectRabbit } from '../../src/fleet/amqp/rabbit';
import { systemClock } from '../../src/clock';
import { declareTopology, partitionQueue } from '../../src/fleet/topology';

export const PARTITIONS = 12;
const POLL_MS = 100;

function connectTo(url: string): Promise<BrokerConnection> {
  const address = { ...readBrokerUrl(url, undefined), connectTimeoutMs: 10_000, connectionName: 'test' };
  return connectRabbit(address, { connected: () => undefined, lost: () => undefined });
}

/** Creates the queues of a fleet. */
export async function setUp(url: string, partitions = PARTITIONS): Promise<void> {
  const connection = await connectTo(url);
  await declareTopology(await connection.openChannel(), partitions);
  await connection.close();
}

export class PartitionWatch {
  /** Of each partition, the longest time without a consumer since the start or `restart`, in ms. */
  readonly longestGapMs = new Map<string, number>();
  private readonly since = new Map<string, number>();
  private readonly consumers = new Map<string, number>();
  private readonly kept: KeptChannel;
  private isEnding = false;
  private ended: Promise<void> | undefined;
  private listeners: (() => void)[] = [];

  private constructor(private readonly connection: BrokerConnection) {
    this.kept = new KeptChannel({
      clock: systemClock,
      open: () => connection.openChannel(),
      prepare: () => Promise.resolve(),
      failed: () => undefined,
    });
  }

  static async start(url: string): Promise<PartitionWatch> {
    const watch = new PartitionWatch(await connectTo(url));
    watch.kept.start();
    watch.ended = watch.look();
    return watch;
  }

  /** Forgets the gaps so far. */
  restart(): void {
    this.longestGapMs.clear();
    this.since.clear();
  }

  /** Resolves when each partition has a consumer. */
  async allConsumed(): Promise<void> {
    while (this.consumers.size < PARTITIONS || [...this.consumers.values()].some((count) => count === 0)) {
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.isEnding = true;
    await this.ended;
    await this.kept.stop();
    await this.connection.close();
  }

  private async look(): Promise<void> {
    while (!this.isEnding) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const queue = partitionQueue(partition);
        this.note(queue, await this.countOf(queue));
      }
      for (const resolve of this.listeners.splice(0)) resolve();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Undefined while the broker does not answer. */
  private async countOf(queue: string): Promise<number | undefined> {
    try {
      return await this.kept.current?.consumerCount(queue);
    } catch {
      return undefined;
    }
  }

  private note(queue: string, count: number | undefined): void {
    const now = performance.now();
    if (count === undefined) {
      this.since.delete(queue);
      this.consumers.delete(queue);
      return;
    }
    this.consumers.set(queue, count);
    if (count > 0) {
      this.since.delete(queue);
      return;
    }
    const since = this.since.get(queue) ?? now;
    this.since.set(queue, since);
    this.longestGapMs.set(queue, Math.max(this.longestGapMs.get(queue) ?? 0, now - since));
  }
}
