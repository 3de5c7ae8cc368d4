/** Fifty scrapers at once, while a real Node-RED switches 200 devices: their answers are whole, and no toggle minds. */
import assert from 'node:assert/strict';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Verdict } from '../../src/verdict';
import { METRICS_PORT } from '../support/fixtures';
import { useMetricsPort } from '../support/metrics-port';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';

const DEVICES = 200;
const SCRAPERS = 50;
const SWITCHES = [true, false, true, false, true];

/** Each payload of a POST goes to every device; the answer is all verdicts. */
function flowFor(port: number): FlowNode[] {
  const z = 'f000000000000001';
  const id = (kind: string, index: number) => `${kind}${String(index).padStart(15, '0')}`;
  const [request, split, change, join, response] = ['1', '2', '3', '4', '5'].map((kind) => id(kind, 0));
  const indexes = Array.from({ length: DEVICES }, (_, index) => index);
  const pair = (index: number): FlowNode[] => [
    {
      id: id('d', index),
      type: 'phase0-device',
      deviceId: `device-${index}`,
      host: '127.0.0.1',
      port: String(port),
      connectTimeoutMs: '30000',
      ioTimeoutMs: '30000',
      breakerFailures: '3',
    },
    {
      id: id('b', index),
      type: 'phase0-toggle',
      z,
      device: id('d', index),
      errors: 'never',
      wires: [[change], [change], []],
    },
  ];
  return [
    { id: z, type: 'tab', label: 'many devices' },
    { id: id('e', 0), type: 'phase0-metrics', z, port: String(METRICS_PORT), wires: [[]] },
    ...[
      { id: request, type: 'http in', url: '/all', method: 'post', wires: [[split]] },
      { id: split, type: 'split', arraySplt: 1, arraySpltType: 'len', wires: [indexes.map((index) => id('b', index))] },
      {
        id: change,
        type: 'change',
        rules: [
          { t: 'set', p: 'payload', pt: 'msg', to: 'phase0', tot: 'msg' },
          { t: 'delete', p: 'parts', pt: 'msg' },
        ],
        wires: [[join]],
      },
      {
        id: join,
        type: 'join',
        mode: 'custom',
        build: 'array',
        property: 'payload',
        propertyType: 'msg',
        count: String(DEVICES * SWITCHES.length),
        wires: [[response]],
      },
      { id: response, type: 'http response', wires: [] },
    ].map((node) => ({ ...node, z }) as FlowNode),
    ...indexes.flatMap((index) => pair(index)),
  ];
}

describe(`${SCRAPERS} scrapers at once, with ${DEVICES} devices`, function () {
  this.timeout(120_000);
  useMetricsPort();
  const simulator = new DeviceSimulator({ port: 0 });
  let nodeRed: NodeRed;

  before(async () => {
    const { port } = await simulator.start();
    nodeRed = await startNodeRed({ flows: flowFor(port), withoutComms: true });
  });
  after(async () => {
    await nodeRed?.stop();
    await simulator.close();
  });

  const switchAll = async () => (await (await nodeRed.request('POST', '/all', SWITCHES)).json()) as Verdict[];
  const outcomes = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ outcome }) => outcome))];

  let slowestMs = 0;
  async function scrape(): Promise<string> {
    const startedAt = performance.now();
    const response = await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`);
    assert.equal(response.status, 200);
    const text = await response.text();
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    return text;
  }
  const scrapeAll = () => Promise.all(Array.from({ length: SCRAPERS }, () => scrape()));

  /** Names and labels, without the values. */
  const seriesOf = (text: string) => text.split('\n').map((line) => line.replace(/ \S+$/, ''));
  const confirmedIn = (text: string) =>
    [...text.matchAll(/^tcp_comm_toggles_total\{[^}]*outcome="confirmed"\} (\d+)$/gm)].map(([, count]) =>
      Number(count),
    );

  it('all see every series while the devices are switched, and every toggle is confirmed', async () => {
    // The series of a device begin with what first happens to it.
    assert.deepEqual(outcomes(await switchAll()), ['confirmed']);
    const first = await scrape();
    const whole = seriesOf(first);
    assert.equal(confirmedIn(first).length, DEVICES);
    slowestMs = 0;

    const switching = { done: false };
    const switched = switchAll().finally(() => (switching.done = true));
    let scrapes = 0;
    while (!switching.done) {
      const texts = await scrapeAll();
      scrapes += texts.length;
      for (const text of texts) assert.deepEqual(seriesOf(text), whole);
    }
    const verdicts = await switched;
    assert.equal(verdicts.length, DEVICES * SWITCHES.length);
    assert.deepEqual(outcomes(verdicts), ['confirmed']);
    console.log(
      `      ${scrapes} scrapes during ${verdicts.length} toggles; the slowest took ${slowestMs.toFixed(0)} ms`,
    );
  });

  it('all see the same, exact counts once the devices are idle', async () => {
    const texts = await scrapeAll();
    assert.equal(new Set(texts).size, 1);
    const expected = Array.from({ length: DEVICES }, () => 2 * SWITCHES.length);
    assert.deepEqual(confirmedIn(texts[0] ?? ''), expected);
  });
});
