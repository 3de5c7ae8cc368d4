/** Client sockets: the little that transports need of one. */
import type { SecureContext } from 'node:tls';
import type { Cause } from '../outcomes';
import type { ConnectStep } from './socket-cause';

/** Where a device listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** How to secure the connection; absent = plain TCP. */
  readonly security?: Security;
}

/** What TLS needs, made once for all connections by {@link securityFrom}. */
export interface Security {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
  readonly ALPNProtocols?: readonly string[];
}

/** What happens to a socket. Nothing is called after `closed`. */
export interface SocketEvents {
  /** The handshakes are done, and everything that the peer sent until now was passed to `data`. */
  connected(): void;
  data(chunk: Uint8Array): void;
  /** Nothing more can be sent or received. Called at most once, always before `closed`. */
  failed(failure: SocketFailure): void;
  /** The socket is freed. */
  closed(): void;
}

export interface SocketFailure {
  /** In words. */
  readonly error: string;
  /** What most likely went wrong, where that can be told. */
  readonly cause?: Cause;
  /** Another connection would fail the same way, as with a certificate that is not trusted. */
  readonly nonRetryable?: true;
}

/** A connection as transports see it. Every method may be called at any time, also after the end. */
export interface ClientSocket {
  /** Bytes handed to `write` that the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** How far it has come; tells why a connection was not made in time. */
  readonly step?: ConnectStep;
  /**
   * Calls `onSent` when the operating system has taken all of `bytes`; if it never does, `failed` says why. What the peer
   * sends in reply is passed on after that. With `gathers` they may wait until the end of this turn of the event loop, for
   * what else is written in it.
   */
  write(bytes: Uint8Array, onSent: () => void, gathers?: boolean): void;
  /** Closes in order: the peer gets everything, and some time to finish what it is sending, which is ignored. */
  end(): void;
  /** Gives up: what the peer has not taken yet is not delivered any more. */
  reset(): void;
}

/** Begins to connect; the result arrives through `events`. Must not throw, nor call `events` before it returns. */
export type Connect = (
  endpoint: Endpoint & {
    readonly connectTimeoutMs: number;
    /** Carries many packets, and is idle in between. */
    readonly staysOpen?: boolean;
  },
  events: SocketEvents,
) => ClientSocket;
