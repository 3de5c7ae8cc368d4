/** Gauge that stores the latest value and updates its series only when scraped, for values that change often. */
import { Gauge, type Registry } from 'prom-client';

/** Values of one device: the value of each series by its additional label. */
type Series<T> = (value: T) => Iterable<readonly [label: Readonly<Record<string, string>>, value: number]>;

export class LazyGauge<T> {
  private readonly latest = new Map<string, T>();

  constructor(name: string, help: string, labelNames: readonly string[], series: Series<T>, registry: Registry) {
    const { latest } = this;
    // The registry owns the gauge and calls collect on each scrape.
    void new Gauge({
      name,
      help,
      labelNames: ['device_id', ...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const [device_id, value] of latest) {
          for (const [label, number] of series(value)) this.set({ device_id, ...label }, number);
        }
      },
    });
  }

  set(deviceId: string, value: T): void {
    this.latest.set(deviceId, value);
  }

  forget(deviceIds: ReadonlySet<string>): void {
    for (const id of deviceIds) this.latest.delete(id);
  }
}

/** A series for each state; the current one is 1. */
export function stateSeries<State extends string>(states: readonly State[]): Series<State> {
  return (current) => states.map((state) => [{ state }, state === current ? 1 : 0] as const);
}
