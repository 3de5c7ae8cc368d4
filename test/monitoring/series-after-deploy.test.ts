/** What becomes of a device's series when it is deployed again, or removed, in a real Node-RED. */
import assert from 'node:assert/strict';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { METRICS_PORT } from '../support/fixtures';
import { useMetricsPort } from '../support/metrics-port';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { startPrometheus, type Prometheus } from '../support/prometheus';
import { requires } from '../support/requirements';

const JOB = 'node-red-phase0';
const TAB = 'f000000000000001';

/** A device, and an inject node that switches it. */
function lampFlow(name: string, index: number, port: number): FlowNode[] {
  const id = (kind: string) => `${kind}00000000000000${index}`;
  return [
    {
      id: id('d'),
      type: 'phase0-device',
      deviceId: name,
      host: '127.0.0.1',
      port: String(port),
      breakerFailures: '3',
    },
    {
      id: id('a'),
      type: 'inject',
      z: TAB,
      props: [{ p: 'payload' }],
      payload: 'flip',
      payloadType: 'str',
      wires: [[id('b')]],
    },
    { id: id('b'), type: 'phase0-toggle', z: TAB, device: id('d'), wires: [[], [], []] },
  ];
}

describe('the series of a device, deployed again and removed', function () {
  this.timeout(120_000);
  const programs = requires('prometheus');
  useMetricsPort();
  const simulator = new DeviceSimulator({ port: 0 });
  const rest: FlowNode[] = [
    { id: TAB, type: 'tab', label: 'lamps' },
    { id: 'e000000000000001', type: 'phase0-metrics', z: TAB, port: String(METRICS_PORT), wires: [[]] },
  ];
  let kept: FlowNode[];
  let removed: FlowNode[];
  let nodeRed: NodeRed;
  let prometheus: Prometheus;

  before(async () => {
    const { port } = await simulator.start();
    kept = lampFlow('kept', 1, port);
    removed = lampFlow('removed', 2, port);
    nodeRed = await startNodeRed({ flows: [...rest, ...kept, ...removed] });
    prometheus = await startPrometheus({
      program: programs.prometheus,
      scrapeIntervalMs: 200,
      jobs: [{ job_name: JOB, static_configs: [{ targets: [`127.0.0.1:${METRICS_PORT}`] }] }],
    });
  });
  after(async () => {
    await prometheus?.stop();
    await nodeRed?.stop();
    await simulator.close();
  });

  /** Switches a lamp; resolves when it is confirmed. */
  async function press(index: number): Promise<void> {
    const { length } = nodeRed.statuses(`b00000000000000${index}`);
    await nodeRed.inject(`a00000000000000${index}`);
    const isNew = () => nodeRed.statuses(`b00000000000000${index}`).length > length;
    await nodeRed.waitForStatus(`b00000000000000${index}`, ({ fill }) => isNew() && fill === 'green');
  }

  const served = async () => (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  const linesOf = (text: string, device: string) =>
    text.split('\n').filter((line) => line.includes(`device_id="${device}"`));
  const confirmed = async (device: string) =>
    (await prometheus.query(`tcp_comm_toggles_total{device_id="${device}",outcome="confirmed"}`)).map(
      ({ value }) => value,
    );

  it('a deploy of everything keeps the counters', async () => {
    await press(1);
    await press(2);
    const before = await served();
    await nodeRed.deploy([...rest, ...kept, ...removed], 'full');
    // The endpoint is one of the nodes that start again, and listens a moment later.
    await prometheus.scraped(JOB);
    const after = await served();
    for (const device of ['kept', 'removed']) {
      assert.deepEqual(linesOf(after, device), linesOf(before, device));
      assert.ok(linesOf(after, device).length > 30, 'the series of a confirmed toggle');
    }
    await press(1);
    await prometheus.scraped(JOB);
    assert.deepEqual(await confirmed('kept'), [2]);
  });

  it('a deploy without a device removes its series, here and in Prometheus, and no others', async () => {
    const before = await served();
    await nodeRed.deploy([...rest, ...kept], 'nodes');
    const after = await served();
    assert.deepEqual(linesOf(after, 'removed'), []);
    assert.deepEqual(linesOf(after, 'kept'), linesOf(before, 'kept'));
    await prometheus.scraped(JOB);
    assert.deepEqual(await prometheus.query('{device_id="removed"}'), []);
    assert.deepEqual(await confirmed('kept'), [2]);
  });

  it('a device that is deployed again counts from 0', async () => {
    await nodeRed.deploy([...rest, ...kept, ...removed], 'nodes');
    for (const line of linesOf(await served(), 'removed')) assert.match(line, / 0$/);
    await press(2);
    await prometheus.scraped(JOB);
    assert.deepEqual(await confirmed('removed'), [1]);
  });
});
