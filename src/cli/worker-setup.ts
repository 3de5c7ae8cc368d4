/** Set-up of the broker by phase0-worker: once, and with an answer. */
import type { BrokerAddress } from '../fleet/amqp/address';
import { BrokerError, type BrokerConnection } from '../fleet/amqp/broker';
import { connectRabbit } from '../fleet/amqp/rabbit';
import { declareTopology } from '../fleet/topology';
import { errorText } from '../printable';

/** Resolves to what went wrong, in words; undefined if everything is there. */
export async function setUpBroker(address: BrokerAddress, partitions: number): Promise<string | undefined> {
  let fail: (error: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const connection = await connectRabbit(address, { connected: () => undefined, lost: (error) => fail(error) });
  try {
    return await Promise.race([declare(connection, partitions), lost.then(withAdvice)]);
  } finally {
    await connection.close();
  }
}

async function declare(connection: BrokerConnection, partitions: number): Promise<string | undefined> {
  try {
    await declareTopology(await connection.openChannel(), partitions);
    return undefined;
  } catch (error) {
    const isOther = error instanceof BrokerError && error.code === 'PRECONDITION_FAILED';
    return withAdvice(errorText(error)) + (isOther ? ' (it is there already, with other properties)' : '');
  }
}

function withAdvice(error: string): string {
  if (!error.includes('x-modulus-hash')) return error;
  return `${error} (its plugin is missing: rabbitmq-plugins enable rabbitmq_sharding)`;
}
