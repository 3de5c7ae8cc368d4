/** Floods of the metrics endpoint: 1,000 connections that say nothing or too little do not shut scrapers out. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { EndpointReport } from '../support/metrics-server-process';

const CONNECTIONS = 1000;
const SCRAPES = 20;
/** A scraper that is shut out would be so until idle connections are cut off, for 10 s. */
const SCRAPE_TIMEOUT_MS = 8000;
const MAX_SOCKETS = 210;
const MAX_MEMORY_BYTES = 200 * 1024 * 1024;

const HOSTILE: Readonly<Record<string, (socket: Socket) => void>> = {
  'say nothing': () => undefined,
  'send half a request': (socket) => socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n'),
  'send a header byte by byte': (socket) => {
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    const timer = setInterval(() => socket.write('x'), 500);
    socket.on('close', () => clearInterval(timer));
  },
  'ask and read no reply': (socket) => {
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  },
};

describe('flood of the metrics endpoint', function () {
  this.timeout(60_000);
  let endpoint: ChildProcess;
  let port: number;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    endpoint = fork(require.resolve('../support/metrics-server-process'));
    [port] = (await once(endpoint, 'message')) as [number];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    const exit = once(endpoint, 'exit');
    endpoint.disconnect();
    await exit;
  });

  /** Connects, and again some time after it was cut off. */
  const attack = (index: number, behave: (socket: Socket) => void): void => {
    if (!endpoint.connected) return;
    const socket = connect(port, '127.0.0.1', () => behave(socket));
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (sockets.delete(socket)) void setTimeout(500 + index).then(() => attack(index, behave));
    });
  };

  for (const [what, behave] of Object.entries(HOSTILE)) {
    it(`${CONNECTIONS} that ${what}: scrapers are answered, memory and sockets are bounded`, async () => {
      for (let index = 0; index < CONNECTIONS; index += 1) attack(index, behave);
      for (let index = 0; index < SCRAPES; index += 1) {
        const signal = AbortSignal.timeout(SCRAPE_TIMEOUT_MS);
        const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal, headers: { connection: 'close' } });
        assert.equal(response.status, 200);
        assert.match(await response.text(), /a metric/);
        await setTimeout(50);
      }
      endpoint.send('report');
      const [report] = (await once(endpoint, 'message')) as [EndpointReport];
      assert.ok(report.scrapes >= SCRAPES);
      assert.ok(report.sockets <= MAX_SOCKETS, `${report.sockets} sockets`);
      assert.ok(report.memoryBytes <= MAX_MEMORY_BYTES, `${report.memoryBytes} bytes`);
    });
  }
});
