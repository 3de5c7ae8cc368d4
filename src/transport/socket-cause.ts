/** Cause of a failed connection, told from the codes of the operating system and of OpenSSL. */
import type { Cause } from '../outcomes';

/** How far a connection has come. */
export type ConnectStep = 'lookup' | 'connect' | 'handshake' | 'connected';

const CAUSE_OF_CODE: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: 'port_refused',
  ENOTFOUND: 'host_unknown',
  EAI_AGAIN: 'host_unknown',
  EAI_FAIL: 'host_unknown',
  EAI_NODATA: 'host_unknown',
  EAI_NONAME: 'host_unknown',
  EHOSTUNREACH: 'host_unreachable',
  ENETUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETDOWN: 'host_unreachable',
  EADDRNOTAVAIL: 'local_ports_exhausted',
  EMFILE: 'too_many_open_files',
  ENFILE: 'too_many_open_files',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_wrong_name',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_expired',
};

/** Of a name with several addresses, the first of these that one address failed with: it answered, or nearly so. */
const MOST_TELLING: readonly Cause[] = [
  'port_refused',
  'connection_reset',
  'too_many_open_files',
  'no_answer_to_connect',
  'host_unreachable',
];

/** When the deadline for connecting ends each step. */
const LATE: Readonly<Record<ConnectStep, Cause>> = {
  lookup: 'name_server_silent',
  connect: 'no_answer_to_connect',
  handshake: 'tls_no_answer',
  connected: 'no_answer_to_connect',
};

/** Why a connection was not made in time. */
export function lateCause(step: ConnectStep = 'connect'): Cause {
  return LATE[step];
}

/** Undefined when the code says nothing that one could act on. */
export function socketCause(error: NodeJS.ErrnoException, step: ConnectStep): Cause | undefined {
  if (error instanceof AggregateError) {
    const causes = error.errors.map((each: NodeJS.ErrnoException) => socketCause(each, step));
    return MOST_TELLING.find((cause) => causes.includes(cause)) ?? causes.find(Boolean);
  }
  const { code = '' } = error;
  // After the handshake it means that the peer vanished.
  if (code === 'ETIMEDOUT') return step === 'connected' ? 'host_unreachable' : 'no_answer_to_connect';
  return CAUSE_OF_CODE[code] ?? (code.startsWith('ERR_SSL_') ? openSslCause(code) : undefined);
}

/** Why a certificate is not trusted, by the code that its verification ended with. */
export function certificateCause(code: string): Cause {
  return CAUSE_OF_CODE[code] ?? 'tls_untrusted';
}

function openSslCause(code: string): Cause {
  // Bytes that are no TLS record; which one OpenSSL reports depends on the bytes and on its version.
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE/.test(code)) {
    return 'tls_to_plain_port';
  }
  // An alert comes from the peer: these are what it thinks of our certificate, or of its absence.
  if (/ALERT_(CERTIFICATE|BAD_CERTIFICATE|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    return 'tls_client_certificate';
  }
  return code.includes('ALERT_NO_APPLICATION_PROTOCOL') ? 'tls_wrong_alpn' : 'tls_handshake_failed';
}
