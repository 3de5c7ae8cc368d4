/** Demo: an embedded Node-RED on loopback with these nodes, a simulated lamp, its dashboard and a guided tour. */
import { ROOT } from './ensure.mjs';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';

let started = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);

const { default: RED } = await import('node-red');
const NAME = 'node-red-contrib-phase0';
const HOST = '127.0.0.1';
const demo = process.env.PHASE0_DEMO_DIR || join(ROOT, '.demo');
const flowFile = join(demo, 'flows.json');

const DASHBOARD = '@flowfuse/node-red-dashboard';
const FLOWS = join(ROOT, 'demo/flows.json');
/** On a tab of its own. */
const BUILDING = join(ROOT, 'examples/09-building.json');
const TOUR = join(ROOT, 'demo/tour.js');
const IDS = { lamp: 'd3300011', device: 'd3300012', metrics: 'd3300013', page: 'd3300082' };

const given = new Set();
const editorPort = await freePort('editor', wantedEditorPort());
prepareUserDir();
const addresses = await prepareFlow();

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
  editorTheme: { tours: false, palette: { catalogues: [] }, page: { scripts: [TOUR] } },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
});
const flowsStarted = new Promise((resolve) => RED.events.once('flows:started', resolve));
await RED.start();
await flowsStarted;
started = true;
server.listen(editorPort, HOST, () => {
  const editor = `http://${HOST}:${editorPort}`;
  console.log(`
The demo runs. Node-RED switches a simulated lamp over TCP every 10 s; the lamp fails once and recovers.

  editor     ${editor}/
  dashboard  ${addresses.dashboard ? editor + addresses.dashboard : 'not in your flow'}
  metrics    ${addresses.metrics ?? 'not in your flow'}

Open the editor: a short tour shows what to press. More flows: Import → Examples → ${NAME}.
Your changes stay in ${process.env.PHASE0_DEMO_DIR ? demo : '.demo/'}; delete it to start anew. Ctrl-C stops the demo.
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
  if (problem) console.log(`Port ${wanted} is ${problem}, so the ${what} uses ${port}.`);
  given.add(port);
  return port;
}

/** Returns undefined if the port is free, otherwise the reason. */
async function whyNot(port) {
  try {
    await listened(port);
    return undefined;
  } catch ({ code }) {
    return code === 'EADDRINUSE' ? 'taken' : `not available (${code})`;
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

/** Links this project and the dashboard's palette into the demo's user directory as installed packages. */
function prepareUserDir() {
  const folders = { [NAME]: ROOT, [DASHBOARD]: join(ROOT, 'node_modules', DASHBOARD) };
  for (const [name, folder] of Object.entries(folders)) {
    const installed = join(demo, 'node_modules', name);
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(dirname(installed), { recursive: true });
    symlinkSync(folder, installed, 'dir');
  }
  const dependencies = Object.fromEntries(Object.keys(folders).map((name) => [name, '*']));
  writeFileSync(join(demo, 'package.json'), JSON.stringify({ private: true, dependencies }));
}

/**
 * Reuses the flow of the last run; otherwise writes the flow of the demo. Changes only ports of the demo's nodes that
 * are taken. Resolves to the addresses of the demo's metrics and dashboard, if the flow has them.
 */
async function prepareFlow() {
  const saved = existsSync(flowFile);
  const flow = saved ? readFlow() : [...readJson(FLOWS), ...(await buildingFlow())];
  const nodeOf = (id) => flow.find((node) => node.id === id && !node.d);
  const [lamp, device, page] = [nodeOf(IDS.lamp), nodeOf(IDS.device), nodeOf(IDS.page)];
  const metrics = flow.find(({ id, listen, d }) => id === IDS.metrics && listen !== false && !d);

  const before = lamp?.port;
  if (metrics) metrics.port ??= '9400';
  const moves = [await move(lamp, 'simulated lamp'), await move(metrics, 'metrics endpoint')];
  if (lamp && device && String(device.port) === String(before)) device.port = lamp.port;
  if (!saved || moves.includes(true)) writeFileSync(flowFile, JSON.stringify(flow, null, 2));
  const base = flow.find(({ id }) => id === page?.ui);
  return {
    ...(base && { dashboard: `${base.path}${page.path}` }),
    ...(isPort(Number(metrics?.port)) && {
      metrics: `http://${metrics.host ?? HOST}:${metrics.port}${metrics.path ?? '/metrics'}`,
    }),
  };
}

/** The example of a building, its table in the user directory. Rows whose ports are taken get others. */
async function buildingFlow() {
  const flow = readJson(BUILDING);
  const file = join(demo, 'building.csv');
  flow.find(({ type }) => type === 'tab').env = [{ name: 'BUILDING_CSV', value: file, type: 'str' }];
  const table = flow.find(({ type }) => type === 'template');
  for (const port of table.template.match(/(?<=,)\d+(?=,)/g)) {
    const isFree = !given.has(Number(port)) && (await whyNot(Number(port))) === undefined;
    const got = isFree ? Number(port) : await anyPort();
    given.add(got);
    table.template = table.template.replace(`,${port},`, `,${got},`);
  }
  // What follows is for the button that adds a row.
  writeFileSync(file, table.template.split('{{')[0]);
  return flow;
}

/** Gives a node another port if its own is taken, unless it is an `${ENV}` reference. Resolves to whether it did. */
async function move(node, what) {
  const wanted = Number(node?.port);
  if (!isPort(wanted)) return false;
  const port = await freePort(what, wanted);
  node.port = String(port);
  return port !== wanted;
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
