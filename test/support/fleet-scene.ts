/** A private broker with the queues of a fleet, workers as processes, and a view of who consumes what. */
import { Connection, type AsyncMessage } from 'rabbitmq-client';
import { Fleet, type FleetOptions } from '../../src/fleet/fleet';
import { fleetFields, type FleetSettings } from '../../src/settings/fleet';
import { parseSettings } from '../../src/settings/field';
import { PrivateBroker, type BrokerOptions } from './broker';
import { start, type Command } from './command';
import { setUp } from './partition-watch';

/** Around the tests of a suite; the broker takes seconds to start. */
export function useBroker(options: BrokerOptions = {}): () => PrivateBroker {
  let broker: PrivateBroker;
  before('starts a broker', async function () {
    this.timeout(120_000);
    broker = await PrivateBroker.start(options);
    await setUp(broker.url);
  });
  after('removes the broker', async function () {
    this.timeout(60_000);
    await broker.remove();
  });
  return () => broker;
}

export function fleetAt(
  url: string,
  settings: Partial<FleetSettings> = {},
  more: Omit<FleetOptions, 'url'> = {},
): Fleet {
  const parsed = parseSettings(fleetFields, { maxInFlight: 5000, replyTimeoutMs: 120_000, ...settings });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return new Fleet(parsed.settings, { url, ...more });
}

export interface WorkerOptions {
  readonly url: string;
  readonly inventory: string;
  readonly index?: number;
  readonly workers?: number;
  readonly more?: readonly (string | number)[];
  readonly logLevel?: 'ERROR' | 'INFO';
}

/** Deadlines that a machine under load keeps; the suite is not about them. */
const PATIENT = ['--connect-timeout-ms', 10_000, '--io-timeout-ms', 20_000, '--max-attempts', 3] as const;

export function startWorker(options: WorkerOptions): Command {
  const { url, inventory, index = 0, workers = 1, more = PATIENT, logLevel = 'ERROR' } = options;
  const args = ['--amqp-url', '${TEST_AMQP_URL}', '--inventory', inventory, '--index', index, '--workers', workers];
  const quiet = ['--metrics-port', 0, '--log-level', logLevel];
  return start('phase0-worker', [...args, ...quiet, ...more], { env: { TEST_AMQP_URL: url } });
}

export async function killed(worker: Command): Promise<void> {
  worker.child.kill('SIGKILL');
  await worker.ended;
}

/** The bodies in the record of verdicts, from its beginning, until `isLast`. */
export async function readVerdicts(url: string, isLast: (body: Record<string, unknown>) => boolean): Promise<void> {
  const connection = new Connection(url);
  const channel = await connection.acquire();
  await channel.basicQos({ prefetchCount: 500 });
  await new Promise<void>((resolve, reject) => {
    const handle = ({ body, deliveryTag }: AsyncMessage): void => {
      if (!channel.active) return;
      channel.basicAck({ deliveryTag });
      if (isLast(body as Record<string, unknown>)) resolve();
    };
    const from = { queue: 'phase0.verdicts', arguments: { 'x-stream-offset': 'first' } };
    channel.basicConsume(from, handle).catch(reject);
  });
  await channel.close();
  await connection.close();
}
