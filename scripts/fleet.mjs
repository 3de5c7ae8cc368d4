/**
 * A fleet to look at: a private RabbitMQ on loopback, three workers, a simulated plant of 300 devices, and a Node-RED whose
 * flow switches them. A key kills a worker, which comes back after some seconds.
 */
import { ROOT } from './ensure.mjs';
import { INSTALL } from './test-programs.mjs';
import { Children } from './fleet-children.mjs';
import { fleetFlow } from './fleet-flow.mjs';
import { lineOf, look, totalOf } from './fleet-view.mjs';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setInterval as everySecond } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORKERS = 3;
const DEVICES = 300;
const PER_SECOND = Number(process.env.PHASE0_FLEET_RATE ?? 200);
/** How long a worker that was killed stays away: long enough to see others take its partitions. */
const AWAY_MS = 10_000;
const WORKER = join(ROOT, 'dist/src/cli/phase0-worker.js');

const { locate } = await import('../dist/test/support/requirements.js');
if (!locate('rabbitmq').found) {
  console.error(`rabbitmq-server is missing. Install it, it need not run:\n\n  ${INSTALL.rabbitmq}\n
Elsewhere than on Debian and Ubuntu: deploy/compose.yaml has the same in containers.`);
  process.exit(1);
}
const { PrivateBroker } = await import('../dist/test/support/broker.js');
const { DeviceSimulator } = await import('../dist/src/index.js');

const folder = mkdtempSync(join(tmpdir(), 'phase0-fleet-'));
const children = new Children();
const devices = [];
let broker;
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
process.once('exit', () => {
  children.killAll();
  rmSync(folder, { recursive: true, force: true });
});

const workers = Array.from({ length: WORKERS }, (_, index) => ({ index, port: 0, entry: undefined }));
try {
  await run();
} catch (error) {
  if (!isEnding) {
    console.error(error.message);
    await end(1);
  }
}

async function run() {
  console.log('A broker is started; that takes some seconds …');
  broker = await PrivateBroker.start();
  const inventory = await startPlant();
  const setup = children.start([WORKER, '--amqp-url', '${AMQP_URL}', '--setup'], { env: { AMQP_URL: broker.url } });
  const [code] = await setup.ended;
  if (code !== 0) throw new Error(`the broker could not be set up: ${setup.output()}`);
  for (const worker of workers) {
    worker.port = await freePort();
    startWorker(worker, inventory);
  }
  const [editorPort, metricsPort] = [await freePort(), await freePort()];
  const nodeRed = startNodeRed(editorPort, metricsPort);
  console.log(`
Node-RED asks for ${PER_SECOND} toggles a second, of ${DEVICES} simulated devices; ${WORKERS} workers switch them.

  editor     http://127.0.0.1:${editorPort}/
  metrics    http://127.0.0.1:${metricsPort}/metrics, of workers: ${workers.map(({ port }) => port).join(', ')}
  processes  broker ${broker.url.replace(/\/\/.*@/, '//')}, Node-RED ${nodeRed.pid}, workers ${workers.map(({ entry }) => entry.pid).join(' ')}

Press 1, 2 or 3 to kill a worker${process.stdin.isTTY ? '' : ', then Enter'}; it is back after ${AWAY_MS / 1000} s. Ctrl-C ends everything.
`);
  listenToKeys();
  await show(metricsPort);
}

async function startPlant() {
  for (let index = 0; index < DEVICES; index += 1) {
    const device = new DeviceSimulator({ port: 0, reply: 'framed', mode: 'delay', delayMs: 20 });
    await device.start();
    devices.push(device);
  }
  const rows = devices.map(({ port }, index) => `lamp-${index + 1},127.0.0.1,${port},persistent,framed`);
  const file = join(folder, 'plant.csv');
  writeFileSync(file, `${['device_id,host,port,connection,reply', ...rows].join('\n')}\n`);
  return file;
}

function startWorker(worker, inventory) {
  const given = { index: worker.index, workers: WORKERS, 'metrics-port': worker.port, inventory, 'log-level': 'ERROR' };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  worker.entry = children.start([WORKER, '--amqp-url', '${AMQP_URL}', ...args], {
    env: { AMQP_URL: broker.url },
    onExit() {
      worker.entry = undefined;
      if (!isEnding) setTimeout(() => isEnding || startWorker(worker, inventory), AWAY_MS);
    },
  });
}

function startNodeRed(editorPort, metricsPort) {
  const userDir = join(folder, 'node-red');
  mkdirSync(join(userDir, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(userDir, 'node_modules/node-red-contrib-phase0'), 'dir');
  const dependencies = { 'node-red-contrib-phase0': '*' };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: editorPort,
    flowFile: 'flows.json',
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
  };
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)};\n`);
  const flow = fleetFlow({ devices: DEVICES, perSecond: PER_SECOND, metricsPort });
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  const program = join(ROOT, 'node_modules/node-red/red.js');
  const entry = children.start([program, '--userDir', userDir], {
    env: { AMQP_URL: broker.url },
    onExit(code) {
      if (isEnding) return;
      console.error(`Node-RED ended with ${code}:\n${entry.output()}`);
      void end(1);
    },
  });
  return entry;
}

function listenToKeys() {
  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', (keys) => {
    for (const key of keys) {
      // In raw mode the terminal sends no signal.
      if (key === '\u0003' || key === 'q') return void end(0);
      const worker = workers[Number(key) - 1];
      if (!worker?.entry) continue;
      console.log(`worker ${key} is killed`);
      children.kill(worker.entry);
    }
  });
}

/** A line each second, until everything ends. */
async function show(metricsPort) {
  const startedAt = performance.now();
  let before = { total: 0, at: startedAt };
  for await (const _tick of everySecond(1000)) {
    if (isEnding) return;
    const { verdicts, partitions } = await look(metricsPort, workers);
    const now = { total: totalOf(verdicts), at: performance.now() };
    const perSecond = Math.round((1000 * (now.total - before.total)) / (now.at - before.at));
    before = now;
    const seconds = Math.round((now.at - startedAt) / 1000);
    if (!isEnding) console.log(lineOf({ seconds, perSecond, verdicts, partitions }));
  }
}

async function end(code) {
  // Who asks twice does not want to wait.
  if (isEnding) process.exit(code);
  isEnding = true;
  console.log('Everything is ended …');
  await children.end();
  await Promise.all(devices.map((device) => device.close()));
  await broker?.remove();
  process.exit(code);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
