/** Failures of real sockets, in words and with their cause. */
import type { Cause } from '../outcomes';
import { printable } from '../printable';
import type { SocketFailure } from './socket';
import { certificateCause, socketCause, type ConnectStep } from './socket-cause';

/** The alert that the server sends about a certificate would be the same the next time. */
const NON_RETRYABLE: Cause = 'tls_client_certificate';

/** Codes of OpenSSL whose messages do not say that the issuer is unknown. */
const UNKNOWN_ISSUER = /^(UNABLE_TO_(GET_ISSUER|VERIFY_LEAF).*|SELF_SIGNED_CERT_IN_CHAIN)$/;

/**
 * What a socket failed with at `step`. `certificateError`: the code with which the verification of the device's
 * certificate ended, if that is why.
 */
export function failureOf(error: Error, step: ConnectStep, certificateError?: string): SocketFailure {
  const text = describe(error);
  if (certificateError !== undefined) return untrusted(text, certificateError);
  const cause = socketCause(error, step);
  return { error: text, ...(cause && { cause }), ...(cause === NON_RETRYABLE && { nonRetryable: true }) };
}

function untrusted(error: string, code: string): SocketFailure {
  const why = UNKNOWN_ISSUER.test(code) ? `its issuer is not known: ${error}` : error;
  return {
    error: `the certificate of the device is not trusted: ${why} (${code})`,
    cause: certificateCause(code),
    nonRetryable: true,
  };
}

/** An error as people read it. A name with several addresses fails with an AggregateError, whose own message is empty. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => describe(each)).join('; ');
  // OpenSSL's own message contains a thread id, a line of its source and a line break.
  const { library, reason, code } = error as Error &
    Readonly<Record<'library' | 'reason' | 'code', string | undefined>>;
  return printable(library && reason ? `TLS: ${reason} (${code})` : error.message);
}
