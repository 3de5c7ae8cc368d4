/** A real client socket with what it reported, and servers on loopback for it. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connectSocket } from '../../src/transport/node-socket';
import type { ClientSocket, SocketFailure } from '../../src/transport/socket';
import { securityFrom, type TlsOptions } from '../../src/transport/tls';

export interface Client {
  readonly socket: ClientSocket;
  readonly events: string[];
  readonly failure: Promise<SocketFailure>;
  readonly connected: Promise<void>;
  readonly closed: Promise<void>;
}

export function open(port: number, host = '127.0.0.1', tls?: TlsOptions): Client {
  const events: string[] = [];
  const connected = deferred<void>();
  const failure = deferred<SocketFailure>();
  const closed = deferred<void>();
  const security = tls && { security: securityFrom(tls) };
  const socket = connectSocket(
    { host, port, connectTimeoutMs: 1000, ...security },
    {
      connected: () => (events.push('connected'), connected.resolve()),
      data: (chunk) => void events.push(Buffer.from(chunk).toString()),
      failed: (problem) => (events.push('failed'), failure.resolve(problem)),
      closed: () => (events.push('closed'), closed.resolve()),
    },
  );
  return { socket, events, connected: connected.promise, failure: failure.promise, closed: closed.promise };
}

export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
