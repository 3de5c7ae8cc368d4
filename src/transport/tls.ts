/** TLS options as callers give them, checked and prepared once for all connections. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { errorText } from '../printable';
import type { Security } from './socket';

/** Options of node:tls that make sense for a device; certificates and keys in PEM. */
export interface TlsOptions extends Readonly<Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>> {
  /** The name that is sent to the server and that the certificate must match; the host by default. */
  readonly servername?: string | undefined;
  readonly ALPNProtocols?: readonly string[] | undefined;
  /** Whether a certificate that is not trusted ends the attempt; true unless it is false. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Length of a name in DNS. */
const MAX_NAME = 253;
/** Its length is one byte on the wire. */
const MAX_PROTOCOL_BYTES = 255;
/** The length of their list is two bytes on the wire, and each has one of its own. */
const MAX_PROTOCOLS_BYTES = 65_533;

/** Throws when certificate, key and passphrase cannot be used together, and on a name or protocol that TLS cannot carry. */
export function securityFrom({ ca, cert, key, passphrase, ...rest }: TlsOptions): Security {
  const { servername, ALPNProtocols, rejectUnauthorized } = rest;
  if (servername) checkName(servername);
  return {
    secureContext: contextFrom({ ca, cert, key, passphrase }),
    rejectUnauthorized: rejectUnauthorized !== false,
    ...(servername && { servername }),
    ...(ALPNProtocols && { ALPNProtocols: checkedProtocols(ALPNProtocols) }),
  };
}

/** OpenSSL would send a name that is too long not at all, and another one up to its first NUL. */
function checkName(name: unknown): void {
  if (typeof name === 'string' && name.length <= MAX_NAME && !/\p{Cc}/u.test(name)) return;
  throw new Error(`tls: the server name must be text of at most ${MAX_NAME} characters, not ${errorText(name)}`);
}

/** With an empty protocol Node.js aborts the process; other invalid ones it reports by an exception while it connects. */
function checkedProtocols(given: unknown): readonly string[] {
  if (!Array.isArray(given))
    throw new Error(`tls: the ALPN protocols must be an array of text, not ${errorText(given)}`);
  const protocols: readonly unknown[] = [...given];
  let total = 0;
  for (const protocol of protocols) {
    const bytes = typeof protocol === 'string' ? Buffer.byteLength(protocol) : 0;
    total += 1 + bytes;
    if (bytes >= 1 && bytes <= MAX_PROTOCOL_BYTES) continue;
    throw new Error(
      `tls: an ALPN protocol must be text of 1 to ${MAX_PROTOCOL_BYTES} bytes, not ${errorText(protocol)}`,
    );
  }
  if (total > MAX_PROTOCOLS_BYTES) throw new Error(`tls: ${protocols.length} ALPN protocols are too many`);
  return protocols as readonly string[];
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
