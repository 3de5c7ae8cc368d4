/**
 * The metrics of all devices, inventories, groups and workers of a process: who owns which series, and what a scrape gets.
 * Metric names are defined in device-metrics.ts, plant-metrics.ts and worker-metrics.ts alone.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { Observer } from '../observer';
import type { WorkerObserver } from '../worker-observer';
import { DeviceIds } from './device-ids';
import { DeviceMetrics } from './device-metrics';
import { expositionFrom, preferredFormat, type Exposition, type Format } from './exposition';
import { metricTexts } from './read-metric';
import { PlantMetrics, type GroupOutcome, type ReadOutcome } from './plant-metrics';
import { singleFlight } from './single-flight';
import { workerMetrics } from './worker-metrics';

export interface MetricsOptions {
  /** Milliseconds since 1970, for metrics that are timestamps; `Date.now` by default. */
  readonly unixTimeMs?: () => number;
}

/** Options of a scrape. */
export interface Scrape {
  /** Its `Accept` header. */
  readonly accept?: string | undefined;
  /** Whether to include the metrics of the Node.js process. */
  readonly processMetrics?: boolean;
}

/** The metrics of any number of devices, on their own registry: the global one throws when a module is loaded twice. */
export class Metrics {
  private readonly registry = new Registry();
  private processRegistry: Registry | undefined;
  private readonly ids = new DeviceIds();
  private readonly readings = new Map<string, () => Promise<Exposition>>();
  private readonly plant = new PlantMetrics(this.registry);
  private readonly devices: DeviceMetrics;

  constructor({ unixTimeMs = Date.now }: MetricsOptions = {}) {
    this.devices = new DeviceMetrics(this.registry, unixTimeMs);
  }

  /** All metrics in the Prometheus text format, version 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /**
   * All metrics in the format that `accept` prefers: OpenMetrics 1.0.0, or the Prometheus text format 0.0.4.
   * Concurrent scrapes share one reading.
   */
  exposition({ accept, processMetrics = false }: Scrape = {}): Promise<Exposition> {
    const format = preferredFormat(accept);
    const key = `${format} ${processMetrics}`;
    const reading = this.readings.get(key) ?? singleFlight(() => this.read(format, processMetrics));
    this.readings.set(key, reading);
    return reading();
  }

  /**
   * Records what one owner's devices do: `ownDeviceId` and up to 1000 ids in all under their names, further ones
   * together as `(other)`, without gauges. If an owner registers again with another id, the old series are removed.
   */
  observer(ownerId: string, ownDeviceId?: string): Observer {
    const { labelOf, gone } = this.ids.register(ownerId, ownDeviceId);
    this.devices.remove(gone);
    if (ownDeviceId && labelOf(ownDeviceId)) this.devices.begin(ownDeviceId);
    return this.devices.observer(labelOf);
  }

  /**
   * Records what the devices of an inventory do: each of `deviceIds` under its name, whatever their number, and what no
   * row has together as `(other)`. Called again after a reload, it removes the series of the ids that are gone; every
   * observer of this owner goes by the latest ids.
   */
  inventoryObserver(ownerId: string, deviceIds: Iterable<string>): Observer {
    const { labelOf, gone } = this.ids.registerRows(ownerId, deviceIds);
    this.devices.remove(gone);
    return this.devices.observer(labelOf);
  }

  /** Counts a reading of an inventory, after which it has `rows`; a faulty one leaves them as they were. */
  inventoryRead(ownerId: string, outcome: ReadOutcome, rows: number): void {
    this.plant.inventoryRead(ownerId, outcome, rows);
  }

  /** Counts the verdicts of a group, from 0. */
  groupStarted(ownerId: string): void {
    this.plant.groupStarted(ownerId);
  }

  /** Counts a verdict on a group. */
  groupVerdict(ownerId: string, outcome: GroupOutcome, elapsedMs: number): void {
    this.plant.groupVerdict(ownerId, outcome, elapsedMs);
  }

  /** Counts a verdict on a group that a node could not hand on. */
  groupUndelivered(ownerId: string): void {
    this.plant.groupUndelivered(ownerId);
  }

  /** Records what the worker of a fleet does; `partitions` are the queues that it may consume. Once for each registry. */
  workerObserver(partitions: readonly string[]): WorkerObserver {
    return workerMetrics(this.registry, partitions);
  }

  /** Removes the series of an owner, except for ids that another owner uses. */
  forget(ownerId: string): void {
    this.devices.remove(this.ids.unregister(ownerId));
    this.plant.forget(ownerId);
  }

  private async read(format: Format, processMetrics: boolean): Promise<Exposition> {
    const texts: string[] = [];
    for (const registry of processMetrics ? [this.registry, this.ofProcess()] : [this.registry]) {
      for (const { name } of registry.getMetricsAsArray()) texts.push(await textOf(registry, name));
    }
    return expositionFrom(texts, format);
  }

  /** Created on first use. */
  private ofProcess(): Registry {
    if (!this.processRegistry) {
      this.processRegistry = new Registry();
      collectDefaultMetrics({ register: this.processRegistry });
    }
    return this.processRegistry;
  }
}

/**
 * Reads some lines at a time, and leaves as much time as they took to others: a toggle takes several turns of the event
 * loop, and would wait for some lines in each of them.
 */
async function textOf(registry: Registry, name: string): Promise<string> {
  let all = '';
  let startedAt = performance.now();
  for await (const text of metricTexts(registry, name)) {
    all += text;
    const tookMs = performance.now() - startedAt;
    // A timer takes at least a millisecond.
    await (tookMs < 1 ? setImmediate() : setTimeout(tookMs));
    startedAt = performance.now();
  }
  return all;
}
