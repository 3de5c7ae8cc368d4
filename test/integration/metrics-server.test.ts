import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { serveMetrics, type MetricsServer, type ServerState } from '../../src/observers/metrics-server';
import { fakeClock } from '../support/fixtures';
import { refusedPort } from '../support/loopback';

const HOST = '127.0.0.1';
const servers: MetricsServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Serves `text`; resolves with the states so far once one of kind `until` came. */
async function serve(port: number, options: { path?: string; text?: string; until?: string } = {}) {
  const states: ServerState[] = [];
  const clock = fakeClock();
  const { path = '/metrics', text = 'up 1\n', until = 'listening' } = options;
  await new Promise<void>((resolve) => {
    const onState = (state: ServerState) => {
      states.push(state);
      if (state.kind === until) resolve();
    };
    const contentType = 'text/plain; version=0.0.4';
    servers.push(
      serveMetrics({ host: HOST, port, path, text: () => Promise.resolve(text), contentType, onState, clock }),
    );
  });
  return { states, clock };
}

describe('metrics endpoint', () => {
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

  it('started twice on one address is one server, which lives until the last use ends', async () => {
    const port = await refusedPort();
    await serve(port);
    await serve(port, { path: '/other', text: 'other 1\n' });
    await servers.shift()?.close();
    assert.equal(await (await fetch(`http://${HOST}:${port}/other`)).text(), 'other 1\n');
    await servers.shift()?.close();
    await assert.rejects(fetch(`http://${HOST}:${port}/other`));
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
});
