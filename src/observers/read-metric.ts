/** Metrics whose values are kept elsewhere, and read when a scraper asks: to record one is to change a number. */
import { Registry, type Metric } from 'prom-client';
import type { Labels } from './labels';

/** One line of a metric. */
export interface Sample {
  readonly labels: Labels;
  /** Further ones, written after those; an object that stays is written once and remembered. */
  readonly sharedLabels?: Labels;
  readonly value: number;
  /** Where the name is not that of the metric. */
  readonly metricName?: string;
}

export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly read: () => Iterable<Sample>;
}

/**
 * prom-client would look up, sort and join the labels at each count. To write a metric, it asks for no more than what is
 * given here.
 */
export function registerMetric(registry: Registry, { read, ...described }: ReadMetric): void {
  const metric = { ...described, get: () => Promise.resolve({ ...described, values: read() }) };
  registry.registerMetric(metric as unknown as Metric);
}

/** Lines that are written at once, a fraction of a millisecond of work: a toggle waits for some in each turn that it takes. */
const LINES = 50;
/** What prom-client writes before the lines of a metric: its help and its type. */
const HEAD = /^#.*\n#.*\n?/;

/** A metric as text, part by part: the parts follow each other without anything in between. */
export async function* metricTexts(registry: Registry, name: string): AsyncGenerator<string> {
  const metric = registry.getSingleMetric(name);
  if (!metric) return;
  const { help, type, values } = (await metric.get()) as unknown as Described;
  let isFirst = true;
  for (const lines of parts(values)) {
    const text = await partText({ name, help, type, read: () => lines });
    yield isFirst ? text : text.replace(HEAD, '\n');
    isFirst = false;
  }
}

interface Described extends Omit<ReadMetric, 'read'> {
  readonly values: Iterable<Sample>;
}

function partText(part: ReadMetric): Promise<string> {
  const registry = new Registry();
  registerMetric(registry, part);
  return registry.getSingleMetricAsString(part.name);
}

/** At least one, which may be empty: a metric has a type also without any line. */
function* parts(values: Iterable<Sample>): Generator<readonly Sample[]> {
  let part: Sample[] = [];
  let isFirst = true;
  for (const value of values) {
    part.push(value);
    if (part.length < LINES) continue;
    yield part;
    part = [];
    isFirst = false;
  }
  if (isFirst || part.length > 0) yield part;
}
