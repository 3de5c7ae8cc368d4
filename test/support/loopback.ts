/** Peers on loopback other than the simulator: refused port, black hole, server with a handler of the test. */
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { METRICS_PORT } from './fixtures';
import { isFree } from './process-lock';

/** A server of a test's own making. */
export interface Peer {
  readonly port: number;
  /** Ends it, and every connection to it. */
  close(): Promise<void>;
}

const LOWEST_PORT = 10_100;

const peers = new Set<Peer>();
/** Ports that this process was given, so that no two tests get the same one. */
const given = new Set<number>();

afterEach(async () => {
  for (const peer of peers) await peer.close();
  peers.clear();
});

/** A server that lives for one test. */
export async function listen(serve: (socket: Socket) => void): Promise<{ port: number }> {
  const peer = await openPeer(serve);
  peers.add(peer);
  return peer;
}

/** A server that lives until it is closed. */
export async function openPeer(serve: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * A port on which nothing listens. It is below those that the system gives to connections and to port 0, so that none
 * of them takes it before the test does.
 */
export async function refusedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, METRICS_PORT);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

/** An address that answers no handshake: its backlog is full, and its owner accepts no connection, for `silentMs`. */
export async function blackHole(silentMs?: number): Promise<{ host: string; port: number; close(): Promise<void> }> {
  const options = silentMs === undefined ? [] : [String(silentMs)];
  const child = fork(require.resolve('./black-hole'), options, { stdio: 'ignore' });
  const [port] = (await once(child, 'message')) as [number];
  const fillers: Socket[] = [];
  const close = async () => {
    for (const socket of fillers) socket.destroy();
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  // The kernel lets a few in; the first that hangs shows that the backlog is full.
  for (let full = false; !full;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    fillers.push(socket);
    full = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100)),
    ]);
  }
  return { host: '127.0.0.1', port, close };
}
