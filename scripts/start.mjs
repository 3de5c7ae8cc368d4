/** Demo: an embedded Node-RED on loopback with these nodes, a simulated lamp, and a sensor that switches it. */
import { ROOT } from './ensure.mjs';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';

let started = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);

const { default: RED } = await import('node-red');
const NAME = 'node-red-contrib-phase0';
const HOST = '127.0.0.1';
const demo = process.env.PHASE0_DEMO_DIR || join(ROOT, '.demo');
const flowFile = join(demo, 'flows.json');

const SENSOR = join(ROOT, 'examples/02-sensor-trigger.json');
const METRICS_ID = 'a5d3b0c9e8f71426';

const given = new Set();
const editorPort = await freePort('editor', wantedEditorPort());
prepareUserDir();
const metricsAddress = await prepareFlow();

const server = createServer((request, response) => {
  RED.httpAdmin(request, response, () => RED.httpNode(request, response));
});
RED.init(server, {
  userDir: demo,
  flowFile,
  uiHost: HOST,
  uiPort: editorPort,
  httpAdminRoot: '/',
  httpNodeRoot: '/',
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, palette: { catalogues: [] } },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
});
const flowsStarted = new Promise((resolve) => RED.events.once('flows:started', resolve));
await RED.start();
await flowsStarted;
started = true;
server.listen(editorPort, HOST, () => {
  console.log(`
The demo runs: a simulated motion sensor switches a simulated lamp over TCP.

  editor   http://${HOST}:${editorPort}/
  metrics  ${metricsAddress ?? 'as your flow has them'}

Open the editor and watch the status under "hall lamp"; press the button of "motion" to switch it yourself.
More flows: Import → Examples → ${NAME}. Your changes stay in ${process.env.PHASE0_DEMO_DIR ? demo : '.demo/'}. Ctrl-C ends it.
`);
});

/** Ends the demo. Exits after 4 s even if something has not ended. */
async function stop() {
  setTimeout(() => process.exit(0), 4000).unref();
  if (started) {
    server.close();
    server.closeAllConnections();
    await RED.stop().catch((error) => console.error(error.message));
  }
  process.exit(0);
}

function wantedEditorPort() {
  const port = Number(process.env.PORT || 1880);
  if (isPort(port)) return port;
  console.error(`PORT must be a whole number from 1 to 65535, not "${process.env.PORT}".`);
  return process.exit(2);
}

function isPort(port) {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** Returns the requested port, or reports that it is taken and returns a free one. */
async function freePort(what, wanted) {
  const problem = given.has(wanted) ? 'taken' : await whyNot(wanted);
  const port = problem ? await anyPort() : wanted;
  if (problem) console.log(`Port ${wanted} is ${problem}, so the ${what} takes ${port}.`);
  given.add(port);
  return port;
}

/** Returns undefined if the port is free, otherwise the reason. */
async function whyNot(port) {
  try {
    await listened(port);
    return undefined;
  } catch ({ code }) {
    return code === 'EADDRINUSE' ? 'taken' : `not to be had (${code})`;
  }
}

async function anyPort() {
  for (;;) {
    const port = await listened(0);
    if (!given.has(port)) return port;
  }
}

/** Opens and closes a listener; resolves to its port. */
function listened(port) {
  return new Promise((resolve, reject) => {
    const probe = createTcpServer();
    probe.once('error', reject);
    probe.listen(port, HOST, () => {
      const { port: got } = probe.address();
      probe.close(() => resolve(got));
    });
  });
}

/** Links this project into the demo's user directory as an installed package. */
function prepareUserDir() {
  const installed = join(demo, 'node_modules', NAME);
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(join(demo, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, installed, 'dir');
  writeFileSync(join(demo, 'package.json'), JSON.stringify({ private: true, dependencies: { [NAME]: '*' } }));
}

/**
 * Reuses the flow of the last run; otherwise writes the sensor example and a metrics node.
 * Changes only ports of the demo's nodes that are taken. Resolves to the address of the demo's metrics, if it serves any.
 */
async function prepareFlow() {
  const saved = existsSync(flowFile);
  const flow = saved ? readFlow() : newFlow();
  const sensorIds = new Set(readJson(SENSOR).map(({ id }) => id));
  const lamp = flow.find(({ id, type }) => type === 'phase0-simulator' && sensorIds.has(id));
  const device = flow.find(({ id, type }) => type === 'phase0-device' && sensorIds.has(id));
  const metrics = flow.find(({ id, listen, d }) => id === METRICS_ID && listen !== false && !d);

  const before = lamp?.port;
  if (metrics) metrics.port ??= '9400';
  const moves = [await move(lamp, 'simulated lamp'), await move(metrics, 'metrics endpoint')];
  if (lamp && device && String(device.port) === String(before)) device.port = lamp.port;
  if (!saved || moves.includes(true)) writeFileSync(flowFile, JSON.stringify(flow, null, 2));
  if (!isPort(Number(metrics?.port))) return undefined;
  return `http://${metrics.host ?? HOST}:${metrics.port}${metrics.path ?? '/metrics'}`;
}

/** Gives a node another port if its own is taken, unless it is an `${ENV}` reference. Resolves to whether it did. */
async function move(node, what) {
  const wanted = Number(node?.port);
  if (!isPort(wanted)) return false;
  const port = await freePort(what, wanted);
  node.port = String(port);
  return port !== wanted;
}

function newFlow() {
  const example = readJson(SENSOR);
  const { id: z } = example.find(({ type }) => type === 'tab');
  const settings = { listen: true, host: HOST, port: '9400', path: '/metrics', processMetrics: false };
  const at = { x: 380, y: 420, wires: [[]] };
  return [...example, { id: METRICS_ID, type: 'phase0-metrics', z, name: 'metrics', ...settings, ...at }];
}

/** Reads the saved flow. A file that is not valid JSON is never overwritten. */
function readFlow() {
  try {
    const flow = readJson(flowFile);
    if (Array.isArray(flow)) return flow;
  } catch {
    // A file that cannot be parsed is reported below, like one that is not a list of nodes.
  }
  console.error(`${flowFile} is not a Node-RED flow. Repair it, or delete it to get the demo again.`);
  return process.exit(1);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
