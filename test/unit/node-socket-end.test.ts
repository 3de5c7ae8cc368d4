/** How a client socket ends: what the peer sees of it, and what is left of it here. */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { mock } from 'node:test';
import { deferred, open, portOf, type Client } from '../support/client-sockets';
import { scripted } from '../support/scripted-socket';

/** Timers that hold the process. */
const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
/** What the system says when the peer has reset the connection. */
const RESET = /ECONNRESET|EPIPE/;

describe('end of a client socket', () => {
  let server: Server;
  let port: number;
  let accepted: ReturnType<typeof deferred<Socket>>;
  const peers: Socket[] = [];

  beforeEach(async () => {
    accepted = deferred();
    server = createServer({ allowHalfOpen: true }, (peer) => {
      peers.push(peer.on('error', () => undefined));
      accepted.resolve(peer);
    });
    port = await portOf(server);
  });
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.destroy();
    server.close();
    mock.restoreAll();
  });

  async function connected(): Promise<{ client: Client; peer: Socket }> {
    const client = open(port);
    await client.connected;
    return { client, peer: await accepted.promise };
  }

  /** With what a write of the peer fails now; with nothing if the connection was closed in order. */
  const writeError = (peer: Socket) =>
    new Promise<string | undefined>((resolve) => peer.write('x', (error) => resolve(error?.message)));

  it('is a reset for the peer if it was given up', async () => {
    const { client, peer } = await connected();
    const error = once(peer, 'error');
    peer.resume();
    client.socket.reset();
    await client.closed;
    assert.match(String((await error)[0]), RESET);
  });

  it('is a reset for a peer that does not close in its turn, too', async () => {
    const { client, peer } = await connected();
    client.socket.end();
    peer.resume();
    await once(peer, 'end');
    await client.closed;
    assert.match((await writeError(peer)) ?? 'the connection was closed in order', RESET);
  });

  it('is waited for by one timer, which goes with it', async () => {
    const { client, peer } = await connected();
    const before = timers();
    client.socket.end();
    assert.equal(timers(), before + 1);
    client.socket.end();
    assert.equal(timers(), before + 1);
    peer.resume().end();
    await client.closed;
    assert.equal(timers(), before);
    client.socket.end();
    assert.equal(timers(), before);
  });

  it('is not waited for when the peer has reset the connection', async () => {
    const { client, peer } = await connected();
    peer.resetAndDestroy();
    await client.closed;
    const before = timers();
    client.socket.end();
    assert.equal(timers(), before);
  });

  it('lets no packet out any more', async () => {
    const { client, peer } = await connected();
    const received: Buffer[] = [];
    peer.on('data', (chunk) => received.push(chunk));
    client.socket.end();
    client.socket.write(Buffer.from('late'), () => assert.fail('sent'));
    await once(peer, 'end');
    peer.end();
    assert.equal((await client.failure).error, 'the device closed the connection');
    await client.closed;
    assert.equal(String(Buffer.concat(received)), '');
  });

  it('lets no packet out after the peer has closed', async () => {
    const { client, peer } = await connected();
    const received: Buffer[] = [];
    peer.on('data', (chunk) => received.push(chunk)).end();
    await client.failure;
    client.socket.write(Buffer.from('late'), () => assert.fail('sent'));
    client.socket.end();
    await once(peer, 'end');
    await client.closed;
    assert.equal(String(Buffer.concat(received)), '');
  });

  it('leaves no packet that the peer has not taken, nor says that it was sent', async () => {
    const { client, peer } = await connected();
    client.socket.write(Buffer.alloc(20_000_000), () => assert.fail('the peer does not read'));
    client.socket.reset();
    await client.closed;
    assert.match((await writeError(peer)) ?? 'the connection was closed in order', RESET);
  });

  for (const ending of ['end', 'reset'] as const) {
    it(`is at once while the name is looked up (${ending})`, async () => {
      let answer: (error: Error) => void = () => undefined;
      mock.method(dns, 'lookup', (_name: string, _options: object, callback: typeof answer) => {
        answer = callback;
      });
      const client = open(port, `${ending}.test`);
      const before = timers();
      client.socket[ending]();
      assert.equal(timers(), before);
      await client.closed;
      assert.deepEqual(client.events, ['failed', 'closed']);
      // One that is under way would hold up those of the next test.
      answer(new Error('too late'));
    });
  }

  it('is that of TLS and of the TCP connection under it', () => {
    const { socket, tcp, stream } = scripted(true);
    socket.reset();
    assert.deepEqual([tcp.destroyed, stream.destroyed], [true, true]);
  });

  it('is a reset if TLS breaks between the handshake and the end, and in order otherwise', async () => {
    const resets: number[] = [];
    for (const step of ['handshake', 'connected', 'end'] as const) {
      const { socket, tcp, stream, connected: isConnected } = scripted(true);
      const reset = mock.method(tcp, 'resetAndDestroy', () => tcp.destroy());
      if (step !== 'handshake') {
        stream.emit('secureConnect');
        await isConnected;
      }
      if (step === 'end') socket.end();
      // As Node.js does when TLS is at its end.
      tcp.destroy();
      resets.push(reset.mock.callCount());
      socket.reset();
      await once(tcp, 'close');
    }
    assert.deepEqual(resets, [0, 1, 0]);
  });
});
