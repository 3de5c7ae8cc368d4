/** Limit of open connections that keeps room for new ones: the one that has waited longest is closed for them. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Limits the connections of a server. One too many closes the connection that has been without a complete request the
 * longest; if all are being answered, the oldest request. Refusing the new connection instead would let clients that
 * connect and say nothing shut out all others.
 */
export function limitConnections(server: Pick<Server, 'on'>, maxConnections: number): void {
  /** In the order in which they connected, or were answered. */
  const waiting = new Set<Socket>();
  const answering = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('close', () => {
      waiting.delete(socket);
      answering.delete(socket);
    });
    waiting.add(socket);
    if (waiting.size + answering.size <= maxConnections) return;
    // One of those that wait is the new one.
    const [oldest] = waiting.size > 1 ? waiting : answering;
    if (!oldest) return;
    waiting.delete(oldest);
    answering.delete(oldest);
    oldest.destroy();
  });
  server.on('request', ({ socket }, response) => {
    waiting.delete(socket);
    answering.add(socket);
    response.on('close', () => {
      if (answering.delete(socket) && !socket.destroyed) waiting.add(socket);
    });
  });
}
