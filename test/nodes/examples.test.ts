/** The example flows in a real Node-RED: they start together without an error, and each confirms a toggle. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../support/certificates';
import {
  exampleFlow,
  exampleFlows,
  freePortsFor,
  inventoryFileOn,
  needsDashboard,
  needsFleet,
  onPorts,
  rowsOn,
} from '../support/example-flows';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';

const DASHBOARD = '@flowfuse/node-red-dashboard';

describe('examples', function () {
  this.timeout(120_000);
  const examples = exampleFlows();
  const alone = examples.filter(({ nodes }) => !needsDashboard(nodes) && !needsFleet(nodes));
  const dashboard = exampleFlow('dashboard');
  const certificates = mkdtempSync(join(tmpdir(), 'phase0-certificates-'));
  const paths = { PHASE0_TLS_CERT: join(certificates, 'lamp.pem'), PHASE0_TLS_KEY: join(certificates, 'lamp-key.pem') };
  let inventoryFile = '';
  let nodeRed: NodeRed;
  let withDashboard: NodeRed;

  before(async () => {
    const { cert, key } = await selfSigned({ names: ['127.0.0.1'] });
    writeFileSync(paths.PHASE0_TLS_CERT, cert);
    writeFileSync(paths.PHASE0_TLS_KEY, key);
    const onFreePorts = async (nodes: readonly FlowNode[]) => {
      const ports = await freePortsFor(nodes);
      // As after the first start, which finds no file yet.
      const rows = nodes.find(({ type }) => type === 'template');
      inventoryFile = inventoryFileOn(ports);
      if (rows) writeFileSync(inventoryFile, rowsOn(readFileSync('examples/building.csv', 'utf8'), ports));
      return onPorts(nodes, ports);
    };
    withDashboard = await startNodeRed({ flows: await onFreePorts(dashboard.nodes), modules: [DASHBOARD] });
    nodeRed = await startNodeRed({ flows: await onFreePorts(alone.flatMap(({ nodes }) => nodes)), env: paths });
  });
  after(async () => {
    await nodeRed?.stop();
    await withDashboard?.stop();
    rmSync(certificates, { recursive: true });
    rmSync(inventoryFile, { force: true });
  });

  it('there are at least five in the package, each with a comment that explains what to do', () => {
    assert.ok(alone.length >= 5);
    for (const { file, nodes } of examples)
      assert.ok(
        nodes.some(({ type, info }) => type === 'comment' && info),
        file,
      );
  });

  /** Of the canvas in a window of 1280 × 720, with palette and sidebar open; a debug node's button is 25 wide. */
  const [WIDTH, HEIGHT] = [760, 609];

  it('fit a window of 1280 × 720, with each node in a group that has a caption', () => {
    for (const { file, nodes } of examples) {
      for (const { id, type, name, g, x, y, w, h, z } of nodes) {
        const what = `${file}: ${type} ${String(name)}`;
        if (type === 'group') {
          assert.match(String(name), /^[A-Z0-9]\w+ /, what);
          assert.ok(Number(x) >= 0 && Number(x) + Number(w) <= WIDTH, what);
          assert.ok(Number(y) >= 0 && Number(y) + Number(h) <= HEIGHT, what);
        } else if (z !== undefined && x !== undefined && type !== 'comment') {
          const group = nodes.find((each) => each.id === g) as { nodes?: readonly string[] } | undefined;
          assert.ok(group?.nodes?.includes(id), what);
        }
      }
    }
  });

  it('imported all together they share no id and no port, and start without an error', () => {
    const all = examples.flatMap(({ nodes }) => nodes);
    const simulators = all.filter(({ type, port }) => type === 'phase0-simulator' && port !== '0');
    for (const values of [all.map(({ id }) => id), simulators.map(({ port }) => port)]) {
      assert.equal(new Set(values).size, values.length);
    }
    for (const each of [nodeRed, withDashboard]) {
      assert.doesNotMatch(each.log(), /\[(error|warn)\] \[(phase0|ui-)|EADDRINUSE/);
    }
  });

  it('only the dashboard needs another palette, and only the fleet a broker; their names and notes say so', () => {
    const fleet = examples.find(({ nodes }) => needsFleet(nodes));
    assert.match(fleet?.file ?? '', /needs-rabbitmq-and-workers/);
    assert.match(String(fleet?.nodes.find(({ type }) => type === 'comment')?.name), /RabbitMQ and workers/);
    assert.equal(alone.length, examples.length - 2);
    const note = dashboard.nodes.find(({ type }) => type === 'comment');
    assert.ok(String(note?.info).includes(DASHBOARD));
  });

  for (const { file, nodes } of examples.filter((each) => !needsFleet(each.nodes))) {
    it(`${file} confirms a toggle`, async () => {
      const runs = needsDashboard(nodes) ? withDashboard : nodeRed;
      const toggle = nodes.find(({ type }) => type === 'phase0-toggle' || type === 'phase0-group');
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

  /** Presses a button of an example by its name. */
  const press = (part: string, button: string) => nodeRed.inject(named(part, 'inject', button));
  /** What its debug node has shown since the last clear(). */
  const shown = (part: string, debug: string) =>
    nodeRed.messages.filter(({ id }) => id === named(part, 'debug', debug));
  const next = async (part: string, debug: string) => {
    const id = named(part, 'debug', debug);
    return (await nodeRed.waitForDebug((message) => message.id === id)).value;
  };

  it('03 needs a second attempt at the first press, raises the alert at the second, and succeeds at the third', async () => {
    // The simulated valve begins its sequence anew.
    await nodeRed.setConfig(named('03', 'phase0-simulator', 'flaky valve'), { delayMs: '501' });
    nodeRed.clear();
    await press('03', 'open');
    assert.equal(await next('03', 'valve is open'), true);
    assert.equal(shown('03', 'attempt').length, 2);
    nodeRed.clear();
    await press('03', 'shut');
    assert.match(String(await next('03', 'alert')), /^ALERT: valve-1: .*3 attempts/);
    assert.equal(shown('03', 'attempt').length, 3);
    assert.equal(((await next('03', 'caught')) as { code: string }).code, 'connection_closed');
    nodeRed.clear();
    await press('03', 'shut');
    assert.equal(await next('03', 'valve is open'), false);
    assert.equal(shown('03', 'attempt').length, 1);
  });

  it('05 switches each lamp by its first and its last command, and counts 54 commands as superseded', async () => {
    nodeRed.clear();
    await press('05', 'burst');
    assert.deepEqual(await next('05', 'total'), { superseded: 54, confirmed: 6 });
    const last = shown('05', 'lamp is on').map(({ topic, value }) => [topic, value] as const);
    assert.deepEqual(Object.fromEntries(last), { 'lamp-1': false, 'lamp-2': true, 'lamp-3': false });
  });

  it('05 switches all three lamps by one message, and shows the verdict on the group', async () => {
    nodeRed.clear();
    await press('05', 'all off');
    const { outcome, confirmed } = (await next('05', 'group')) as { outcome: string; confirmed: number };
    assert.deepEqual([outcome, confirmed], ['all', 3]);
  });

  it('06 opens the circuit breaker of each lamp during the restart, and closes it again', async () => {
    nodeRed.clear();
    await press('06', 'restart');
    await nodeRed.waitForDebug(() => shown('06', 'total').length === 10, 60_000);
    const totals = shown('06', 'total').map(({ value }) => value as Record<string, number>);
    const words = totals.map((total) => Object.keys(total).join());
    assert.deepEqual(totals[0], { connection_failed: 24 });
    assert.ok(
      totals.some((total) => (total.circuit_open ?? 0) === 24),
      words.join(' | '),
    );
    assert.deepEqual(totals.at(-1), { confirmed: 24 });
    assert.ok(words.indexOf('connection_failed') < words.indexOf('circuit_open'), words.join(' | '));
  });

  it('09 writes the CSV that comes with it', () => {
    const rows = exampleFlow('09').nodes.find(({ type }) => type === 'template')?.template;
    const [table = ''] = String(rows).split('{{#more}}');
    assert.equal(table, readFileSync('examples/building.csv', 'utf8'));
    assert.equal(table.trim().split('\n').length, 61);
  });

  it('09 switches 60 lamps by scenes and by a tag, names the dead one, and reads the table again', async () => {
    const building = named('09', 'phase0-simulator', 'simulated building');
    const group = named('09', 'phase0-group', 'lamps');
    const switched = async (button: string, output: 'all' | 'not all') => {
      nodeRed.clear();
      await press('09', button);
      const { total, confirmed } = (await next('09', output)) as { total: number; confirmed: number };
      return `${confirmed} of ${total}`;
    };
    assert.equal(await switched('evening', 'all'), '60 of 60');
    await press('09', 'lamp-207 dies');
    assert.equal(await switched('away', 'not all'), '59 of 60');
    await nodeRed.waitForStatus(group, ({ text }) => text === '59 of 60 · lamp-207: port refused');
    await press('09', 'lamp-207 is back');
    assert.equal(await switched('hall on', 'all'), '18 of 18');
    await press('09', 'one lamp more');
    await nodeRed.waitForStatus(building, ({ text = '' }) => text.startsWith('success · 61 of 61 addresses'));
    assert.equal(await switched('all on', 'all'), '61 of 61');
    await press('09', '60 lamps');
    await nodeRed.waitForStatus(building, ({ text = '' }) => text.startsWith('success · 60 of 60 addresses'));
  });

  it('07 says which certificates it cannot read, while there are none', async () => {
    const { nodes } = exampleFlow('07');
    const bare = await startNodeRed({ flows: onPorts(nodes, await freePortsFor(nodes)) });
    try {
      await bare.inject(named('07', 'inject', 'flip'));
      const { value } = await bare.waitForDebug(({ id }) => id === named('07', 'debug', 'not confirmed'));
      const { code, message } = value as { code: string; message: string };
      assert.equal(code, 'invalid_settings');
      assert.match(message, /^lamp-7: .*tls: the certificates of "trusted by Node-RED" cannot be read/);
      const simulator = named('07', 'phase0-simulator', 'simulated lamp with TLS');
      const reason = /^tls: the certificates of "certificate of the lamp" cannot be read$/;
      await bare.waitForStatus(simulator, ({ fill, text }) => fill === 'red' && reason.test(text ?? ''));
    } finally {
      await bare.stop();
    }
  });

  it('04-metrics.json serves the metrics through Node-RED', async () => {
    const response = await nodeRed.request('GET', '/phase0/metrics');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await response.text(), /tcp_comm_packet_sent_total\{device_id="pump-1",outcome="success"\} \d/);
  });
});

/** The id of a node of an example. */
function named(part: string, type: string, name: string): string {
  const found = exampleFlow(part).nodes.filter((node) => node.type === type && node.name === name);
  assert.equal(found.length, 1, `${type} ${name} in ${part}`);
  return found[0]?.id ?? '';
}

function greenOnce(nodeRed: NodeRed, id: string): boolean {
  return nodeRed.statuses(id).some(({ fill }) => fill === 'green');
}
