/** Address of the broker, from a URL that holds a password: nothing here ever shows it. */
import { securityFrom, type TlsOptions } from '../../transport/tls';
import type { Security } from '../../transport/socket';

const PORTS: Readonly<Record<string, number>> = { 'amqp:': 5672, 'amqps:': 5671 };

export interface BrokerAddress {
  readonly hostname: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  /** Absent without TLS. */
  readonly security?: Security;
  readonly connectTimeoutMs: number;
  /** How the connection is called in the broker's own list. */
  readonly connectionName: string;
}

/** What is wrong with a URL, or with the TLS options beside it. */
export class BrokerUrlError extends Error {}

const EXPECTED = 'must be amqp://user:password@host:port/vhost, or amqps://… for TLS';

/** Throws BrokerUrlError, without the URL. */
export function readBrokerUrl(
  url: string,
  tls: TlsOptions | undefined,
): Pick<BrokerAddress, 'hostname' | 'port' | 'vhost' | 'username' | 'password' | 'security'> {
  const { protocol, hostname, port, pathname, username, password } = parse(url);
  const isSecure = protocol === 'amqps:';
  if (tls && !isSecure) throw new BrokerUrlError('the URL of the broker must begin with amqps:// for TLS options');
  return {
    // The brackets of an IPv6 address belong to the URL.
    hostname: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    vhost: decoded(pathname.slice(1)) || '/',
    username: decoded(username) || 'guest',
    password: decoded(password) || 'guest',
    ...(isSecure && { security: securityFrom(tls ?? {}) }),
  };
}

function parse(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    // The error of the parser has the text in it.
    throw new BrokerUrlError(`the URL of the broker ${EXPECTED}`);
  }
  if (!(url.protocol in PORTS) || url.hostname === '') throw new BrokerUrlError(`the URL of the broker ${EXPECTED}`);
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BrokerUrlError('the URL of the broker has a % that is not followed by two hex digits');
  }
}
