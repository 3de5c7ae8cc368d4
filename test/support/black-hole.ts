/**
 * A process that listens and then stops responding; see blackHole() in loopback.ts. Argument: after how many ms it
 * responds again; it answers ACK to everything then.
 */
import { createServer, type AddressInfo } from 'node:net';

/** Bounded: if the process is not ended, it ends itself. */
const MAX_MS = 60_000;

const silentMs = Number(process.argv[2] ?? MAX_MS);
const server = createServer((socket) => {
  socket.on('error', () => undefined).on('data', () => socket.end('ACK'));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.send?.((server.address() as AddressInfo).port, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, silentMs);
    setTimeout(() => process.exit(), MAX_MS - silentMs);
  });
});
