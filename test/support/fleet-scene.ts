/** A private broker with the queues of a fleet, workers as processes, and a view of who consumes what. */
import { Connection, type AsyncMessage } from 'rabbitmq-client';
import { connectRabbit } from '../../src/fleet/amqp/rabbit';
import type { BrokerConnection } from '../../src/fleet/amqp/broker';
import { readBrokerUrl } from '../../src/fleet/amqp/address';
import { KeptChannel } from '../../src/fleet/amqp/kept-channel';
import { systemClock } from '../../src/clock';
import { Fleet } from '../../src/fleet/fleet';
import { declareTopology, partitionQueue } from '../../src/fleet/topology';
import { fleetFields, type FleetSettings } from '../../src/settings/fleet';
import { parseSettings } from '../../src/settings/field';
import { PrivateBroker, type BrokerOptions } from './broker';
import { start, type Command } from './command';

export const PARTITIONS = 12;
const POLL_MS = 100;

/** Around the tests of a suite; the broker takes seconds to start. */
export function useBroker(options: BrokerOptions = {}): () => PrivateBroker {
  let broker: PrivateBroker;
  before('starts a broker', async function () {
    this.timeout(120_000);
    broker = await PrivateBroker.start(options);
    const connection = await connectTo(broker.url);
    await declareTopology(await connection.openChannel(), PARTITIONS);
    await connection.close();
  });
  after('removes the broker', async function () {
    this.timeout(60_000);
    await broker.remove();
  });
  return () => broker;
}

export function connectTo(url: string): Promise<BrokerConnection> {
  const address = { ...readBrokerUrl(url, undefined), connectTimeoutMs: 10_000, connectionName: 'test' };
  return connectRabbit(address, { connected: () => undefined, lost: () => undefined });
}

export function fleetAt(url: string, settings: Partial<FleetSettings> = {}): Fleet {
  const parsed = parseSettings(fleetFields, { maxInFlight: 5000, replyTimeoutMs: 120_000, ...settings });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return new Fleet(parsed.settings, { url });
}

export interface WorkerOptions {
  readonly url: string;
  readonly inventory: string;
  readonly index?: number;
  readonly workers?: number;
  readonly more?: readonly (string | number)[];
}

/** Deadlines that a machine under load keeps; the suite is not about them. */
const PATIENT = ['--connect-timeout-ms', 10_000, '--io-timeout-ms', 20_000, '--max-attempts', 3] as const;

export function startWorker({ url, inventory, index = 0, workers = 1, more = PATIENT }: WorkerOptions): Command {
  const args = ['--amqp-url', '${TEST_AMQP_URL}', '--inventory', inventory, '--index', index, '--workers', workers];
  const quiet = ['--metrics-port', 0, '--log-level', 'ERROR'];
  return start('phase0-worker', [...args, ...quiet, ...more], { env: { TEST_AMQP_URL: url } });
}

export async function killed(worker: Command): Promise<void> {
  worker.child.kill('SIGKILL');
  await worker.ended;
}

/** Looks at the consumers of every partition, again and again. */
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

/** The bodies in the record of verdicts, from its beginning, until `isLast`. */
export async function readVerdicts(url: string, isLast: (body: Record<string, unknown>) => boolean): Promise<void> {
  const connection = new Connection(url);
  const channel = await connection.acquire();
  await channel.basicQos({ prefetchCount: 500 });
  await new Promise<void>((resolve, reject) => {
    const handle = ({ body, deliveryTag }: AsyncMessage): void => {
      channel.basicAck({ deliveryTag });
      if (isLast(body as Record<string, unknown>)) resolve();
    };
    const from = { queue: 'phase0.verdicts', arguments: { 'x-stream-offset': 'first' } };
    channel.basicConsume(from, handle).catch(reject);
  });
  await channel.close();
  await connection.close();
}
