/** TLS against real servers: trust, the server name, client certificates, ALPN and errors. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TlsOptions as ServerOptions, type TLSSocket } from 'node:tls';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, type ToggleRequest } from '../../src/protocol/toggle';
import type { TlsOptions } from '../../src/transport/tls';
import { Authority, selfSigned, type Credentials } from '../support/certificates';
import { deviceAt, frame } from '../support/devices';
import { listen } from '../support/loopback';

/** Handshakes on a busy machine take their time. */
const PATIENT = { connectTimeoutMs: 5000, ioTimeoutMs: 5000, reply: 'framed' } as const;
const NOT_TRUSTED = /^the certificate of the device is not trusted: /;

const running = new Set<{ stop(): Promise<void> }>();
afterEach(async () => {
  for (const server of running) await server.stop();
});

/** A device of the test's own that speaks TLS and confirms whatever it is asked; lives for one test. */
async function tlsPeer(options: ServerOptions, port = 0) {
  const requests: ToggleRequest[] = [];
  const handshakes: TLSSocket[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer(options, (socket) => {
    handshakes.push(socket.on('error', () => undefined));
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) =>
      decoder.push(chunk, ({ payload }) => {
        const request = decodeToggle(payload);
        requests.push(request);
        socket.write(frame(`{"opcode":"ack","msg_id":"${request.msgId}"}`));
      }),
    );
  });
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const peer = {
    port: (server.address() as AddressInfo).port,
    server,
    /** What came, on connections whose handshake was done, among all connections. */
    requests,
    handshakes,
    sockets,
    async stop() {
      if (!running.delete(peer)) return;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  running.add(peer);
  return peer;
}

let authority: Authority;
let stranger: Authority;
/** For 127.0.0.1 and localhost. */
let trusted: Credentials;
let client: Credentials;
before(async () => {
  [authority, stranger] = await Promise.all([Authority.create(), Authority.create('CN=Other authority')]);
  [trusted, client] = await Promise.all([
    authority.issue({ names: ['127.0.0.1', 'localhost'] }),
    authority.issue({ use: 'client' }),
  ]);
});

for (const connection of ['per-toggle', 'persistent'] as const) {
  describe(`TLS, ${connection}`, () => {
    const deviceFor = (port: number, tls: TlsOptions, settings: object = {}) =>
      deviceAt(port, { ...PATIENT, connection, maxAttempts: 5, ...settings }, { tls });
    const toggle = async (port: number, tls: TlsOptions, settings: object = {}) => {
      const verdict = await deviceFor(port, tls, settings).device.toggle({ state: true });
      return { ...verdict, end: `${verdict.outcome}/${verdict.reason} after ${verdict.attempts}` };
    };
    const CONFIRMED = 'confirmed/undefined after 1';

    for (const [host, name] of [
      ['127.0.0.1', '127.0.0.1'],
      ['localhost', 'localhost'],
      ['localhost', '*.lamps.test'],
    ] as const) {
      it(`trusts a certificate for ${name}, host ${host}`, async () => {
        const { port, requests } = await tlsPeer(await authority.issue({ names: [name] }));
        const servername = name.replace('*', 'one');
        const { end, error } = await toggle(
          port,
          { ca: authority.cert, ...(name !== host && { servername }) },
          { host },
        );
        assert.equal(end, CONFIRMED, error);
        assert.equal(requests.length, 1);
      });
    }

    const distrusted: Record<string, { make: () => Promise<Credentials>; says: RegExp }> = {
      'for another address': {
        make: () => authority.issue({ names: ['127.0.0.2', 'localhost'] }),
        says: /does not match certificate's altnames.*127\.0\.0\.1.*127\.0\.0\.2.*\(ERR_TLS_CERT_ALTNAME_INVALID\)/,
      },
      'self-signed': {
        make: () => selfSigned({ names: ['127.0.0.1'] }),
        says: /self-signed certificate.*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
      },
      expired: {
        make: () => authority.issue({ names: ['127.0.0.1'], fromDay: -3, toDay: -2 }),
        says: /has expired.*\(CERT_HAS_EXPIRED\)/,
      },
      'not yet valid': {
        make: () => authority.issue({ names: ['127.0.0.1'], fromDay: 2, toDay: 3 }),
        says: /not yet valid.*\(CERT_NOT_YET_VALID\)/,
      },
      'issued by an unknown authority': {
        make: () => stranger.issue({ names: ['127.0.0.1'] }),
        says: /issuer is not known.*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/,
      },
      'issued by an unknown authority, whose certificate it brings along': {
        make: async () => {
          const { cert, key } = await stranger.issue({ names: ['127.0.0.1'] });
          return { cert: `${cert}\n${stranger.cert}`, key };
        },
        says: /issuer is not known: self-signed certificate in certificate chain.*\(SELF_SIGNED_CERT_IN_CHAIN\)/,
      },
      'for clients only': {
        make: () => authority.issue({ names: ['127.0.0.1'], use: 'client' }),
        says: /purpose.*\(INVALID_PURPOSE\)/,
      },
    };
    for (const [title, { make, says }] of Object.entries(distrusted)) {
      it(`does not trust a certificate that is ${title}, and does not try again`, async () => {
        const { port, requests, sockets } = await tlsPeer(await make());
        const { end, error = '' } = await toggle(port, { ca: authority.cert });
        assert.equal(end, 'failed/connection_failed after 1', error);
        assert.match(error, NOT_TRUSTED);
        assert.match(error, says);
        assert.equal(sockets.length, 1);
        assert.equal(requests.length, 0);
      });

      it(`accepts one that is ${title} with rejectUnauthorized: false`, async () => {
        const { port } = await tlsPeer(await make());
        const { end, error } = await toggle(port, { rejectUnauthorized: false });
        assert.equal(end, CONFIRMED, error);
      });
    }

    it('trusts the next toggle to a server whose certificate was put right', async () => {
      const { port, server } = await tlsPeer(await selfSigned({ names: ['127.0.0.1'] }));
      const { device } = deviceFor(port, { ca: authority.cert });
      assert.equal((await device.toggle({ state: true })).reason, 'connection_failed');
      server.setSecureContext(trusted);
      assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    });

    for (const { version, late, says } of [
      { version: 'TLSv1.2', late: false, says: /^TLS: .*alert handshake failure \(ERR_SSL_\S+\)$/ },
      { version: 'TLSv1.3', late: true, says: /^TLS: .*alert certificate required \(ERR_SSL_\S+\)$/ },
    ] as const) {
      it(`${version}: shows its own certificate to a server that asks for it`, async () => {
        const asking = { ...trusted, ca: authority.cert, requestCert: true, maxVersion: version };
        const { port, handshakes } = await tlsPeer(asking);
        const { end, error } = await toggle(port, { ca: authority.cert, ...client });
        assert.equal(end, CONFIRMED, error);
        assert.equal(handshakes[0]?.authorized, true);
        assert.equal(handshakes[0]?.getProtocol(), version);
      });

      it(`${version}: fails without a certificate where one is asked for`, async () => {
        const { port, requests } = await tlsPeer({
          ...trusted,
          ca: authority.cert,
          requestCert: true,
          maxVersion: version,
        });
        const { end, error = '' } = await toggle(port, { ca: authority.cert }, { maxAttempts: 1 });
        // From 1.3 on, the server checks after the device has sent its packet.
        assert.equal(end, late ? 'unknown/connection_closed after 1' : 'failed/connection_failed after 1', error);
        assert.match(error, says);
        assert.equal(requests.length, 0);
      });
    }

    it('fails with a certificate that the server does not trust', async () => {
      const { port, requests } = await tlsPeer({ ...trusted, ca: authority.cert, requestCert: true });
      const tls = { ca: authority.cert, ...(await stranger.issue({ use: 'client' })) };
      const { end, error = '' } = await toggle(port, tls, { maxAttempts: 1 });
      assert.equal(end, 'unknown/connection_closed after 1', error);
      assert.equal(requests.length, 0);
    });

    it('sends the host as server name if it is a name, not an address', async () => {
      const { port, handshakes } = await tlsPeer(trusted);
      await toggle(port, { ca: authority.cert }, { host: 'localhost' });
      await toggle(port, { ca: authority.cert }, { host: '127.0.0.1' });
      assert.deepEqual(
        handshakes.map(({ servername }) => servername),
        ['localhost', false],
      );
    });

    it('sends a given server name, and checks the certificate against it', async () => {
      const { port, handshakes } = await tlsPeer(await authority.issue({ names: ['lamp.test'] }));
      const tls = { ca: authority.cert, servername: 'lamp.test' };
      for (const host of ['localhost', '127.0.0.1']) assert.equal((await toggle(port, tls, { host })).end, CONFIRMED);
      assert.deepEqual(
        handshakes.map(({ servername }) => servername),
        ['lamp.test', 'lamp.test'],
      );
      const { end, error = '' } = await toggle(port, { ...tls, servername: 'other.test' }, { host: 'localhost' });
      assert.equal(end, 'failed/connection_failed after 1');
      assert.match(error, /other\.test.*lamp\.test.*ERR_TLS_CERT_ALTNAME_INVALID/);
    });

    it('agrees with the server on a protocol that both know', async () => {
      const { port, handshakes } = await tlsPeer({ ...trusted, ALPNProtocols: ['phase0/2', 'phase0/1'] });
      const tls = { ca: authority.cert, ALPNProtocols: ['phase0/1', 'phase0/0'] };
      assert.equal((await toggle(port, tls)).end, CONFIRMED);
      assert.equal(handshakes[0]?.alpnProtocol, 'phase0/1');
    });

    it('fails if there is no such protocol', async () => {
      const { port, requests } = await tlsPeer({ ...trusted, ALPNProtocols: ['h2'] });
      const tls = { ca: authority.cert, ALPNProtocols: ['phase0/1'] };
      const { end, error = '' } = await toggle(port, tls, { maxAttempts: 2 });
      assert.equal(end, 'failed/connection_failed after 2');
      assert.match(error, /^TLS: .*alert no application protocol \(ERR_SSL_\S+\)$/);
      assert.equal(requests.length, 0);
    });

    it('gives up on a server that never answers its handshake', async () => {
      const { port } = await listen((socket) => socket.on('error', () => undefined).resume());
      const { end, error = '', elapsedMs } = await toggle(port, {}, { connectTimeoutMs: 100, maxAttempts: 1 });
      assert.equal(end, 'failed/connection_failed after 1');
      assert.match(error, /within 100 ms/);
      assert.ok(elapsedMs >= 99 && elapsedMs < 1000, `${elapsedMs} ms`);
    });

    for (const [way, says] of [
      ['end', /the device closed the connection/],
      ['resetAndDestroy', /ECONNRESET/],
    ] as const) {
      it(`tries again after a server closed during the handshake (${way})`, async () => {
        const { port } = await listen((socket) =>
          socket.on('error', () => undefined).once('data', () => socket[way]()),
        );
        const { end, error = '' } = await toggle(port, { ca: authority.cert }, { maxAttempts: 3 });
        assert.equal(end, 'failed/connection_failed after 3');
        assert.match(error, says);
      });
    }

    it('says so if the server does not speak TLS', async () => {
      const { port } = await listen((socket) => socket.on('error', () => undefined).end('hello\n'));
      const { end, error = '' } = await toggle(port, { ca: authority.cert }, { maxAttempts: 2 });
      assert.equal(end, 'failed/connection_failed after 2');
      assert.match(error, /^TLS: wrong version number \(ERR_SSL_\S+\)$/);
    });

    it('goes on after the server was restarted', async () => {
      const old = await tlsPeer(trusted);
      const { device, states } = deviceFor(old.port, { ca: authority.cert }, { backoffBaseMs: 20 });
      assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
      await old.stop();
      const { requests, handshakes } = await tlsPeer(trusted, old.port);
      const verdicts = [await device.toggle({ state: true }), await device.toggle({ state: false })];
      assert.deepEqual(
        verdicts.map(({ outcome }) => outcome),
        ['confirmed', 'confirmed'],
      );
      assert.equal(requests.length, 2);
      assert.equal(handshakes.length, connection === 'persistent' ? 1 : 2);
      assert.equal(
        states.some((state) => state.endsWith('reconnecting')),
        connection === 'persistent',
      );
    });
  });
}

describe('TLS options that cannot be used', () => {
  const GARBAGE = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n';
  const CA = /^tls: ca is not a certificate in PEM: /;
  const CERT = /^tls: the certificate cannot be read: /;
  const KEY = /^tls: the key cannot be read, or not with this passphrase: /;
  const PROTOCOL = /^tls: an ALPN protocol must be text of 1 to 255 bytes, not /;
  const NAME = /^tls: the server name must be text of at most 253 characters, not /;
  const ALONE = /^tls: a certificate needs its key, and a key its certificate$/;
  const locked = () =>
    createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' })
      .toString();
  const unusable: Record<string, { tls: () => TlsOptions; says: RegExp }> = {
    'a key that belongs to another certificate': {
      tls: () => ({ cert: client.cert, key: trusted.key }),
      says: /^tls: the key does not belong to the certificate: /,
    },
    'a certificate that is not PEM': { tls: () => ({ cert: 'garbage', key: client.key }), says: CERT },
    'a certificate that is garbage in PEM': { tls: () => ({ cert: GARBAGE, key: client.key }), says: CERT },
    'a key that is not PEM': { tls: () => ({ cert: client.cert, key: 'garbage' }), says: KEY },
    'an authority that is not PEM': { tls: () => ({ ca: 'garbage' }), says: CA },
    'an authority that is garbage in PEM': { tls: () => ({ ca: GARBAGE }), says: CA },
    'one authority that is garbage among others': { tls: () => ({ ca: [authority.cert, 'garbage'] }), says: CA },
    'a wrong passphrase': { tls: () => ({ cert: client.cert, key: locked(), passphrase: 'wrong' }), says: KEY },
    'no passphrase for a key that needs one': { tls: () => ({ cert: client.cert, key: locked() }), says: KEY },
    'a certificate without a key': { tls: () => ({ cert: client.cert }), says: ALONE },
    'a key without a certificate': { tls: () => ({ key: client.key }), says: ALONE },
    'an ALPN protocol of 300 characters': { tls: () => ({ ALPNProtocols: ['x'.repeat(300)] }), says: PROTOCOL },
    'an ALPN protocol of 256 bytes': { tls: () => ({ ALPNProtocols: ['h2', 'é'.repeat(128)] }), says: PROTOCOL },
    'an empty ALPN protocol': { tls: () => ({ ALPNProtocols: ['h2', ''] }), says: PROTOCOL },
    'an ALPN protocol that is a number': { tls: () => ({ ALPNProtocols: [5] }) as never, says: PROTOCOL },
    'ALPN protocols that are no array': {
      tls: () => ({ ALPNProtocols: 'h2' }) as never,
      says: /^tls: the ALPN protocols must be an array of text, not h2$/,
    },
    'too many ALPN protocols': {
      tls: () => ({ ALPNProtocols: Array.from({ length: 256 }, () => 'x'.repeat(255)) }),
      says: /^tls: 256 ALPN protocols are too many$/,
    },
    'a server name of 300 characters': { tls: () => ({ servername: 'x'.repeat(300) }), says: NAME },
    'a server name with NUL': { tls: () => ({ servername: 'lamp.test\0.other.test' }), says: NAME },
    'a server name that is a number': { tls: () => ({ servername: 5 }) as never, says: NAME },
  };
  for (const [title, { tls, says }] of Object.entries(unusable)) {
    it(`${title}: the device is refused`, () => {
      assert.throws(
        () => deviceAt(9, {}, { tls: tls() }),
        (error: Error) => says.test(error.message),
      );
    });
  }

  it('a key with its passphrase is none of them', async () => {
    const { port } = await tlsPeer({ ...trusted, ca: authority.cert, requestCert: true });
    const tls = { ca: authority.cert, cert: client.cert, key: locked(), passphrase: 'right' };
    const { device } = deviceAt(port, PATIENT, { tls });
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
  });
});
