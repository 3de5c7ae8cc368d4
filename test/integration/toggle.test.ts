/** The integration cases of the Phase 0 suite, by their names: real sockets, no mocks. */
import assert from 'node:assert/strict';
import { Device, type DeviceOptions } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import { Metrics } from '../../src/observers/metrics';
import { serveMetrics } from '../../src/observers/metrics-server';
import type { AttemptReport } from '../../src/observer';
import { deviceFields } from '../../src/settings/device';
import { METRICS_PORT, uniqueDeviceId, useSimulator } from '../support/fixtures';
import { useMetricsPort } from '../support/metrics-port';
import { recordLatency } from '../support/latency';
import { refusedPort } from '../support/loopback';

const HOST = '127.0.0.1';

/** How late a busy machine may be; without a time of its own, the retry would come at once or never. */
const BUSY_MS = 2000;

describe('Phase 0 integration', () => {
  const simulator = useSimulator();
  let device: Device | undefined;

  const deviceAt = (port: number, settings: object = {}, options: DeviceOptions = {}): Device => {
    const parsed = parseSettings(deviceFields, { deviceId: uniqueDeviceId(), host: HOST, port, ...settings });
    assert.ok(parsed.ok);
    device = new Device(parsed.settings, options);
    return device;
  };

  afterEach(() => device?.close());

  it('happy path toggle success', async () => {
    const lamp = deviceAt(simulator().port);
    const verdict = await lamp.toggle({ state: true });
    assert.equal(verdict.outcome, 'confirmed');
    assert.equal(verdict.attempts, 1);
    assert.equal(verdict.state, true);
    assert.equal(simulator().receivedPackets.length, 1);
    assert.equal(simulator().states.get(lamp.settings.deviceId), true);
    recordLatency(verdict.latencyMs ?? 0);
  });

  it('packet format validation', async () => {
    const lamp = deviceAt(simulator().port, { deviceId: 'DEVICE123' });
    const verdict = await lamp.toggle({ state: true });
    const [packet] = simulator().receivedPackets;
    assert.ok(packet);
    assert.match(verdict.msgId, /^[0-9a-f]{16}$/);
    const json = `{"opcode":"toggle","device_id":"DEVICE123","msg_id":"${verdict.msgId}","state":true}`;
    const expected = Buffer.concat([Buffer.from([0xf0, 0x0d, 1, 0, 0, 0, json.length]), Buffer.from(json)]);
    assert.equal(packet.raw.toString('hex'), expected.toString('hex'));
    assert.equal(packet.length, json.length);
    recordLatency(verdict.latencyMs ?? 0);
  });

  it('retry on intermittent connection failure', async () => {
    const lamp = deviceAt(simulator().port);
    simulator().rejectNextConnection();
    const verdict = await lamp.toggle({ state: true });
    assert.equal(verdict.outcome, 'confirmed');
    assert.equal(verdict.attempts, 2);
    assert.equal(simulator().connectionCount, 2);
    assert.equal(simulator().receivedPackets.length, 1);
    recordLatency(verdict.latencyMs ?? 0);
  });

  it('retry on intermittent timeout', async () => {
    await simulator().setMode('timeout');
    let failed: { readonly at: number; readonly retryInMs: number } | undefined;
    const lamp = deviceAt(simulator().port);
    const verdict = await lamp.toggle({
      state: true,
      observer: {
        attemptEnded: ({ attempt, retryInMs }) => {
          if (attempt !== 1) return;
          failed = { at: performance.now(), retryInMs };
          void simulator().setMode('success');
        },
      },
    });
    assert.equal(verdict.outcome, 'confirmed');
    assert.equal(verdict.attempts, 2);
    const [first, second] = simulator().receivedPackets;
    assert.ok(first && second);
    assert.equal(second.raw.toString('hex'), first.raw.toString('hex'), 'both attempts carry the same msg_id');
    assert.ok(second.repeated);
    assert.equal(simulator().appliedCount, 1, 'a repeated msg_id switches once');
    assert.ok(failed && failed.retryInMs >= 250 && failed.retryInMs <= 350, `retry in ${failed?.retryInMs} ms`);
    const gapMs = second.at - failed.at;
    assert.ok(gapMs >= 250 && gapMs < 350 + BUSY_MS, `the second attempt came ${gapMs} ms after the first failed`);
    recordLatency(verdict.latencyMs ?? 0);
  });

  it('all attempts time out', async () => {
    await simulator().setMode('timeout');
    const reports: AttemptReport[] = [];
    const lamp = deviceAt(simulator().port, {}, { observers: [{ attemptEnded: (report) => reports.push(report) }] });
    const verdict = await lamp.toggle({ state: true });
    assert.equal(`${verdict.outcome}/${verdict.reason}`, 'unknown/timeout');
    assert.equal(verdict.attempts, 2);
    assert.equal(simulator().receivedPackets.length, 2);
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['timeout', 'timeout'],
    );
  });

  it('connection refused', async () => {
    const lamp = deviceAt(await refusedPort());
    const verdict = await lamp.toggle({ state: true });
    assert.equal(`${verdict.outcome}/${verdict.reason}`, 'failed/connection_failed');
    assert.equal(verdict.attempts, 2);
    assert.match(verdict.error ?? '', /ECONNREFUSED/);
  });

  it('connection closed during receive', async () => {
    await simulator().setMode('disconnect');
    const lamp = deviceAt(simulator().port);
    const verdict = await lamp.toggle({ state: true });
    assert.equal(`${verdict.outcome}/${verdict.reason}`, 'unknown/connection_closed');
    assert.equal(verdict.attempts, 2);
    assert.equal(simulator().connectionCount, 2);
  });

  describe('metrics', () => {
    useMetricsPort();

    it('metrics endpoint accessible', async () => {
      const metrics = new Metrics();
      const exposition = (accept?: string) => metrics.exposition({ accept });
      const endpoint = { host: HOST, port: METRICS_PORT, path: '/metrics', exposition };
      const [served, again] = await Promise.all([servedMetrics(endpoint), servedMetrics(endpoint)]);
      try {
        const lamp = deviceAt(simulator().port, {}, { observers: [metrics.observer('owner')] });
        await lamp.toggle({ state: true });
        const response = await fetch(`http://${HOST}:${METRICS_PORT}/metrics`);
        const text = await response.text();
        assert.equal(response.status, 200);
        assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
        const sent = `tcp_comm_packet_sent_total{device_id="${lamp.settings.deviceId}",outcome="success"} 1`;
        assert.ok(text.includes(sent), text);
      } finally {
        await served.close();
        await again.close();
      }
    });
  });
});

type Endpoint = Omit<Parameters<typeof serveMetrics>[0], 'onState'>;

function servedMetrics(endpoint: Endpoint): Promise<ReturnType<typeof serveMetrics>> {
  return new Promise((resolve, reject) => {
    const server = serveMetrics({
      ...endpoint,
      onState: (state) => {
        if (state.kind === 'listening') setImmediate(() => resolve(server));
        if (state.kind === 'busy') reject(state.error);
      },
    });
  });
}
