/** Owns the demo: an embedded Node-RED on loopback with these nodes, a simulated lamp, and a sensor that switches it. */
import { ROOT } from './ensure.mjs';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';

const { default: RED } = await import('node-red');
const NAME = 'node-red-contrib-phase0';
const HOST = '127.0.0.1';
const demo = process.env.PHASE0_DEMO_DIR || join(ROOT, '.demo');
const flowFile = join(demo, 'flows.json');

const editorPort = await freePort('editor', Number(process.env.PORT || 1880));
const metricsPort = await freePort('metrics endpoint', 9400);
const lampPort = await freePort('simulated lamp', 9102);
prepareUserDir();
writeFileSync(flowFile, JSON.stringify(demoFlow(), null, 2));

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
server.listen(editorPort, HOST, () => {
  console.log(`
The demo runs: a simulated motion sensor switches a simulated lamp over TCP.

  editor   http://${HOST}:${editorPort}/
  metrics  http://${HOST}:${metricsPort}/metrics

Open the editor and watch the status under "hall lamp"; press the button of "motion" to switch it yourself.
More flows: Import → Examples → ${NAME}. Your changes stay in ${process.env.PHASE0_DEMO_DIR ? demo : '.demo/'}. Ctrl-C ends it.
`);
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);

async function stop() {
  server.close();
  server.closeAllConnections();
  await RED.stop();
  process.exit(0);
}

/** The port that is wanted, or a free one, and says so. */
async function freePort(what, wanted) {
  if (await canListen(wanted)) return wanted;
  const port = await canListen(0);
  console.log(`Port ${wanted} is taken, so the ${what} takes ${port}.`);
  return port;
}

/** Resolves to the port, or to false when it is taken. */
function canListen(port) {
  return new Promise((resolve) => {
    const probe = createTcpServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => {
      const { port: got } = probe.address();
      probe.close(() => resolve(got));
    });
  });
}

function prepareUserDir() {
  mkdirSync(join(demo, 'node_modules'), { recursive: true });
  rmSync(join(demo, 'node_modules', NAME), { force: true });
  symlinkSync(ROOT, join(demo, 'node_modules', NAME), 'dir');
  writeFileSync(join(demo, 'package.json'), JSON.stringify({ private: true, dependencies: { [NAME]: '*' } }));
}

/** What was left from the last time, else the sensor example and a metrics node; with the ports of today. */
function demoFlow() {
  const saved = existsSync(flowFile) ? flowFile : undefined;
  const example = JSON.parse(readFileSync(saved ?? join(ROOT, 'examples/02-sensor-trigger.json'), 'utf8'));
  const { id: z } = example.find(({ type }) => type === 'tab');
  const metrics = { id: 'a5d3b0c9e8f71426', type: 'phase0-metrics', z, name: 'metrics', x: 380, y: 340, wires: [[]] };
  const flow = saved ? example : [...example, metrics];
  const ports = { 'phase0-metrics': metricsPort, 'phase0-simulator': lampPort, 'phase0-device': lampPort };
  const ours = new Set([metrics.id, ...sensorIds()]);
  return flow.map((node) =>
    ours.has(node.id) && ports[node.type] ? { ...node, port: String(ports[node.type]) } : node,
  );
}

/** Nodes of the example, whose ports are the demo's to choose; a flow author's own keep theirs. */
function sensorIds() {
  return JSON.parse(readFileSync(join(ROOT, 'examples/02-sensor-trigger.json'), 'utf8')).map(({ id }) => id);
}
