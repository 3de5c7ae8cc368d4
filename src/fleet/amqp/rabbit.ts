/** Connection to RabbitMQ by rabbitmq-client, which is loaded only where a fleet is used. */
import type { ConnectionOptions } from 'node:tls';
import type { Connection } from 'rabbitmq-client';
import { callSafely } from '../../call-safely';
import { errorText } from '../../printable';
import type { Security } from '../../transport/socket';
import type { BrokerAddress } from './address';
import type { BrokerChannel, BrokerConnection, BrokerEvents } from './broker';
import { RabbitChannel } from './rabbit-channel';

/**
 * In s, as AMQP counts. The broker gives up a silent worker after two to three of them, and a worker a silent broker after
 * two and a half: what that worker runs has ended before another one starts it.
 */
const HEARTBEAT_S = 2;
/** Between two attempts to connect, in ms. */
const RETRY_MS = { retryLow: 200, retryHigh: 2000 } as const;
/** Longest wait for a connection to close, in ms. */
const CLOSE_MS = 1000;

export async function connectRabbit(address: BrokerAddress, events: BrokerEvents): Promise<BrokerConnection> {
  const { Connection: RabbitConnection } = await import('rabbitmq-client');
  const { hostname, port, vhost, username, password, security, connectTimeoutMs, connectionName } = address;
  const connection = new RabbitConnection({
    hostname,
    port,
    vhost,
    username,
    password,
    ...(security && { tls: tlsOf(security) }),
    connectionName,
    connectionTimeout: connectTimeoutMs,
    acquireTimeout: connectTimeoutMs,
    heartbeat: HEARTBEAT_S,
    ...RETRY_MS,
    // Small messages would wait for the acknowledgement of the ones before.
    noDelay: true,
  });
  connection.on('connection', () => callSafely(() => events.connected(), warn));
  connection.on('error', (error) => callSafely(() => events.lost(lossText(error)), warn));
  return {
    openChannel: () => openChannel(connection),
    close: () => close(connection),
  };
}

async function openChannel(connection: Connection): Promise<BrokerChannel> {
  return new RabbitChannel(await connection.acquire({ emitErrorsFromChannel: true }));
}

function tlsOf({ ALPNProtocols, ...security }: Security): ConnectionOptions {
  return { ...security, ...(ALPNProtocols && { ALPNProtocols: [...ALPNProtocols] }) };
}

/** The broker closes the channels of a connection with it. */
async function close(connection: Connection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([connection.close().catch(() => undefined), late]);
  clearTimeout(timer);
  connection.unsafeDestroy();
}

/** The client begins with "undefined: " where the broker gives no class, as for a refused login. */
function lossText(error: unknown): string {
  return errorText(error).replace(/^undefined: /, '');
}

function warn(error: unknown): void {
  process.emitWarning(errorText(error));
}
