import assert from 'node:assert/strict';
import { certificateCause, lateCause, socketCause } from '../../src/transport/socket-cause';

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('cause of a failed connection', () => {
  for (const [code, cause] of [
    ['ECONNREFUSED', 'port_refused'],
    ['EAI_AGAIN', 'host_unknown'],
    ['EHOSTUNREACH', 'host_unreachable'],
    ['EPERM', 'not_permitted'],
    // Alerts of the peer, in the spellings of OpenSSL 3.0 and 3.5.
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls_client_certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'tls_client_certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'tls_client_certificate'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'tls_client_certificate'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'tls_client_certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls_client_certificate'],
    ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'tls_wrong_alpn'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls_handshake_failed'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_handshake_failed'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_to_plain_port'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls_to_plain_port'],
    ['EWHATEVER', undefined],
  ] as const) {
    it(`${code} is ${cause}`, () => assert.equal(socketCause(withCode(code), 'connect'), cause));
  }

  it('is unknown for an error without a code', () => {
    assert.equal(socketCause(new Error('broken'), 'connect'), undefined);
  });

  it('of a connection that was made and timed out is that the peer vanished', () => {
    assert.equal(socketCause(withCode('ETIMEDOUT'), 'connect'), 'no_answer_to_connect');
    assert.equal(socketCause(withCode('ETIMEDOUT'), 'connected'), 'host_unreachable');
  });

  it('of a name with several addresses is that of the address that says most', () => {
    const both = new AggregateError([withCode('EADDRNOTAVAIL'), withCode('ECONNREFUSED')]);
    assert.equal(socketCause(both, 'connect'), 'port_refused');
    const others = new AggregateError([withCode('EWHATEVER'), withCode('EACCES')]);
    assert.equal(socketCause(others, 'connect'), 'not_permitted');
  });

  it('is the step that took too long', () => {
    assert.deepEqual(
      [lateCause('lookup'), lateCause('connect'), lateCause('handshake'), lateCause()],
      ['name_server_silent', 'no_answer_to_connect', 'tls_no_answer', 'no_answer_to_connect'],
    );
  });

  for (const [code, cause] of [
    ['CERT_HAS_EXPIRED', 'tls_expired'],
    ['CERT_NOT_YET_VALID', 'tls_expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_wrong_name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_untrusted'],
    ['INVALID_PURPOSE', 'tls_untrusted'],
  ] as const) {
    it(`a certificate: ${code} is ${cause}`, () => assert.equal(certificateCause(code), cause));
  }
});
