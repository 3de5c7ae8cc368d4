/** Run of phase0-worker: a worker of a fleet, its inventory, its log and its metrics. */
import { once } from 'node:events';
import { BrokerUrlError, readBrokerUrl, type BrokerAddress } from '../fleet/amqp/address';
import { definitionsOf, partitionQueue } from '../fleet/topology';
import { FleetWorker } from '../fleet/worker';
import type { Inventory } from '../inventory/inventory';
import { InventoryFile } from '../inventory/inventory-file';
import type { InventoryReading } from '../inventory/faults';
import { Metrics } from '../observers/metrics';
import type { Settings } from '../settings/field';
import type { TlsOptions } from '../transport/tls';
import { EXIT, UsageError, type CliContext } from './cli-context';
import { DroppedLines } from './dropped-lines';
import { defaultsFrom, inventoryFaults, inventoryFrom } from './inventory-devices';
import { isText, Log } from './log';
import { openEndpoint, openProbes } from './metrics-endpoint';
import { readTlsFiles } from './tls-files';
import type { workerCommand } from './worker-command';
import { deviceFailures, deviceLines, workerLines, workerText } from './worker-log';
import { setUpBroker } from './worker-setup';

type Values = Settings<typeof workerCommand.fields>;

const SETUP_TIMEOUT_MS = 10_000;

/** Works until it is interrupted; resolves to the exit code. */
export async function work(values: Values, context: CliContext): Promise<number> {
  if (values.definitions) {
    const vhost = values.amqpUrl === '' ? '/' : brokerOf(values).vhost;
    context.line(JSON.stringify(definitionsOf(values.partitions, vhost), null, 2));
    return EXIT.ok;
  }
  const address = brokerOf(values);
  if (!values.setup) return serve(values, context);
  const problem = await setUpBroker(address, values.partitions);
  if (problem === undefined) context.line(`the broker has ${values.partitions} partitions`);
  else context.say(`the broker could not be set up: ${problem}`);
  return problem === undefined ? EXIT.ok : EXIT.failed;
}

async function serve(values: Values, context: CliContext): Promise<number> {
  if (values.index >= values.workers) throw new UsageError('--index must be below --workers: they count from 0');
  if (values.inventory === '') throw new UsageError('--inventory is required: the devices that this worker switches');
  const text = isText(values.format) ? workerText : undefined;
  const log = new Log((line) => context.line(line), values.logLevel, undefined, text);
  const dropped = new DroppedLines(context, log);
  const metrics = new Metrics();
  const queues = Array.from({ length: values.partitions }, (_, partition) => partitionQueue(partition));
  const inventory = inventoryFrom(values, [
    metrics.inventoryObserver(context.name, []),
    ...(text ? deviceFailures(log, dropped) : deviceLines(log, dropped, context)),
  ]);
  const file = await openInventory(values, { context, log, metrics, inventory });
  const worker = new FleetWorker({
    url: values.amqpUrl,
    ...brokerTls(values),
    settings: values,
    target: inventory,
    observers: [metrics.workerObserver(queues), workerLines(log)],
    onProblem: (problem) => {
      log.event('ERROR', 'problem', problem);
      context.say(problem);
    },
    onProblemEnded: (problem) => {
      log.event('INFO', 'problem_ended', `No more: ${problem}`, { problem });
      context.say(`no more: ${problem}`);
    },
  });
  const endpoint = openEndpoint(metrics, values, context);
  const probes = openProbes(() => worker.isReady, values);
  const ended = once(context.ending, 'abort');
  context.onSignal(() => undefined);
  worker.start();
  await ended;
  log.event('INFO', 'draining', 'Draining');
  await worker.drain();
  file.close();
  inventory.close();
  await Promise.all([endpoint?.close(), ...probes.map((probe) => probe.close())]);
  dropped.close();
  log.event('INFO', 'closed', 'Closed');
  return EXIT.ok;
}

function brokerOf(values: Values): BrokerAddress {
  if (values.amqpUrl === '') throw new UsageError('--amqp-url is required: the URL of the broker');
  try {
    const { tls } = brokerTls(values);
    return {
      ...readBrokerUrl(values.amqpUrl, tls),
      connectTimeoutMs: SETUP_TIMEOUT_MS,
      connectionName: 'phase0-setup',
    };
  } catch (error) {
    if (error instanceof BrokerUrlError) throw new UsageError(`--amqp-url: ${error.message}`, { cause: error });
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Absent without any option for it. */
function brokerTls({ amqpCa, amqpCert, amqpKey, amqpServername }: Values): { readonly tls?: TlsOptions } {
  const files = readTlsFiles({ ca: amqpCa, cert: amqpCert, key: amqpKey }, 'amqp-');
  const tls = { ...files, ...(amqpServername && { servername: amqpServername }) };
  return Object.keys(tls).length > 0 ? { tls } : {};
}

interface InventoryDeps {
  readonly context: CliContext;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly inventory: Inventory;
}

/** Throws UsageError if the first reading has faults; later ones leave the rows as they are. */
async function openInventory(
  values: Values,
  { context, log, metrics, inventory }: InventoryDeps,
): Promise<InventoryFile> {
  let first: InventoryReading | undefined;
  const onReading = (reading: InventoryReading): void => {
    const change = inventory.load(reading);
    if (change) metrics.inventoryObserver(context.name, inventory.deviceIds);
    const rows = inventory.deviceIds.length;
    metrics.inventoryRead(context.name, change ? 'applied' : 'faulty', rows);
    if (reading.ok) log.event('INFO', 'inventory', `Inventory of ${rows} rows`, { rows });
    else if (first) for (const fault of inventoryFaults(reading)) context.say(fault);
    first ??= reading;
  };
  const file = new InventoryFile(values.inventory, { defaults: defaultsFrom(values), onReading });
  await file.ready;
  if (first?.ok === false) {
    file.close();
    throw new UsageError(inventoryFaults(first).join('\n'));
  }
  return file;
}
