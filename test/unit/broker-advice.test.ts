import assert from 'node:assert/strict';
import { adviceOn } from '../../nodes/phase0-fleet/broker-advice';

describe('advice on an error of the broker', () => {
  for (const [error, advice] of [
    ['connect ECONNREFUSED 127.0.0.1:5672', 'address'],
    ['connection timed out', 'address'],
    ['socket hang up, end of stream', 'address'],
    ['getaddrinfo ENOTFOUND rabbit.local', 'host'],
    ['ACCESS_REFUSED: Login was refused using authentication mechanism PLAIN', 'login'],
    ['NOT_ALLOWED - vhost plant not found', 'vhost'],
    ["NOT_FOUND - no exchange 'phase0.results' in vhost '/' (phase0-worker --setup creates it)", 'setup'],
    ['self-signed certificate in certificate chain', 'tls'],
    ["Hostname/IP does not match certificate's altnames", 'tls'],
    ['something else', undefined],
  ] as const) {
    it(`${error}: ${advice ?? 'none'}`, () => assert.equal(adviceOn(error), advice));
  }
});
