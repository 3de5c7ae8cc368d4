/** What a client socket asks of the system, and which of its packets wait for others. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { mock } from 'node:test';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { connectSocket } from '../../src/transport/node-socket';
import { securityFrom } from '../../src/transport/tls';
import { selfSigned } from '../support/certificates';
import { deferred, open, portOf, type Client } from '../support/client-sockets';

describe('options of a client socket', () => {
  let server: Server;
  let port: number;
  before(async () => {
    server = createServer((peer) => void peer.on('error', () => undefined));
    port = await portOf(server);
  });
  after(() => server.close());
  afterEach(() => mock.restoreAll());

  async function optionsFor(endpoint: Partial<Parameters<typeof connectSocket>[0]>): Promise<NetConnectOpts> {
    const connect = mock.method(net, 'connect');
    const closed = deferred<void>();
    const nothing = () => undefined;
    const socket = connectSocket(
      { host: '127.0.0.1', port, connectTimeoutMs: 1000, ...endpoint },
      { connected: nothing, data: nothing, failed: nothing, closed: () => closed.resolve() },
    );
    socket.reset();
    await closed.promise;
    return (connect.mock.calls[0]?.arguments as unknown as [NetConnectOpts])[0];
  }

  for (const [use, endpoint, expected] of [
    ['one packet over TCP', {}, { noDelay: false, keepAlive: false }],
    ['many packets', { staysOpen: true }, { noDelay: true, keepAlive: true }],
    ['one packet over TLS', { security: securityFrom({}) }, { noDelay: true, keepAlive: false }],
  ] as const) {
    it(`for ${use}`, async () => {
      const { noDelay, keepAlive } = (await optionsFor(endpoint)) as net.TcpNetConnectOpts;
      assert.deepEqual({ noDelay, keepAlive }, expected);
    });
  }

  it('give each address of a name half of the deadline, and at least what Node.js gives it', async () => {
    const shares: unknown[] = [];
    for (const connectTimeoutMs of [3001, 400]) {
      const { autoSelectFamilyAttemptTimeout } = (await optionsFor({ connectTimeoutMs })) as net.TcpNetConnectOpts;
      shares.push(autoSelectFamilyAttemptTimeout);
      mock.restoreAll();
    }
    assert.deepEqual(shares, [1500, 250]);
  });
});

describe('packets of a client socket', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  function write({ socket }: Client, ...gathers: [] | [true]): number {
    socket.write(Buffer.from('ping'), () => undefined, ...gathers);
    return socket.unsentBytes;
  }

  it('go out at once, or with the others of the turn if they may', async () => {
    const accepted = deferred<Socket>();
    const server = createServer((peer) => accepted.resolve(peer.on('error', () => undefined)));
    servers.push(server);
    const client = open(await portOf(server));
    await client.connected;
    assert.equal(write(client), 0);
    assert.equal(write(client, true), 4);
    assert.equal(write(client, true), 8);
    const peer = await accepted.promise;
    let received = '';
    while (received.length < 12) received += String((await once(peer, 'data'))[0]);
    assert.equal(client.socket.unsentBytes, 0);
    client.socket.reset();
    await client.closed;
  });

  it('go out in one record with the others of the callback over TLS', async () => {
    const accepted = deferred<TLSSocket>();
    const server = createTlsServer(await selfSigned(), (peer) => accepted.resolve(peer.on('error', () => undefined)));
    servers.push(server);
    const client = open(await portOf(server), '127.0.0.1', { rejectUnauthorized: false });
    await client.connected;
    const peer = await accepted.promise;
    const data = once(peer, 'data');
    for (let each = 0; each < 2; each += 1) write(client);
    assert.equal(String((await data)[0]), 'pingping');
    client.socket.reset();
    await client.closed;
  });
});
