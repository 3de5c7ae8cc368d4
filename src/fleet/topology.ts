/** Exchanges and queues of a fleet, for the broker and for its operators. */
import type { Binding, BrokerChannel, ExchangeDeclaration, QueueDeclaration } from './amqp/broker';

/** Takes commands, by device id. */
export const COMMANDS = 'phase0.commands';
/** Takes the commands that were handed out too often; the exchange and its queue have one name. */
export const DEAD = 'phase0.dead';
/** Takes verdicts, by the reply queue of the requester. */
export const RESULTS = 'phase0.results';
/** The record of all verdicts. */
const VERDICTS = 'phase0.verdicts';

/** Times that a command is handed out: each death of a worker counts for everything that it had fetched. */
const DELIVERY_LIMIT = 50;
const GIGABYTE = 1_000_000_000;

export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly (QueueDeclaration & {
    readonly arguments: Readonly<Record<string, string | number | boolean>>;
  })[];
  readonly bindings: readonly Binding[];
}

export function partitionQueue(partition: number): string {
  return `${COMMANDS}.${String(partition).padStart(2, '0')}`;
}

/** Everything that the broker needs, durable all of it. */
export function topologyOf(partitions: number): Topology {
  const queues = Array.from({ length: partitions }, (_, partition) => partitionQueue(partition));
  return {
    exchanges: [
      // A consistent hash would give most ids to other queues when RabbitMQ 3.10 restarts.
      { exchange: COMMANDS, type: 'x-modulus-hash' },
      { exchange: DEAD, type: 'fanout' },
      { exchange: RESULTS, type: 'topic' },
    ],
    queues: [
      ...queues.map((queue) => ({
        queue,
        arguments: {
          'x-queue-type': 'quorum',
          'x-single-active-consumer': true,
          'x-delivery-limit': DELIVERY_LIMIT,
          'x-dead-letter-exchange': DEAD,
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
        },
      })),
      { queue: DEAD, arguments: { 'x-queue-type': 'quorum' } },
      {
        queue: VERDICTS,
        arguments: {
          'x-queue-type': 'stream',
          'x-max-age': '7D',
          'x-max-length-bytes': GIGABYTE,
          // What is too old goes by whole segments.
          'x-stream-max-segment-size-bytes': GIGABYTE / 20,
        },
      },
    ],
    bindings: [
      ...queues.map((queue) => ({ exchange: COMMANDS, queue, routingKey: queue })),
      { exchange: DEAD, queue: DEAD, routingKey: '' },
      { exchange: RESULTS, queue: VERDICTS, routingKey: '#' },
    ],
  };
}

/** Declares everything; what is there already, with the same properties, stays as it is. */
export async function declareTopology(channel: BrokerChannel, partitions: number): Promise<void> {
  const { exchanges, queues, bindings } = topologyOf(partitions);
  for (const exchange of exchanges) await channel.declareExchange(exchange);
  for (const queue of queues) await channel.declareQueue({ ...queue, durable: true });
  for (const binding of bindings) await channel.bind(binding);
}

/** The same as a definitions file, which `rabbitmqctl import_definitions` and the management page take. */
export function definitionsOf(partitions: number, vhost: string): object {
  const { exchanges, queues, bindings } = topologyOf(partitions);
  return {
    exchanges: exchanges.map(({ exchange, type }) => ({
      name: exchange,
      vhost,
      type,
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    })),
    queues: queues.map((queue) => ({
      name: queue.queue,
      vhost,
      durable: true,
      auto_delete: false,
      arguments: queue.arguments,
    })),
    bindings: bindings.map(({ exchange, queue, routingKey }) => ({
      source: exchange,
      vhost,
      destination: queue,
      destination_type: 'queue',
      routing_key: routingKey,
      arguments: {},
    })),
  };
}
