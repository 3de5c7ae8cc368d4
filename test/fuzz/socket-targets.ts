/** Fuzzing of the two ports that this package opens: metrics, and the simulated device. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { isAllowedHost } from '../../src/observers/allowed-host';
import { expositionFrom, preferredFormat } from '../../src/observers/exposition';
import { Metrics } from '../../src/observers/metrics';
import { serveMetrics, type MetricsServer } from '../../src/observers/metrics-server';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { MODES } from '../../src/settings/simulator';
import type { Draw } from '../simulation/draw';
import { frame, readFrames } from '../simulation/wire-reference';
import { damaged, stream, text } from './shapes';
import type { Target } from './target';

const HOST = '127.0.0.1';
/** Longer than anything here waits for by itself. */
const PATIENCE_MS = 60_000;
const SILENCE_MS = 100;

export const headers: Target = {
  name: 'headers',
  share: 3,
  run(draw) {
    const name = text(draw);
    const isAllowed = isAllowedHost(draw.chance(0.1) ? undefined : name, '127.0.0.1', ['proxy.local']);
    assert.equal(typeof isAllowed, 'boolean');
    const accept = `${text(draw)};q=${text(draw)}, ${draw.pick(['application/openmetrics-text', 'text/plain', '*/*'])}`;
    const format = preferredFormat(accept);
    const { text: shown } = expositionFrom(['# HELP a_total A\n# TYPE a_total counter\na_total 1'], format);
    assert.equal(shown.endsWith('# EOF\n'), format === 'openmetrics');
  },
};

let server: MetricsServer | undefined;
const metrics = new Metrics();

export const requests: Target = {
  name: 'metrics requests',
  share: 1,
  async start() {
    await new Promise<void>((resolve) => {
      server = serveMetrics({
        host: HOST,
        port: 0,
        path: '/metrics',
        exposition: (accept) => metrics.exposition(accept === undefined ? {} : { accept }),
        onState: ({ kind }) => {
          if (kind === 'listening') resolve();
        },
      });
    });
  },
  async run(draw) {
    const answer = await exchange(server?.address?.port ?? 0, request(draw));
    const said = answer.toString('latin1');
    // Nothing, if what came is no request and the connection was reset before the refusal was read.
    assert.match(said, /^$|^HTTP\/1\.1 (200|400|403|404|405|408|413|414|417|431|501|503) /);
  },
  async end() {
    const port = server?.address?.port ?? 0;
    const answer = await exchange(
      port,
      Buffer.from('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    );
    assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
    await server?.close();
  },
};

function request(draw: Draw): Buffer {
  const name = () =>
    draw.pick(['Host', 'Accept', 'Accept-Encoding', 'Connection', 'Content-Length', 'Transfer-Encoding', text(draw)]);
  const value = () => draw.pick(['localhost', 'evil.example', 'gzip', '*/*', 'close', '5', 'chunked', text(draw)]);
  const fields = Array.from({ length: draw.whole(0, 6) }, () => `${name()}: ${value()}`);
  const method = draw.pick(['GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', text(draw)]);
  const path = draw.pick(['/metrics', '/metrics', '/', '/metrics?x=1', '//metrics', '/../metrics', text(draw)]);
  const version = draw.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', text(draw)]);
  const end = 'Host: localhost\r\nConnection: close\r\n\r\n';
  return damaged(draw, Buffer.from(`${method} ${path} ${version}\r\n${[...fields, end].join('\r\n')}`), 0.4);
}

let simulator: DeviceSimulator | undefined;

export const simulatorPort: Target = {
  name: "simulator's port",
  share: 1,
  async start() {
    simulator = new DeviceSimulator({ port: 0, delayMs: 1 });
    await simulator.start();
  },
  async run(draw) {
    if (!simulator) throw new Error('it is not started');
    // `reject` would close the port.
    const mode = draw.pick(MODES);
    if (draw.chance(0.02)) await simulator.setMode(mode === 'reject' ? 'success' : mode);
    if (draw.chance(0.02)) simulator.reply = draw.pick(['raw', 'framed']);
    const answer = await exchange(simulator.port, stream(draw));
    assert.ok(answer.length <= 200_000, `${answer.length} bytes came`);
  },
  async end() {
    if (!simulator) return;
    await simulator.setMode('success');
    simulator.reply = 'framed';
    const toggle = { opcode: 'toggle', device_id: 'honest', msg_id: 'm', state: true };
    const answer = await exchange(simulator.port, frame(JSON.stringify(toggle)));
    assert.match(readFrames(answer).frames[0]?.json ?? '', /"ack"/);
    await simulator.close();
  },
};

/** Sends, and collects what comes until the other side has closed; after a silence this side closes. */
async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: HOST });
  const received: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => received.push(chunk));
  socket.setTimeout(SILENCE_MS, () => socket.end());
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.write(bytes);
  const begin = performance.now();
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(patience);
  assert.ok(performance.now() - begin < PATIENCE_MS, 'it never closes');
  return Buffer.concat(received);
}
