/**
 * Nodes for benchmarks alone, put into a Node-RED's own nodes folder. `bench-loop` sends a message for each device id, and
 * the next one when a message comes back; `bench-pace` sends so many a second, whatever comes back; `bench-hop` passes a
 * message on. The editor never sees them.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/* Runs inside Node-RED, so it is written as plain JavaScript. */
const SOURCE = String.raw`
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
module.exports = function (RED) {
  RED.nodes.registerType('bench-hop', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', (msg, send, done) => {
      send(msg);
      done();
    });
  });
  RED.nodes.registerType('bench-loop', function (config) {
    RED.nodes.createNode(this, config);
    let took;
    this.on('input', (msg, send, done) => {
      took(msg);
      done();
    });
    this.run = (ids, forMs, payload) => new Promise((resolve) => {
      const loops = new Map(ids.map((id) => [id, { at: 0, state: false }]));
      const elapsedMs = [];
      let failed = 0;
      let running = ids.length;
      const cpuBefore = process.cpuUsage();
      const startedAt = performance.now();
      const endsAt = startedAt + forMs;
      const next = (topic, loop, now) => {
        loop.at = now;
        loop.state = !loop.state;
        this.send({ topic, payload: payload ?? loop.state });
      };
      took = ({ topic, payload: result, phase0 }) => {
        const loop = loops.get(topic);
        const now = performance.now();
        elapsedMs.push(now - loop.at);
        // What a tcp request answers is only looked at: a flow that checks it costs more.
        const confirmed = Buffer.isBuffer(result) ? result.includes('"ack"') : result === loop.state;
        if (payload === undefined && !confirmed) failed += 1;
        if (now < endsAt) return next(topic, loop, now);
        running -= 1;
        if (running > 0) return;
        const seconds = (performance.now() - startedAt) / 1000;
        const { user, system } = process.cpuUsage(cpuBefore);
        resolve({ elapsedMs, failed, seconds, cpuMicroseconds: user + system });
      };
      for (const [id, loop] of loops) next(id, loop, performance.now());
    });
  });
  RED.nodes.registerType('bench-pace', function (config) {
    RED.nodes.createNode(this, config);
    let took = () => undefined;
    this.on('input', (msg, send, done) => {
      took(msg);
      done();
    });
    /* Times count from when a message was due, so that a process that is late for all of them cannot hide it. */
    this.run = (ids, perSecond, forMs) => new Promise((resolve) => {
      const elapsedMs = [];
      let failed = 0;
      let sent = 0;
      const count = Math.round((perSecond * forMs) / 1000);
      const cpuBefore = process.cpuUsage();
      const startedAt = performance.now();
      const sendDue = () => {
        const due = Math.min(count, Math.floor(((performance.now() - startedAt) * perSecond) / 1000));
        for (; sent < due; sent += 1) {
          const state = Math.floor(sent / ids.length) % 2 === 0;
          this.send({ topic: ids[sent % ids.length], payload: state, bench: { state, at: startedAt + (sent * 1000) / perSecond } });
        }
        if (sent >= count) clearInterval(timer);
      };
      const timer = setInterval(sendDue, 2);
      took = ({ payload, bench }) => {
        elapsedMs.push(performance.now() - bench.at);
        if (payload !== bench.state) failed += 1;
        if (elapsedMs.length < count) return;
        took = () => undefined;
        const seconds = (performance.now() - startedAt) / 1000;
        const { user, system } = process.cpuUsage(cpuBefore);
        resolve({ elapsedMs, failed, seconds, cpuMicroseconds: user + system });
      };
    });
  });
  RED.httpAdmin.post('/bench/pace', (request, response) => {
    const { ids, perSecond, forMs } = request.body;
    void RED.nodes.getNode('pace').run(ids, perSecond, forMs).then((run) => response.json(run));
  });
  RED.httpAdmin.post('/bench/run', (request, response) => {
    const { ids, forMs, payload } = request.body;
    void RED.nodes.getNode('loop').run(ids, forMs, payload).then((run) => response.json(run));
  });
  RED.httpAdmin.get('/bench/memory', (request, response) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    response.json({ heapUsed, external });
  });
};
`;

/** A user directory with these nodes. */
export function userDirWithBenchNodes(): string {
  const userDir = mkdtempSync(join(tmpdir(), 'phase0-bench-'));
  const folder = join(userDir, 'nodes');
  mkdirSync(folder);
  writeFileSync(join(folder, 'bench.js'), SOURCE);
  writeFileSync(join(folder, 'bench.html'), '<script type="text/javascript"></script>');
  return userDir;
}
