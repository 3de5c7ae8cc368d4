/** A `connect` of the user, made to keep its contract: one that throws, or returns no socket, is a connection that failed. */
import { ignoreRejection } from '../call-safely';
import { errorText } from '../printable';
import type { ClientSocket, Connect, SocketEvents } from './socket';

const METHODS = ['write', 'end', 'reset'] as const;

export function guardedConnect(connect: Connect): Connect {
  return (endpoint, events) => {
    try {
      const socket: unknown = connect(endpoint, events);
      if (isSocket(socket)) return socket;
      ignoreRejection(socket);
      return failedSocket('connect returned no socket', events);
    } catch (error) {
      return failedSocket(`connect failed: ${errorText(error)}`, events);
    }
  };
}

function isSocket(value: unknown): value is ClientSocket {
  const socket = value as Partial<Record<(typeof METHODS)[number], unknown>> | null | undefined;
  return typeof socket === 'object' && METHODS.every((method) => typeof socket?.[method] === 'function');
}

/** A socket that reports its failure once its owner has it. */
function failedSocket(error: string, events: SocketEvents): ClientSocket {
  queueMicrotask(() => {
    events.failed({ error });
    events.closed();
  });
  return { unsentBytes: 0, write: ignore, end: ignore, reset: ignore };
}

function ignore(): void {}
