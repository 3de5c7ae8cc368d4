/** The example flows in a real Node-RED: they start together without an error, and each confirms a toggle. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../support/certificates';
import { exampleFlow, exampleFlows, freePortsFor, needsDashboard, onPorts } from '../support/example-flows';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';

const DASHBOARD = '@flowfuse/node-red-dashboard';

describe('examples', function () {
  this.timeout(120_000);
  const examples = exampleFlows();
  const alone = examples.filter(({ nodes }) => !needsDashboard(nodes));
  const dashboard = exampleFlow('dashboard');
  const certificates = mkdtempSync(join(tmpdir(), 'phase0-certificates-'));
  const paths = { PHASE0_TLS_CERT: join(certificates, 'lamp.pem'), PHASE0_TLS_KEY: join(certificates, 'lamp-key.pem') };
  let nodeRed: NodeRed;
  let withDashboard: NodeRed;

  before(async () => {
    const { cert, key } = await selfSigned({ names: ['127.0.0.1'] });
    writeFileSync(paths.PHASE0_TLS_CERT, cert);
    writeFileSync(paths.PHASE0_TLS_KEY, key);
    const onFreePorts = async (nodes: readonly FlowNode[]) => onPorts(nodes, await freePortsFor(nodes));
    nodeRed = await startNodeRed({ flows: await onFreePorts(alone.flatMap(({ nodes }) => nodes)), env: paths });
    withDashboard = await startNodeRed({ flows: await onFreePorts(dashboard.nodes), modules: [DASHBOARD] });
  });
  after(async () => {
    await nodeRed?.stop();
    await withDashboard?.stop();
    rmSync(certificates, { recursive: true });
  });

  it('there are at least five in the package, each with a comment that explains what to do', () => {
    assert.ok(alone.length >= 5);
    for (const { file, nodes } of examples)
      assert.ok(
        nodes.some(({ type, info }) => type === 'comment' && info),
        file,
      );
  });

  it('imported all together they share no id and no port, and start without an error', () => {
    const all = examples.flatMap(({ nodes }) => nodes);
    const simulators = all.filter(({ type }) => type === 'phase0-simulator');
    for (const values of [all.map(({ id }) => id), simulators.map(({ port }) => port)]) {
      assert.equal(new Set(values).size, values.length);
    }
    for (const each of [nodeRed, withDashboard]) {
      assert.doesNotMatch(each.log(), /\[(error|warn)\] \[(phase0|ui-)|EADDRINUSE/);
    }
  });

  it('only the dashboard needs another palette, and its note says so', () => {
    assert.equal(alone.length, examples.length - 1);
    const note = dashboard.nodes.find(({ type }) => type === 'comment');
    assert.ok(String(note?.info).includes(DASHBOARD));
  });

  for (const { file, nodes } of examples) {
    it(`${file} confirms a toggle`, async () => {
      const runs = needsDashboard(nodes) ? withDashboard : nodeRed;
      const toggle = nodes.find(({ type }) => type === 'phase0-toggle');
      assert.ok(toggle);
      // Flaky devices may need a few presses; each press is answered before the next one.
      for (let press = 0; press < 20 && !greenOnce(runs, toggle.id); press += 1) {
        const { length } = runs.statuses(toggle.id);
        const button = nodes.find(({ type, name }) => type === 'inject' && name !== 'read');
        assert.ok(button);
        await runs.inject(button.id);
        await runs.waitForStatus(
          toggle.id,
          ({ fill }) => runs.statuses(toggle.id).length > length && (fill === 'green' || fill === 'red'),
        );
      }
      assert.ok(greenOnce(runs, toggle.id));
    });
  }

  it('04-metrics.json serves the metrics through Node-RED', async () => {
    const response = await nodeRed.request('GET', '/phase0/metrics');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await response.text(), /tcp_comm_packet_sent_total\{device_id="pump-1",outcome="success"\} \d/);
  });
});

function greenOnce(nodeRed: NodeRed, id: string): boolean {
  return nodeRed.statuses(id).some(({ fill }) => fill === 'green');
}
