/** Wrong set-ups on loopback, each with the cause that its verdict must have. What needs a network is injected. */
import { createServer as createHttpServer } from 'node:http';
import dns from 'node:dns';
import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as ServerOptions } from 'node:tls';
import { mock } from 'node:test';
import type { Cause } from '../../src/outcomes';
import type { TlsOptions } from '../../src/transport/tls';
import { Authority, selfSigned, type Credentials } from './certificates';
import { frame } from './devices';
import { blackHole, listen, refusedPort } from './loopback';

/** What the device is given. */
interface Setup {
  readonly port: number;
  readonly settings?: object;
  readonly tls?: TlsOptions;
}

export interface WrongSetup {
  readonly name: string;
  readonly cause: Cause;
  readonly setup: () => Promise<Setup> | Setup;
  /** Such a failure would be the same the next time. */
  readonly once?: true;
}

const ends: (() => unknown)[] = [];

/** To be called after each test. */
export async function endSetups(): Promise<void> {
  mock.restoreAll();
  for (const end of ends.splice(0)) await end();
}

async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A peer that sends `bytes` in answer to the first bytes that come, and closes if so. */
const answers =
  (bytes: string | Buffer | ((request: Buffer) => string | Buffer), closes = false) =>
  async () => {
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request) => {
        const reply = typeof bytes === 'function' ? bytes(request) : bytes;
        if (closes) socket.end(reply);
        else socket.write(reply);
      });
    });
    return { port };
  };

/** A peer that speaks first. */
const greets = (greeting: string, answer?: string) => async () => {
  const { port } = await listen((socket) => {
    socket.on('error', () => undefined).write(greeting);
    socket.once('data', () => answer === undefined || socket.end(answer));
  });
  return { port };
};

const msgIdOf = (request: Buffer) => (JSON.parse(request.subarray(7).toString()) as { msg_id: string }).msg_id;
const silent = async () => listen((socket) => void socket.on('error', () => undefined).resume());

let made: Promise<{ authority: Authority; trusted: Credentials }> | undefined;
function certificates() {
  made ??= Authority.create().then(async (authority) => ({
    authority,
    trusted: await authority.issue({ names: ['127.0.0.1'] }),
  }));
  return made;
}

/** A TLS server, to a client that trusts the authority. */
const tlsServer =
  (
    options: (trusted: Credentials, authority: Authority) => Promise<ServerOptions> | ServerOptions,
    client: TlsOptions = {},
  ) =>
  async () => {
    const { authority, trusted } = await certificates();
    const server = createTlsServer(
      await options(trusted, authority),
      (socket) => void socket.on('error', () => undefined).resume(),
    );
    server.on('tlsClientError', () => undefined);
    return { port: await serve(server), tls: { ca: authority.cert, ...client } };
  };

const overTls = (setup: () => Promise<{ port: number }>) => async () => {
  const { authority } = await certificates();
  return { ...(await setup()), tls: { ca: authority.cert } };
};

/** Every connection fails with this code of the system. */
const failing = (code: string) => () => {
  mock.method(net, 'connect', () => {
    const socket = new net.Socket();
    setImmediate(() => socket.destroy(Object.assign(new Error(`connect ${code} 127.0.0.1:9`), { code })));
    return socket;
  });
  return { port: 9 };
};

/** Every name look-up fails with this code, or is never answered. */
const lookupFailing = (name: string, code?: string) => () => {
  mock.method(dns, 'lookup', (_name: string, _options: object, callback: (error: Error) => void) => {
    const fail = () => callback(Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }));
    if (code) setImmediate(fail);
    // Look-ups that are still under way would hold up those of the next test.
    else ends.push(fail);
  });
  return { port: 9, settings: { host: name } };
};

const requiringClient = (trusted: Credentials, authority: Authority) => ({
  ...trusted,
  ca: authority.cert,
  requestCert: true,
});

export const WRONG_SETUPS: readonly WrongSetup[] = [
  {
    name: 'a port on which nothing listens',
    cause: 'port_refused',
    setup: async () => ({ port: await refusedPort() }),
  },
  { name: 'a name that does not exist', cause: 'host_unknown', setup: lookupFailing('no-such-lamp.test', 'ENOTFOUND') },
  { name: 'a name server that fails', cause: 'host_unknown', setup: lookupFailing('lamp-again.test', 'EAI_AGAIN') },
  { name: 'a name server that does not answer', cause: 'name_server_silent', setup: lookupFailing('lamp-silent.test') },
  { name: 'an address without a route', cause: 'host_unreachable', setup: failing('EHOSTUNREACH') },
  { name: 'a network without a route', cause: 'host_unreachable', setup: failing('ENETUNREACH') },
  { name: 'a full backlog', cause: 'no_answer_to_connect', setup: fullBacklog },
  { name: 'a handshake that the system gives up', cause: 'no_answer_to_connect', setup: failing('ETIMEDOUT') },
  { name: 'no free local port', cause: 'local_ports_exhausted', setup: failing('EADDRNOTAVAIL') },
  { name: 'too many open files', cause: 'too_many_open_files', setup: failing('EMFILE') },
  { name: 'too many open files in the whole system', cause: 'too_many_open_files', setup: failing('ENFILE') },
  { name: 'a local firewall', cause: 'not_permitted', setup: failing('EACCES') },
  {
    name: 'a peer that resets',
    cause: 'connection_reset',
    setup: () =>
      listen((socket) => void socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy())),
  },
  { name: 'a web server', cause: 'replied_http', setup: async () => ({ port: await serve(createHttpServer()) }) },
  {
    name: 'a web server that sends its page alone',
    cause: 'replied_http',
    setup: answers('<html><body>400</body></html>', true),
  },
  {
    name: 'an SSH server',
    cause: 'replied_ssh',
    setup: greets('SSH-2.0-OpenSSH_9.2\r\n', 'Invalid SSH identification string.\r\n'),
  },
  { name: 'an SSH server that stays silent', cause: 'replied_ssh', setup: greets('SSH-2.0-dropbear\r\n') },
  {
    name: 'a mail server',
    cause: 'replied_greeting',
    setup: greets('220 mail.example ESMTP\r\n', '500 unrecognized command\r\n'),
  },
  { name: 'a projector', cause: 'replied_greeting', setup: greets('PJLINK 0\r') },
  { name: 'an echo service', cause: 'replied_echo', setup: answers((request) => request) },
  { name: 'a service that closes', cause: 'closed_without_reply', setup: answers('', true) },
  { name: 'a service that stays silent', cause: 'no_reply', setup: silent },
  { name: 'raw garbage', cause: 'reply_not_understood', setup: answers('OK\r\n') },
  { name: 'half an ACK', cause: 'reply_incomplete', setup: answers('AC', true) },
  { name: 'half a frame', cause: 'reply_incomplete', setup: answers(Buffer.from('f00d010000', 'hex'), true) },
  { name: 'a frame that does not end', cause: 'reply_incomplete', setup: answers(Buffer.from('f00d010000', 'hex')) },
  {
    name: 'ACK where a frame is expected',
    cause: 'raw_ack_but_framed_expected',
    setup: async () => ({ ...(await answers('ACK\r\n')()), settings: { reply: 'framed' } }),
  },
  { name: 'a frame that is no JSON', cause: 'frame_broken', setup: answers(frame('switched')) },
  {
    name: 'a frame of another shape',
    cause: 'frame_broken',
    setup: answers((request) => frame(`{"opcode":"done","msg_id":"${msgIdOf(request)}"}`)),
  },
  { name: 'a frame that is too large', cause: 'frame_broken', setup: answers(Buffer.from('f00d01ffffffff', 'hex')) },
  { name: 'a frame of another version', cause: 'frame_version', setup: answers(Buffer.from('f00d0200000002', 'hex')) },
  {
    name: 'a reply to another toggle',
    cause: 'other_msg_id',
    setup: answers(frame('{"opcode":"ack","msg_id":"another"}')),
  },
  {
    name: 'a device that refuses',
    cause: 'refused_by_device',
    once: true,
    setup: answers((request) => frame(`{"opcode":"nack","msg_id":"${msgIdOf(request)}","error":"interlock open"}`)),
  },
  {
    name: 'plain on a TLS port',
    cause: 'replied_tls',
    setup: async () => ({ port: (await tlsServer((trusted) => trusted)()).port }),
  },
  {
    name: 'TLS on the port of a web server',
    cause: 'tls_to_plain_port',
    setup: overTls(async () => ({ port: await serve(createHttpServer()) })),
  },
  {
    name: 'TLS on a plain port that replies',
    cause: 'tls_to_plain_port',
    setup: overTls(answers('not understood\r\n')),
  },
  { name: 'TLS on a plain port that stays silent', cause: 'tls_no_answer', setup: overTls(silent) },
  { name: 'TLS on a plain port that closes', cause: 'tls_handshake_failed', setup: overTls(answers('', true)) },
  {
    name: 'a certificate that has expired',
    cause: 'tls_expired',
    once: true,
    setup: tlsServer((_, authority) => authority.issue({ names: ['127.0.0.1'], fromDay: -3, toDay: -2 })),
  },
  {
    name: 'a certificate that is not valid yet',
    cause: 'tls_expired',
    once: true,
    setup: tlsServer((_, authority) => authority.issue({ names: ['127.0.0.1'], fromDay: 2, toDay: 3 })),
  },
  {
    name: 'a certificate for another name',
    cause: 'tls_wrong_name',
    once: true,
    setup: tlsServer((_, authority) => authority.issue({ names: ['lamp.test'] })),
  },
  {
    name: 'a self-signed certificate',
    cause: 'tls_untrusted',
    once: true,
    setup: tlsServer(() => selfSigned({ names: ['127.0.0.1'] })),
  },
  {
    name: 'a certificate of an unknown authority',
    cause: 'tls_untrusted',
    once: true,
    setup: tlsServer(async () => (await Authority.create('CN=Somebody else')).issue({ names: ['127.0.0.1'] })),
  },
  { name: 'no client certificate', cause: 'tls_client_certificate', once: true, setup: tlsServer(requiringClient) },
  {
    // A server of Node.js does not say why it closes; others send an alert, which socket-cause.test.ts has.
    name: 'a client certificate that a server of Node.js does not trust',
    cause: 'closed_without_reply',
    setup: async () => tlsServer(requiringClient, await selfSigned({ use: 'client' }))(),
  },
  {
    name: 'no ALPN protocol in common',
    cause: 'tls_wrong_alpn',
    setup: tlsServer((trusted) => ({ ...trusted, ALPNProtocols: ['h2'] }), { ALPNProtocols: ['phase0'] }),
  },
  {
    name: 'no TLS version in common',
    cause: 'tls_handshake_failed',
    setup: tlsServer((trusted) => ({
      ...trusted,
      maxVersion: 'TLSv1.2',
      ciphers: 'AES128-SHA',
      minVersion: 'TLSv1.2',
    })),
  },
];

async function fullBacklog(): Promise<Setup> {
  const hole = await blackHole();
  ends.push(() => hole.close());
  return { port: hole.port };
}
