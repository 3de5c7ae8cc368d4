/** Metrics as text, in parts that are small enough not to hold up toggles. */
import assert from 'node:assert/strict';
import { Counter, Registry } from 'prom-client';
import { metricTexts, registerMetric } from '../../src/observers/read-metric';

async function textsOf(registry: Registry, name: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of metricTexts(registry, name)) texts.push(text);
  return texts;
}

describe('metric as text', () => {
  for (const [lines, parts] of [
    [0, 1],
    [1, 1],
    [50, 1],
    [51, 2],
    [120, 3],
  ] as const) {
    it(`of ${lines} lines comes in ${parts} parts, which together are the whole`, async () => {
      const registry = new Registry();
      const samples = Array.from({ length: lines }, (_, value) => ({ labels: { id: `a "${value}" \n#` }, value }));
      registerMetric(registry, { name: 'lamps', help: 'Of\n# a plant.', type: 'gauge', read: () => samples });
      const texts = await textsOf(registry, 'lamps');
      assert.equal(texts.length, parts);
      assert.equal(texts.join(''), await registry.getSingleMetricAsString('lamps'));
    });
  }

  it("is that of prom-client's own metrics as well", async () => {
    const registry = new Registry();
    new Counter({ name: 'lamps_total', help: 'Lamps', labelNames: ['id'], registers: [registry] }).inc({ id: 'a' }, 2);
    assert.deepEqual(await textsOf(registry, 'lamps_total'), [await registry.getSingleMetricAsString('lamps_total')]);
  });

  it('of a metric that was removed is nothing', async () => {
    assert.deepEqual(await textsOf(new Registry(), 'lamps'), []);
  });
});
