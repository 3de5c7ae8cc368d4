/** Real client sockets and their TLS options; the only unit tests with servers, on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as ServerOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { connectSocket } from '../../src/transport/node-socket';
import type { SocketFailure } from '../../src/transport/socket';
import { securityFrom } from '../../src/transport/tls';
import { Authority, selfSigned, type Credentials } from '../support/certificates';
import { deferred, open, portOf, type Client } from '../support/client-sockets';

/** How far a socket comes until it is connected. */
async function stepsOf({ socket, events, closed }: Client): Promise<(string | undefined)[]> {
  const steps = [socket.step];
  while (!events.includes('connected')) {
    await new Promise(setImmediate);
    if (steps.at(-1) !== socket.step) steps.push(socket.step);
  }
  socket.reset();
  await closed;
  return steps;
}

/** A record of TLS 1.3 that holds application data and is not what was encrypted. */
const DAMAGED_RECORD = Buffer.from([0x17, 3, 3, 0, 20, ...Buffer.alloc(20)]);

/** A server in a thread of its own, which answers at once and then sets the signal. */
const QUICK_SERVER = `
  const { createServer } = require('node:tls');
  const { parentPort, workerData } = require('node:worker_threads');
  const { signal, ends, ...credentials } = workerData;
  const replied = new Int32Array(signal);
  const server = createServer(credentials, (peer) => {
    peer.on('error', () => undefined);
    peer.once('data', () => {
      peer.write('pong');
      if (ends) peer.end();
      setTimeout(() => {
        Atomics.store(replied, 0, 1);
        Atomics.notify(replied, 0);
      }, 20);
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('client socket', () => {
  let server: Server;
  let port: number;
  let onPeer: (peer: Socket) => void;
  const peers = new Set<Socket>();

  beforeEach(async () => {
    onPeer = () => undefined;
    server = createServer({ allowHalfOpen: true }, (peer) => {
      peers.add(peer);
      peer.on('error', () => undefined);
      onPeer(peer);
    });
    port = await portOf(server);
  });
  afterEach(() => {
    for (const peer of peers) peer.destroy();
    peers.clear();
    server.close();
  });

  it('passes on what the peer sent first before it is connected', async () => {
    onPeer = (peer) => void peer.write('hello');
    const client = open(port);
    await client.connected;
    client.socket.reset();
    await client.closed;
    assert.deepEqual(client.events.slice(-3), ['connected', 'failed', 'closed']);
  });

  it('sends, receives and closes in order', async () => {
    onPeer = (peer) => void peer.on('data', (bytes) => peer.write(bytes)).on('end', () => peer.end());
    const client = open(port);
    await client.connected;
    await new Promise<void>((resolve) => client.socket.write(Buffer.from('ping'), resolve));
    assert.equal(client.socket.unsentBytes, 0);
    while (!client.events.includes('ping')) await new Promise(setImmediate);
    client.socket.end();
    client.socket.end();
    client.socket.write(Buffer.from('late'), () => assert.fail('sent after the end'));
    await client.closed;
    assert.deepEqual(client.events, ['connected', 'ping', 'failed', 'closed']);
    client.socket.end();
    client.socket.reset();
  });

  it('resets a peer that does not close, and ignores what it still sends', async () => {
    const client = open(port);
    const accepted = new Promise<Socket>((resolve) => {
      onPeer = resolve;
    });
    await client.connected;
    client.socket.end();
    const peer = await accepted;
    peer.write('ignored');
    await client.closed;
    assert.deepEqual(client.events, ['connected', 'failed', 'closed']);
  });

  it('says how far it has come, so that one that is late can be told why', async () => {
    assert.deepEqual(await stepsOf(open(port)), ['connect', 'connected']);
    assert.deepEqual(await stepsOf(open(port, 'localhost')), ['lookup', 'connect', 'connected']);
  });

  it('reports that the peer closed', async () => {
    onPeer = (peer) => void peer.end();
    const client = open(port);
    const expected = { error: 'the device closed the connection', cause: 'closed_without_reply' };
    assert.deepEqual(await client.failure, expected);
    client.socket.write(Buffer.from('x'), () => assert.fail('sent after the failure'));
    client.socket.reset();
    await client.closed;
  });

  it('is freed when it is reset while its end is still being sent', async () => {
    const client = open(port);
    await client.connected;
    client.socket.write(Buffer.alloc(20_000_000), () => assert.fail('the peer does not read'));
    client.socket.end();
    client.socket.reset();
    await client.closed;
    assert.deepEqual(client.events, ['connected', 'failed', 'closed']);
  });

  it('reports why a write failed', async () => {
    const accepted = new Promise<Socket>((resolve) => {
      onPeer = resolve;
    });
    const client = open(port);
    await client.connected;
    (await accepted).resetAndDestroy();
    const isSent = new Promise<boolean>((resolve) => {
      client.socket.write(Buffer.alloc(8_000_000), () => resolve(true));
      void client.closed.then(() => resolve(false));
    });
    assert.equal(await isSent, false);
    assert.match((await client.failure).error, /ECONNRESET|EPIPE/);
  });

  it('can be given up before it is connected', async () => {
    for (const ending of ['end', 'reset'] as const) {
      const client = open(port);
      client.socket[ending]();
      await client.closed;
      assert.deepEqual(client.events, ['failed', 'closed']);
    }
  });

  it('reports a refused connection, for each address of a name', async () => {
    server.close();
    assert.match((await open(port).failure).error, /ECONNREFUSED/);
    const { error } = await open(port, 'localhost').failure;
    assert.match(error, /ECONNREFUSED/);
  });
});

describe('client socket over TLS', () => {
  let authority: Authority;
  let trusted: Credentials;
  const servers: Server[] = [];

  before(async () => {
    authority = await Authority.create();
    trusted = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  function serve(options: ServerOptions): Promise<number> {
    const server = createTlsServer(options, (peer) => {
      peer.on('error', () => undefined);
      peer.on('data', (bytes) =>
        peer.write(`${String(peer.servername)} ${String(peer.alpnProtocol)} ${bytes.toString()}`),
      );
    });
    server.on('tlsClientError', () => undefined);
    servers.push(server);
    return portOf(server);
  }

  async function echo(client: Client): Promise<string> {
    await client.connected;
    client.socket.write(Buffer.from('ping'), () => undefined);
    while (client.events.length < 2) await new Promise(setImmediate);
    client.socket.reset();
    await client.closed;
    return client.events[1] ?? '';
  }

  for (const ending of ['', ' and the end']) {
    it(`reports that a packet was sent before it passes on the reply${ending}, which can come first`, async () => {
      const signal = new SharedArrayBuffer(4);
      const server = new Worker(QUICK_SERVER, { eval: true, workerData: { ...trusted, signal, ends: ending !== '' } });
      const [port] = (await once(server, 'message')) as [number];
      const client = open(port, '127.0.0.1', { ca: authority.cert });
      await client.connected;
      client.socket.write(Buffer.from('ping'), () => client.events.push('sent'));
      // The event loop is held until the reply is there: it is read in the turn that tells Node.js of the write.
      process.nextTick(() => Atomics.wait(new Int32Array(signal), 0, 0, 5000));
      while (!client.events.includes('pong')) await new Promise(setImmediate);
      if (ending !== '') await client.failure;
      client.socket.reset();
      await client.closed;
      await server.terminate();
      assert.deepEqual(client.events, ['connected', 'sent', 'pong', 'failed', 'closed']);
    });
  }

  it('connects to a certificate that is trusted', async () => {
    const port = await serve(trusted);
    assert.equal(await echo(open(port, '127.0.0.1', { ca: authority.cert })), 'false false ping');
  });

  it('names the host, a given server name and protocols', async () => {
    const port = await serve({ ...trusted, ALPNProtocols: ['phase0'] });
    const tls = { ca: authority.cert, ALPNProtocols: ['phase0'] };
    assert.equal(await echo(open(port, 'localhost', tls)), 'localhost phase0 ping');
    assert.equal(await echo(open(port, '127.0.0.1', { ...tls, servername: 'localhost' })), 'localhost phase0 ping');
  });

  it('says that a certificate is not trusted, for good', async () => {
    const port = await serve(trusted);
    const unknown = open(port, '127.0.0.1', {});
    const failure = await unknown.failure;
    assert.equal(failure.nonRetryable, true);
    assert.match(failure.error, /^the certificate of the device is not trusted: its issuer is not known: /);
    const wrongName = await open(port, '127.0.0.1', { ca: authority.cert, servername: 'other.test' }).failure;
    assert.equal(wrongName.nonRetryable, true);
    const self = await serve(await selfSigned({ names: ['127.0.0.1'] }));
    assert.match((await open(self, '127.0.0.1', {}).failure).error, /DEPTH_ZERO_SELF_SIGNED_CERT/);
    await unknown.closed;
  });

  it('accepts any certificate with rejectUnauthorized: false', async () => {
    const port = await serve(await selfSigned());
    assert.equal(await echo(open(port, '127.0.0.1', { rejectUnauthorized: false })), 'false false ping');
  });

  it('checks the certificate against a given address, which is not sent', async () => {
    const port = await serve(trusted);
    const tls = { ca: authority.cert, servername: '127.0.0.1' };
    assert.equal(await echo(open(port, 'localhost', tls)), 'false false ping');
    const { error } = await open(port, 'localhost', { ...tls, servername: '127.0.0.2' }).failure;
    assert.match(error, /127\.0\.0\.2/);
  });

  it('fails, with a cause, when node:tls throws at its options', async () => {
    const port = await serve(trusted);
    const security = { ...securityFrom({ ca: authority.cert }), ALPNProtocols: ['x'.repeat(300)] };
    const failure = deferred<SocketFailure>();
    const closed = deferred<void>();
    connectSocket(
      { host: '127.0.0.1', port, connectTimeoutMs: 1000, security },
      {
        connected: () => assert.fail('connected'),
        data: () => assert.fail('data'),
        failed: failure.resolve,
        closed: () => closed.resolve(),
      },
    );
    const { error, cause } = await failure.promise;
    assert.match(error, /maximum length/);
    assert.equal(cause, 'tls_handshake_failed');
    await closed.promise;
  });

  it('says that its handshake is under way', async () => {
    const client = open(await serve(trusted), '127.0.0.1', { ca: authority.cert });
    assert.deepEqual(await stepsOf(client), ['connect', 'handshake', 'connected']);
  });

  it('shortens the messages of OpenSSL', async () => {
    const server = createServer((peer) => void peer.on('error', () => undefined).end('HTTP/1.1 400\r\n'));
    servers.push(server);
    const failure = await open(await portOf(server), '127.0.0.1', {}).failure;
    assert.match(failure.error, /^TLS: .* \(ERR_SSL_/);
    assert.equal(failure.nonRetryable, undefined);
  });

  it('reports that the peer closed, during the handshake and after it', async () => {
    const closing = createServer((peer) => void peer.on('error', () => undefined).end());
    servers.push(closing);
    const early = open(await portOf(closing), '127.0.0.1', {});
    assert.deepEqual(await early.failure, {
      error: 'the device closed the connection',
      cause: 'tls_handshake_failed',
    });
    early.socket.reset();
    await early.closed;
    const polite = createTlsServer(trusted, (peer) => void peer.on('error', () => undefined).end());
    servers.push(polite);
    const late = open(await portOf(polite), '127.0.0.1', { ca: authority.cert });
    assert.equal((await late.failure).cause, 'closed_without_reply');
    late.socket.reset();
    await late.closed;
  });

  it('resets when TLS breaks while it writes: what the peer has not taken by then must not arrive later', async () => {
    const port = await serve(trusted);
    const ended = deferred<string>();
    const line = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect(port, '127.0.0.1');
      let isDamaged = false;
      // Nothing after the damage: a client that closes with something unread resets anyway.
      far.on('error', () => undefined).on('data', (bytes) => isDamaged || near.write(bytes));
      near.on('data', (bytes) => {
        far.write(bytes);
        if (client.events.includes('connected') && !isDamaged) isDamaged = near.write(DAMAGED_RECORD);
      });
      near.on('error', ({ message }) => ended.resolve(message));
      // Node.js reports a reset that came along with data as an orderly end; a write tells them apart.
      near.on('end', () => {
        near.write('', (error) => {
          ended.resolve(error?.message ?? 'the end');
          near.destroy();
        });
      });
      near.on('close', () => far.destroy());
    });
    servers.push(line);
    const client = open(await portOf(line), '127.0.0.1', { ca: authority.cert });
    await client.connected;
    // The failure is reported after the write under way, and the next write is the first to meet it.
    while (!client.events.includes('failed')) {
      client.socket.write(Buffer.from('ping'), () => undefined);
      await new Promise(setImmediate);
    }
    client.socket.reset();
    assert.match(await ended.promise, /ECONNRESET|EPIPE/);
    await client.closed;
    assert.match((await client.failure).error, /^TLS: /);
  });

  it('can be given up during the handshake', async () => {
    const accepted = deferred<void>();
    const server = createServer(
      (peer) => void peer.on('error', () => undefined).once('data', () => accepted.resolve()),
    );
    servers.push(server);
    const client = open(await portOf(server), '127.0.0.1', {});
    await accepted.promise;
    client.socket.reset();
    await client.closed;
    assert.deepEqual(client.events, ['failed', 'closed']);
  });
});

describe('TLS options', () => {
  let one: Credentials;
  let other: Credentials;
  before(async () => {
    one = await selfSigned();
    other = await selfSigned();
  });

  it('accept nothing, a certificate with its key, and authorities', () => {
    assert.equal(securityFrom({}).rejectUnauthorized, true);
    assert.equal(securityFrom({ rejectUnauthorized: false }).rejectUnauthorized, false);
    assert.ok(securityFrom({ ...one, ca: [one.cert, other.cert] }).secureContext);
  });

  it('accept a name and protocols that are as long, and as short, as TLS can carry', () => {
    const longest = 'x'.repeat(255);
    assert.equal(securityFrom({ servername: 'x'.repeat(253) }).servername?.length, 253);
    assert.deepEqual(securityFrom({ ALPNProtocols: ['x', longest] }).ALPNProtocols, ['x', longest]);
    const all = [...Array.from({ length: 255 }, () => longest), 'x'.repeat(252)];
    assert.equal(securityFrom({ ALPNProtocols: all }).ALPNProtocols?.length, 256);
  });

  it('name the piece that is wrong', () => {
    for (const [options, message] of [
      [{ cert: one.cert }, /a certificate needs its key/],
      [{ key: one.key }, /a certificate needs its key/],
      [{ ca: 'x' }, /ca is not a certificate in PEM/],
      [{ cert: 'x', key: one.key }, /the certificate cannot be read/],
      [{ cert: one.cert, key: 'x' }, /the key cannot be read/],
      [{ cert: one.cert, key: other.key }, /the key does not belong to the certificate/],
    ] as const) {
      assert.throws(() => securityFrom(options), message);
    }
  });
});
