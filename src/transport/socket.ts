/** Owns the client's sockets: how one is made, plain or TLS, and in words why it was lost. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';

/** Where a device listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** How to secure the connection; absent = plain TCP. */
  readonly security?: Security;
}

/** What TLS needs, made once for all connections; see securityFrom. */
export interface Security {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
  readonly ALPNProtocols?: readonly string[];
}

/** Codes of OpenSSL whose words do not say so. */
const UNKNOWN_ISSUER = /^(UNABLE_TO_(GET_ISSUER|VERIFY_LEAF).*|SELF_SIGNED_CERT_IN_CHAIN)$/;

/** Begins to connect; the socket's events tell the rest. */
export function dial({ host, port, security }: Endpoint): Socket {
  if (!security) return connect({ host, port, noDelay: true });
  // A name is told to the server, which may have a certificate for each; an address must not be (RFC 6066).
  const servername = isIP(host) ? {} : { servername: host };
  return connectTls({ host, port, ...servername, ...security }).setNoDelay(true);
}

/** What an error says. A name with several addresses fails with an AggregateError, whose own message is empty. */
export function wordsFor(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join('; ');
  // OpenSSL's own message has a thread, a line of its source and a line break in it.
  const { library, reason, code } = error as Error &
    Readonly<Record<'library' | 'reason' | 'code', string | undefined>>;
  return library && reason ? `TLS: ${reason} (${code})` : error.message;
}

/** Why a handshake ended, if the device's certificate is not to be trusted; `lost` is what the socket said. */
export function distrust(socket: Socket, { security }: Endpoint, lost: string): string | undefined {
  const { authorizationError } = socket as TLSSocket;
  if (!authorizationError || !security?.rejectUnauthorized) return undefined;
  const code = String(authorizationError);
  const why = UNKNOWN_ISSUER.test(code) ? `its issuer is not known: ${lost}` : lost;
  return `the certificate of the device is not trusted: ${why} (${code})`;
}
