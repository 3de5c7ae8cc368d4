import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Exposition } from '../../src/observers/exposition';
import { serveMetrics, type MetricsServer, type ServerState } from '../../src/observers/metrics-server';
import { fakeClock } from '../support/fixtures';
import { refusedPort } from '../support/loopback';

const HOST = '127.0.0.1';
const exposing = (text: string) => () => Promise.resolve({ text, contentType: 'text/plain; version=0.0.4' });
const PLAIN = { host: HOST, path: '/metrics', exposition: exposing('up 1\n') } as const;
const servers: MetricsServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Serves `text`; resolves with the states so far once one of kind `until` came. */
async function serve(port: number, options: { host?: string; path?: string; text?: string; until?: string } = {}) {
  const states: ServerState[] = [];
  const clock = fakeClock();
  const { host = HOST, path = '/metrics', text = 'up 1\n', until = 'listening' } = options;
  await new Promise<void>((resolve) => {
    const onState = (state: ServerState) => {
      states.push(state);
      if (state.kind === until) resolve();
    };
    servers.push(serveMetrics({ host, port, path, exposition: exposing(text), onState, clock }));
  });
  return { states, clock };
}

/** Status of the answer to a request that names this host. */
async function statusFor(server: MetricsServer | undefined, name: string): Promise<number | undefined> {
  const { address = '', port = 0 } = server?.address ?? {};
  const request = getHttp({ host: address, port, path: '/metrics', headers: { host: name }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const HAS_IPV6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

describe('metrics endpoint', () => {
  it('serves each scraper what its Accept header asks for', async () => {
    const port = await refusedPort();
    const exposition = (accept: string | undefined) => Promise.resolve({ text: `# ${accept}\n`, contentType: 'a/b' });
    servers.push(serveMetrics({ ...PLAIN, port, exposition }));
    for (const accept of ['text/plain', 'application/openmetrics-text; version=1.0.0']) {
      const response = await fetch(`http://${HOST}:${port}/metrics`, { headers: { accept } });
      assert.deepEqual(
        [response.headers.get('content-type'), response.headers.get('vary')],
        ['a/b', 'Accept, Accept-Encoding'],
      );
      assert.equal(await response.text(), `# ${accept}\n`);
    }
  });

  it('answers GET and HEAD, 404 elsewhere, 405 to other methods', async () => {
    const port = await refusedPort();
    await serve(port);
    const url = `http://${HOST}:${port}/metrics`;
    const get = await fetch(`${url}?debug=1`);
    assert.equal(await get.text(), 'up 1\n');
    assert.equal(get.headers.get('content-type'), 'text/plain; version=0.0.4');
    const head = await fetch(url, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), '5');
    assert.equal((await fetch(`http://${HOST}:${port}/`)).status, 404);
    const post = await fetch(url, { method: 'POST' });
    assert.equal(post.status, 405);
    assert.equal(post.headers.get('allow'), 'GET, HEAD');
  });

  it('compresses for scrapers that take it, once for all who share a reading', async () => {
    const port = await refusedPort();
    const exposition = { text: 'up 1\n'.repeat(1000), contentType: 'text/plain' };
    servers.push(serveMetrics({ ...PLAIN, port, exposition: () => Promise.resolve(exposition) }));
    const lengths: Record<string, number> = {};
    for (const encoding of ['gzip', 'identity', 'gzip;q=0, *', 'br']) {
      const headers = { 'accept-encoding': encoding };
      const response = await fetch(`http://${HOST}:${port}/metrics`, { headers });
      lengths[encoding] = Number(response.headers.get('content-length'));
      assert.equal(response.headers.get('content-encoding'), encoding === 'gzip' ? 'gzip' : null);
      assert.equal(await response.text(), exposition.text);
    }
    assert.ok((lengths.gzip ?? 5000) < 500);
    assert.deepEqual([lengths.identity, lengths['gzip;q=0, *'], lengths.br], [5000, 5000, 5000]);
  });

  it('started twice on one address is one server, which lives until the last use ends', async () => {
    const port = await refusedPort();
    await serve(port);
    await serve(port, { path: '/other', text: 'other 1\n' });
    await servers.shift()?.close();
    assert.equal(await (await fetch(`http://${HOST}:${port}/other`)).text(), 'other 1\n');
    await servers.shift()?.close();
    await assert.rejects(fetch(`http://${HOST}:${port}/other`));
  });

  for (const host of ['localhost', 'LOCALHOST', '127.1', '::ffff:127.0.0.1']) {
    it(`started on ${HOST} and on ${host} is one server, and each use has the URL of its own settings`, async function () {
      // Where localhost is ::1, it is another address.
      if (host.includes(':') ? !HAS_IPV6 : (await lookup(host)).address !== HOST) this.skip();
      const port = await refusedPort();
      await serve(port);
      const { states, clock } = await serve(port, { host, path: '/other', text: 'other 1\n' });
      const name = host.includes(':') ? `[${host}]` : host;
      assert.deepEqual(states, [{ kind: 'listening', url: `http://${name}:${port}/other` }]);
      assert.equal(clock.pendingTimers, 0);
      const [first, second] = servers;
      assert.deepEqual(second?.address, first?.address);
      await servers.shift()?.close();
      assert.equal(await (await fetch(`http://${HOST}:${port}/other`)).text(), 'other 1\n');
      await servers.shift()?.close();
      await assert.rejects(fetch(`http://${HOST}:${port}/other`));
    });
  }

  it('three spellings in one turn are one server, also for a use that ends before its name is resolved', async () => {
    const port = await refusedPort();
    const all = [serve(port, { host: '127.1' }), serve(port, { host: 'localhost' })];
    const early = serveMetrics({ ...PLAIN, host: 'LOCALHOST', port });
    const closed = early.close();
    all.push(serve(port));
    const kinds = (await Promise.all(all)).flatMap(({ states }) => states.map(({ kind }) => kind));
    assert.deepEqual(kinds, ['listening', 'listening', 'listening']);
    await closed;
    for (const server of servers.splice(0)) await server.close();
    await assert.rejects(fetch(`http://${HOST}:${port}/metrics`));
  });

  it('a port that is busy because this process has it on another address: says so', async () => {
    const port = await refusedPort();
    await serve(port);
    const { states } = await serve(port, { host: '0.0.0.0', until: 'busy' });
    const [state] = states;
    assert.ok(state?.kind === 'busy');
    assert.match(
      state.error.message,
      new RegExp(`EADDRINUSE.*0\\.0\\.0\\.0:${port} \\(.* itself .* ${HOST}:${port}\\)$`),
    );
  });

  it('reports a busy port, tries again, and serves when it is free', async () => {
    const blocker = createServer().listen(0, HOST);
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { states, clock } = await serve(port, { until: 'busy' });
    blocker.close();
    await once(blocker, 'close');
    await clock.advance(5000);
    while (!states.some(({ kind }) => kind === 'listening')) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await fetch(`http://${HOST}:${port}/metrics`)).status, 200);
  });

  it('a scraper that hangs does not hold up the close', async () => {
    const port = await refusedPort();
    await serve(port);
    const socket = connect(port, HOST).on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('GET /metrics HTTP/1.1\r\n');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await servers.shift()?.close();
    await closed;
  });

  it('answers 50 scrapers at once', async () => {
    const port = await refusedPort();
    await serve(port);
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`http://${HOST}:${port}/metrics`)));
    assert.ok(answers.every(({ status }) => status === 200));
    await Promise.all(answers.map((answer) => answer.text()));
  });

  it('one object served twice is two uses of one server', async () => {
    const endpoint = { ...PLAIN, port: await refusedPort() };
    const [first, second] = [serveMetrics(endpoint), serveMetrics(endpoint)];
    servers.push(first, second);
    await Promise.all([first.close(), first.close()]);
    assert.equal((await fetch(`http://${HOST}:${endpoint.port}/metrics`)).status, 200);
  });

  it('serves the text of the oldest use of a path, and then of the next', async () => {
    const port = await refusedPort();
    await serve(port, { text: 'first\n' });
    await serve(port, { text: 'second\n' });
    const text = async () => (await fetch(`http://${HOST}:${port}/metrics`)).text();
    assert.equal(await text(), 'first\n');
    await servers.shift()?.close();
    assert.equal(await text(), 'second\n');
  });

  it('counts the scrapes of each path, for each use since it began', async () => {
    const port = await refusedPort();
    const { states } = await serve(port);
    const scrape = async (path: string) => (await fetch(`http://${HOST}:${port}${path}`)).text();
    await scrape('/metrics');
    await serve(port);
    await serve(port, { path: '/other' });
    await scrape('/metrics');
    await scrape('/nothing');
    assert.deepEqual(
      servers.map(({ scrapes }) => scrapes),
      [2, 1, 0],
    );
    assert.deepEqual(
      states.flatMap((state) => (state.kind === 'scraped' ? [state.count] : [])),
      [1, 2],
    );
  });

  it('takes a free port for 0, each time another, and says which', async () => {
    const [one, two] = [await serve(0), await serve(0)];
    const [first, second] = servers.map(({ address }) => address?.port);
    assert.ok(first && second && first !== second);
    assert.deepEqual(one.states, [{ kind: 'listening', url: `http://${HOST}:${first}/metrics` }]);
    assert.deepEqual(two.states, [{ kind: 'listening', url: `http://${HOST}:${second}/metrics` }]);
    const [server] = servers;
    await server?.close();
    assert.equal(server?.address, undefined);
  });

  it('shows an IPv6 host in brackets', async function () {
    if (!HAS_IPV6) this.skip();
    const url = await new Promise<string>((resolve) => {
      const onState = (state: ServerState) => {
        if (state.kind === 'listening') resolve(state.url);
      };
      servers.push(serveMetrics({ ...PLAIN, host: '::1', port: 0, onState }));
    });
    assert.match(url, /^http:\/\/\[::1\]:\d+\/metrics$/);
    assert.equal((await fetch(url)).status, 200);
  });

  const failures: Readonly<Record<string, () => Promise<never>>> = {
    'is rejected': () => Promise.reject(new Error('no metrics')),
    throws: () => {
      throw new Error('no metrics');
    },
  };
  for (const [what, exposition] of Object.entries(failures)) {
    it(`answers 500 and reports it when the text ${what}, and goes on`, async () => {
      const states: ServerState[] = [];
      const port = await refusedPort();
      servers.push(serveMetrics({ ...PLAIN, port, exposition, onState: (state) => states.push(state) }));
      for (const _again of [1, 2]) assert.equal((await fetch(`http://${HOST}:${port}/metrics`)).status, 500);
      const errors = states.flatMap((state) => (state.kind === 'error' ? [state.error.message] : []));
      assert.deepEqual(errors, ['no metrics', 'no metrics']);
      assert.equal(servers[0]?.scrapes, 0);
    });
  }

  it('goes on when a listener of its state throws or rejects, with a warning', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    const port = await refusedPort();
    const onState = () => {
      throw new Error('listener');
    };
    servers.push(serveMetrics({ ...PLAIN, port, onState }));
    const rejecting = (() => Promise.reject(new Error('rejection'))) as unknown as () => void;
    servers.push(serveMetrics({ ...PLAIN, port, path: '/other', onState: rejecting }));
    for (const path of ['/metrics', '/other']) assert.equal((await fetch(`http://${HOST}:${port}${path}`)).status, 200);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    assert.ok(warnings.includes('listener') && warnings.includes('rejection'), warnings.join());
  });

  it('tells nothing to a use that ended while its text was read', async () => {
    const port = await refusedPort();
    const states: ServerState[] = [];
    let asked: () => void;
    let finish: ((exposition: Exposition) => void) | undefined;
    const reading = new Promise<void>((resolve) => (asked = resolve));
    const exposition = () => {
      asked();
      return new Promise<Exposition>((resolve) => (finish = resolve));
    };
    servers.push(serveMetrics({ ...PLAIN, port, exposition, onState: (state) => states.push(state) }));
    await serve(port, { path: '/other' });
    const answer = fetch(`http://${HOST}:${port}/metrics`);
    await reading;
    await servers.shift()?.close();
    finish?.({ text: 'late 1\n', contentType: 'text/plain' });
    assert.equal(await (await answer).text(), 'late 1\n');
    assert.deepEqual(
      states.map(({ kind }) => kind),
      ['listening'],
    );
  });

  for (const host of ['localhost', 'LOCALHOST', '127.1', '127.0.0.2', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1']) {
    it(`on ${host}, which is loopback, answers no name of a web page`, async function () {
      if (host.includes(':') && !HAS_IPV6) this.skip();
      await serve(0, { host });
      const [server] = servers;
      assert.equal(await statusFor(server, 'evil.example'), 403);
      assert.equal(await statusFor(server, 'localhost.'), 200);
      // The URL that it shows has this name.
      assert.equal(await statusFor(server, host.includes(':') ? `[${host}]` : host), 200);
    });
  }

  it('a name that only a later use of the path allows is answered', async () => {
    const port = await refusedPort();
    await serve(port);
    assert.equal(await statusFor(servers[0], 'proxy.lan:9400'), 403);
    servers.push(serveMetrics({ ...PLAIN, port, allowedHosts: ['proxy.lan'] }));
    assert.equal(await statusFor(servers[0], 'proxy.lan:9400'), 200);
  });

  it('a busy port: tried every 5 s, and no more after the close', async () => {
    const blocker = createServer().listen(0, HOST);
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { states, clock } = await serve(port, { until: 'busy' });
    assert.equal(servers[0]?.address, undefined);
    await clock.advance(4999);
    assert.equal(states.length, 1);
    await clock.advance(1);
    while (states.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const state of states) assert.ok(state.kind === 'busy' && state.retryInMs === 5000);
    await servers.shift()?.close();
    assert.equal(clock.pendingTimers, 0);
    blocker.close();
  });

  it('an end while the port is being taken leaves it free', async () => {
    const port = await refusedPort();
    await serveMetrics({ ...PLAIN, port }).close();
    const next = createServer().listen(port, HOST);
    await once(next, 'listening');
    next.close();
  });

  it('scrapers that say nothing, or wait for their answer, do not hold up the close', async () => {
    const port = await refusedPort();
    let asked: () => void;
    const reading = new Promise<void>((resolve) => (asked = resolve));
    const exposition = () => {
      asked();
      return new Promise<Exposition>(() => undefined);
    };
    servers.push(serveMetrics({ ...PLAIN, port, exposition }));
    const silent = connect(port, HOST).on('error', () => undefined);
    await once(silent, 'connect');
    const waiting = assert.rejects(fetch(`http://${HOST}:${port}/metrics`));
    await reading;
    const gone = new Promise((resolve) => silent.once('close', resolve));
    await servers.shift()?.close();
    await Promise.all([gone, waiting]);
  });
});
