/** A real Prometheus scrapes a real Node-RED, and says what happened there: every count, every panel, every rule. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Registry } from 'prom-client';
import { PlantMetrics } from '../../src/observers/plant-metrics';
import { workerMetrics } from '../../src/observers/worker-metrics';
import { dashboardQueries, panelOf, withVariables } from '../support/dashboard';
import { METRICS_PORT } from '../support/fixtures';
import { useMetricsPort } from '../support/metrics-port';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { promtool, startPrometheus, type Prometheus } from '../support/prometheus';
import { requires } from '../support/requirements';
import { CASES, expectedCounts, seriesName } from '../support/thousand-toggles';
import { driveAll, flowFor, openPeers, toggleAll, type Peers } from '../support/thousand-toggles-run';

/** The name that the alert on missing metrics knows. */
const JOB = 'node-red-phase0';
/** Without rows, so that its own series are all that it adds. */
const INVENTORY = { id: 'd100000000000001', type: 'phase0-inventory', source: 'table', devices: [] };
/** The job of the workers of a fleet, as the rules and the dashboard know it. */
const WORKER_JOB = 'phase0-worker';
const METRICS_URL = `http://127.0.0.1:${METRICS_PORT}/metrics`;

/** What one scrape asked for, and what it got. */
interface Overheard {
  readonly accept: string;
  readonly contentType: string;
}

/** Between Prometheus and the metrics, passing all on. */
function eavesdropper(heard: (scrape: Overheard) => void): Server {
  return createServer((request, response) => {
    get(METRICS_URL, { headers: request.headers }, (answer) => {
      heard({ accept: request.headers.accept ?? '', contentType: answer.headers['content-type'] ?? '' });
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
      // Node-RED stops while a scrape is under way.
    }).on('error', () => response.destroy());
  });
}

describe('a real Prometheus that scrapes a real Node-RED', function () {
  this.timeout(120_000);
  const programs = requires('prometheus');
  useMetricsPort();
  const overheard: Overheard[] = [];
  const between = eavesdropper((scrape) => overheard.push(scrape));
  // What is counted of groups and of the workers of a fleet, without their broker.
  const registry = new Registry();
  const groups = new PlantMetrics(registry);
  const workerObserver = workerMetrics(registry, ['phase0.commands.00']);
  const others = createServer((_request, response) => {
    void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text));
  });
  let peers: Peers;
  let nodeRed: NodeRed;
  let prometheus: Prometheus;

  before(async () => {
    peers = await openPeers();
    const flows = [...flowFor(peers.ports, METRICS_PORT), INVENTORY];
    nodeRed = await startNodeRed({ flows, withoutComms: true });
    await new Promise<void>((listening) => between.listen(0, '127.0.0.1', listening));
    const { port } = between.address() as AddressInfo;
    groups.groupStarted('hall');
    await new Promise<void>((listening) => others.listen(0, '127.0.0.1', listening));
    const { port: workerPort } = others.address() as AddressInfo;
    const target = (of: number) => [{ targets: [`127.0.0.1:${of}`] }];
    prometheus = await startPrometheus({
      program: programs.prometheus,
      scrapeIntervalMs: 200,
      rules: [resolve('monitoring/prometheus/phase0.rules.yml')],
      jobs: [
        { job_name: JOB, static_configs: target(METRICS_PORT) },
        { job_name: WORKER_JOB, static_configs: target(workerPort) },
        // Only its manners count: its figures would be there twice.
        {
          job_name: 'overheard',
          static_configs: target(port),
          metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'tcp_comm_.*', action: 'drop' }],
        },
      ],
    });
  });
  after(async () => {
    await prometheus?.stop();
    await nodeRed?.stop();
    await peers?.close();
    for (const server of [between, others]) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('finds the target up, and gets the format that it requests', async () => {
    await prometheus.until('up', (samples) => samples.length === 3 && samples.every(({ value }) => value === 1));
    const [scrape] = overheard;
    assert.ok(scrape);
    console.log(`      asked for ${scrape.accept}; got ${scrape.contentType}`);
    assert.match(scrape.contentType, /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8$/);
    assert.ok(scrape.accept.includes(scrape.contentType.split(';')[0] ?? ''), 'what Prometheus asked for');
  });

  it('counts 1,000 toggles of every kind exactly', async () => {
    const asked = Object.values(CASES).reduce((sum, { payloads }) => sum + payloads.length, 0);
    assert.equal(asked, 1000);
    const verdicts = await driveAll(nodeRed, peers, (expression, value) => prometheus.reaches(expression, value));
    assert.equal(verdicts.length, 1000);
    await prometheus.scraped(JOB);
    // A device has a zero for each outcome from the start.
    const samples = await prometheus.query(`{__name__=~"tcp_comm_.+_(total|count)",inventory=""} > 0`);
    const counted = samples.map(({ labels, value }) => {
      const { __name__: metric = '', device_id: device = '', outcome, reason } = labels;
      const label = outcome === undefined ? 'reason' : 'outcome';
      return [seriesName(metric, device, (outcome ?? reason) ? label : '', outcome ?? reason), value] as const;
    });
    assert.deepEqual(Object.fromEntries(counted), expectedCounts());
    assert.equal(counted.length, Object.keys(expectedCounts()).length, 'each series once');
  });

  it('has every observation of a histogram in its last bucket, and none in the first', async () => {
    for (const histogram of ['tcp_comm_packet_latency_seconds', 'tcp_comm_toggle_duration_seconds']) {
      const lost = await prometheus.query(`${histogram}_bucket{le="+Inf"} != ignoring(le) ${histogram}_count`);
      assert.deepEqual(lost, [], histogram);
      assert.notDeepEqual(await prometheus.query(`${histogram}_sum > 0`), [], histogram);
    }
  });

  it('shows by the gauges that nothing waits, which connection is open, and which circuit is open', async () => {
    const devices = async (expression: string) =>
      (await prometheus.query(expression)).map(({ labels }) => labels.device_id);
    assert.deepEqual(await devices('tcp_comm_queue_depth > 0'), []);
    assert.deepEqual(await devices('tcp_comm_connection_state{state="connected"} == 1'), ['persistent']);
    assert.deepEqual(await devices('tcp_comm_circuit_state{state="open"} == 1'), ['broken']);
  });

  it('serves metrics that pass promtool check metrics', async () => {
    const text = await (await fetch(METRICS_URL)).text();
    assert.deepEqual(promtool(programs.promtool, ['check', 'metrics'], text), { ok: true, said: '' });
  });

  describe('with further toggles, after every series has begun', () => {
    const UNANSWERED = ['closing', 'garbled', 'off', 'silent'];

    before(async () => {
      const devices = [...UNANSWERED, 'plain', 'persistent', 'refusing', 'forgetful', 'broken', 'full'];
      await Promise.all(devices.map((device) => toggleAll(nodeRed, device, [true, false, true])));
      await prometheus.scraped(WORKER_JOB);
      groups.groupVerdict('hall', 'all', 20);
      workerObserver.brokerConnected?.(true);
      workerObserver.partitionConsumed?.('phase0.commands.00', true);
      workerObserver.commandReceived?.(true);
      workerObserver.deadLettered?.();
      workerObserver.verdictPublished?.('confirmed', 20);
      await prometheus.scraped(WORKER_JOB);
      await prometheus.scraped(JOB);
    });

    const json = readFileSync('monitoring/grafana/phase0.json', 'utf8');
    const table = panelOf(json, 'Devices now');

    for (const { panel, expression } of dashboardQueries(json)) {
      it(`the dashboard's "${panel}" has figures`, async () => {
        // A query over a range has no figures before its first step.
        const samples = await prometheus.until(expression, ({ length }) => length > 0);
        for (const { labels, value } of samples)
          assert.ok(Number.isFinite(value), `${expression} is ${value} for ${JSON.stringify(labels)}`);
      });
    }

    it("the dashboard's table shows each device as it is now", async () => {
      const { targets } = table;
      const column = async (legend: string, label?: string) => {
        const expr = targets.find(({ legendFormat }) => legendFormat === legend)?.expr ?? '';
        const samples = await prometheus.query(withVariables(expr));
        const cells = samples.map(({ labels, value }) => [labels.device_id, label ? labels[label] : value] as const);
        assert.equal(new Set(cells.map(([device]) => device)).size, cells.length, `${legend}: one row for each device`);
        return Object.fromEntries(cells) as Record<string, string | number>;
      };
      const state = await column('state');
      assert.deepEqual([state.plain, state.persistent, state.silent], [1, 1, undefined]);
      const confirmed = await column('last confirmed');
      assert.deepEqual(Object.keys(confirmed).toSorted(), Object.keys(state).toSorted());
      assert.ok(Math.abs(Date.now() - Number(confirmed.plain)) < 120_000, 'a time in milliseconds');
      const failure = await column('last failure', 'reason');
      assert.deepEqual(
        [failure.silent, failure.off, failure.refusing, failure.persistent],
        ['timeout', 'connection_failed', 'rejected', undefined],
      );
      assert.equal((await column('queue')).plain, 0);
      assert.deepEqual(await column('circuit'), { broken: 2 });
    });

    it("the dashboard's variable lists every device", async () => {
      const listed = await prometheus.ask<string[]>('label/device_id/values', { 'match[]': 'tcp_comm_toggles_total' });
      assert.deepEqual(listed.toSorted(), Object.keys(CASES).toSorted());
    });

    it('every rule is evaluated without an error, and every recording rule gives figures', async () => {
      const rules = await prometheus.rules();
      assert.deepEqual(
        rules.filter(({ health }) => health !== 'ok'),
        [],
      );
      for (const { type, name } of rules)
        if (type === 'recording') assert.notDeepEqual(await prometheus.query(name), [], name);
    });

    it('the alert on unreachable devices is pending for the devices without an answer only', async () => {
      const pending = 'ALERTS{alertname="Phase0DeviceUnreachable",alertstate="pending"}';
      // What was given up on or refused by its circuit was not answered, either.
      const expected = [...UNANSWERED, 'broken', 'reset'];
      const samples = await prometheus.until(pending, ({ length }) => length >= expected.length);
      assert.deepEqual(new Set(samples.map(({ labels }) => labels.device_id ?? '')), new Set(expected));
    });
  });
});
