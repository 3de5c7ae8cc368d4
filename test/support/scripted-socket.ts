/** A client socket over a socket of Node.js that is not connected: the test says what happens to it, and in which turn. */
import net, { type Socket } from 'node:net';
import { mock } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { open, type Client } from './client-sockets';

export interface Scripted extends Client {
  readonly tcp: Socket;
  /** What the client reads and writes: `tcp`, or TLS over it. */
  readonly stream: Socket;
  /** What the system is said not to have taken yet. */
  unsent: number;
}

export function scripted(isSecure = false): Scripted {
  const tcp = new net.Socket();
  const stream = isSecure ? new net.Socket() : tcp;
  mock.method(net, 'connect', () => tcp);
  mock.method(tls, 'connect', () => stream as TLSSocket);
  const client = open(9, '127.0.0.1', isSecure ? {} : undefined);
  if (isSecure) tcp.emit('connect');
  mock.restoreAll();
  const scene = { ...client, tcp, stream, unsent: 0 };
  Object.defineProperty(stream, 'writableLength', { get: () => scene.unsent });
  return scene;
}
