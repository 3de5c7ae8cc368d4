/** Failures of sockets in words, and connections that are reset when TLS breaks. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { failureOf } from '../../src/transport/socket-failure';
import { resetIfTlsBreaks } from '../../src/transport/tls-socket';

const errorWith = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

describe('failure of a socket', () => {
  it('is what the system says, with nothing that it does not say', () => {
    assert.deepEqual(failureOf(errorWith('odd'), 'connected'), { error: 'odd' });
  });

  it('names each address that was tried', () => {
    const error = new AggregateError([errorWith('refused ::1'), errorWith('refused 127.0.0.1')]);
    assert.equal(failureOf(error, 'connect').error, 'refused ::1; refused 127.0.0.1');
  });

  it('is short for an error of OpenSSL, and whole for one that says no reason', () => {
    const openSsl = { library: 'SSL routines', reason: 'wrong version number', code: 'ERR_SSL' };
    assert.equal(failureOf(errorWith('long\n', openSsl), 'handshake').error, 'TLS: wrong version number (ERR_SSL)');
    assert.equal(failureOf(errorWith('why', { library: 'SSL routines' }), 'handshake').error, 'why');
    assert.equal(failureOf(errorWith('why', { reason: 'none' }), 'handshake').error, 'why');
  });

  it('says of a certificate that its issuer is unknown only where that is so', () => {
    const unknown = failureOf(errorWith('bad'), 'handshake', 'UNABLE_TO_GET_ISSUER_CERT');
    assert.match(unknown.error, /not trusted: its issuer is not known: bad \(UNABLE_TO_GET_ISSUER_CERT\)$/);
    const expired = failureOf(errorWith('bad'), 'handshake', 'CERT_HAS_EXPIRED');
    assert.match(expired.error, /not trusted: bad \(CERT_HAS_EXPIRED\)$/);
    assert.deepEqual([unknown.nonRetryable, expired.nonRetryable], [true, true]);
  });

  it('is for good when the server refuses the certificate of this side', () => {
    const alert = {
      library: 'SSL routines',
      reason: 'tlsv13 alert certificate required',
      code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    };
    const { cause, nonRetryable } = failureOf(errorWith('alert', alert), 'connected');
    assert.deepEqual([cause, nonRetryable], ['tls_client_certificate', true]);
  });
});

describe('a TCP connection under TLS', () => {
  function destroyed(isInUse: boolean, error?: Error): string[] {
    const calls: string[] = [];
    const tcp = {
      destroy: (reason?: Error) => calls.push(`destroy ${reason?.message}`),
      resetAndDestroy: () => {
        calls.push('reset');
        tcp.destroy();
      },
    };
    resetIfTlsBreaks(tcp as unknown as Socket, () => isInUse);
    tcp.destroy(error);
    return calls;
  }

  it('is reset when TLS breaks while it is in use, once', () => {
    assert.deepEqual(destroyed(true), ['reset', 'destroy undefined']);
  });

  it('is destroyed as ever by an error of its own, or when nobody uses it', () => {
    assert.deepEqual(destroyed(true, new Error('reset by peer')), ['destroy reset by peer']);
    assert.deepEqual(destroyed(false), ['destroy undefined']);
  });
});
