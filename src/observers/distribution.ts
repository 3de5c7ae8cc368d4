/** Values counted by size, for a histogram. */
import { NO_LABELS, oneLabel } from './labels';
import type { Sample } from './read-metric';

export class Distribution {
  /** By bound, and last those above all bounds. */
  private readonly counts: number[];
  private sum = 0;

  /** `bounds`: the highest value of each bucket, in ascending order. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = [...bounds.map(() => 0), 0];
  }

  add(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (value > (bounds[bucket] ?? Infinity)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }

  /** The lines of a histogram with this name: each bucket counts what is in the smaller ones as well. */
  samples(name: string): Sample[] {
    let count = 0;
    const buckets = this.counts.map((inBucket, index): Sample => {
      count += inBucket;
      return { labels: oneLabel('le', this.bounds[index] ?? '+Inf'), value: count, metricName: `${name}_bucket` };
    });
    const sum = { labels: NO_LABELS, value: this.sum, metricName: `${name}_sum` };
    return [...buckets, sum, { labels: NO_LABELS, value: count, metricName: `${name}_count` }];
  }
}
