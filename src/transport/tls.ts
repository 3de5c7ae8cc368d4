/** TLS options as callers give them, checked and prepared once for all connections. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Security } from './socket';

/** Options of node:tls that make sense for a device; certificates and keys in PEM. */
export interface TlsOptions extends Readonly<Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>> {
  /** The name that is sent to the server and that the certificate must match; the host by default. */
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

/** Parsed once: parsing for each connection would cost more than connecting. */
function contextFrom(secrets: SecureContextOptions): SecureContext {
  const { ca, cert, key, passphrase } = secrets;
  if (!cert !== !key) throw new Error('tls: a certificate needs its key, and a key its certificate');
  // One by one, to name the invalid one. For an authority that it cannot read, node:tls reports no error at all.
  for (const each of [ca || []].flat()) attempt('ca is not a certificate in PEM', () => new X509Certificate(each));
  attempt('the certificate cannot be read', () => createSecureContext({ ca: [], cert }));
  attempt('the key cannot be read, or not with this passphrase', () =>
    createSecureContext({ ca: [], key, passphrase }),
  );
  return attempt('the key does not belong to the certificate', () => createSecureContext(secrets));
}

function attempt<T>(problem: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new Error(`tls: ${problem}: ${(error as Error).message}`, { cause: error });
  }
}
