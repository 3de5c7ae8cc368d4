/** Owns what a caller may say about TLS, and makes of it, once, what every connection uses. */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Security } from './connection';

/** Options of node:tls that make sense for a device; certificates and keys in PEM. */
export interface TlsOptions extends Readonly<Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>> {
  /** The name that the certificate must be for, and that is told to the server; else the host. */
  readonly servername?: string | undefined;
  readonly ALPNProtocols?: readonly string[] | undefined;
  /** Whether a certificate that is not trusted ends the attempt; true unless it is false. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Throws when certificate, key and passphrase cannot be used together. */
export function securityFrom({ ca, cert, key, passphrase, ...rest }: TlsOptions): Security {
  const { servername, ALPNProtocols, rejectUnauthorized } = rest;
  return {
    secureContext: contextFrom({ ca, cert, key, passphrase }),
    rejectUnauthorized: rejectUnauthorized !== false,
    ...(servername && { servername }),
    ...(ALPNProtocols && { ALPNProtocols }),
  };
}

/** Parsed once: doing it for each connection costs more than the rest of a dial. */
function contextFrom(secrets: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(secrets);
  } catch (error) {
    throw new Error(`tls: certificate, key or passphrase cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
