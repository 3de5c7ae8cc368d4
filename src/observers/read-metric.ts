/** Metrics whose values are kept elsewhere, and read when a scraper asks: to record one is to change a number. */
import type { Metric, Registry } from 'prom-client';

/** One line of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
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
