/** Metrics of a worker of a fleet, beside those of its devices. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { VERDICT_OUTCOMES } from '../outcomes';
import type { WorkerObserver } from '../worker-observer';

const LAG_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Registers them, with a series for each of `partitions`, so that one without a consumer is seen from the start. */
export function workerMetrics(registry: Registry, partitions: readonly string[]): WorkerObserver {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name: `tcp_comm_fleet_${name}`, help, registers });
  const connected = new Gauge({
    name: 'tcp_comm_fleet_broker_connected',
    help: 'Whether the worker is connected to the broker',
    registers,
  });
  const consumed = new Gauge({
    name: 'tcp_comm_fleet_partition_consumed',
    help: 'Whether the worker consumes the partition, or stands by for it',
    labelNames: ['partition'],
    registers,
  });
  const commands = counter('commands_total', 'Commands that the broker delivered, redelivered ones included');
  const redeliveries = counter('redeliveries_total', 'Commands that had been delivered before');
  const deadLetters = counter('dead_letters_total', 'Commands that the broker gave up');
  const verdicts = new Counter({
    name: 'tcp_comm_fleet_verdicts_total',
    help: 'Verdicts that the broker has',
    labelNames: ['outcome'],
    registers,
  });
  const lag = new Histogram({
    name: 'tcp_comm_fleet_verdict_lag_seconds',
    help: 'From the sending of a command to its verdict at the broker, by the clocks of both',
    buckets: LAG_BUCKETS_S,
    registers,
  });
  for (const partition of partitions) consumed.set({ partition }, 0);
  // Prometheus sees no increase in a counter that begins at 1.
  for (const outcome of VERDICT_OUTCOMES) verdicts.inc({ outcome }, 0);
  return {
    brokerConnected: (isConnected) => connected.set(isConnected ? 1 : 0),
    partitionConsumed: (partition, isConsumed) => consumed.set({ partition }, isConsumed ? 1 : 0),
    commandReceived: (isRedelivered) => {
      commands.inc();
      if (isRedelivered) redeliveries.inc();
    },
    deadLettered: () => deadLetters.inc(),
    verdictPublished: (outcome, lagMs) => {
      verdicts.inc({ outcome });
      if (lagMs !== undefined) lag.observe(lagMs / 1000);
    },
  };
}
