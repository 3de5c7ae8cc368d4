/** Owns the Prometheus metrics: the only file that knows prom-client and the metric names. Serves nothing. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CircuitState } from '../errors';
import type { ConnectionState, Observer } from '../packet-event';

const CONNECTION_STATES: readonly ConnectionState[] = ['disconnected', 'connecting', 'connected', 'reconnecting'];
const CIRCUIT_STATES: readonly CircuitState[] = ['closed', 'open', 'half_open'];

/**
 * The metrics of any number of devices, on a registry of their own: the global one throws when a module is loaded
 * twice. Names, labels and buckets are those of the protocol, section 8.
 */
export class Metrics {
  private readonly registry = new Registry();
  private processRegistry: Registry | undefined;
  private readonly owners = new Map<string, Set<string>>();

  private readonly sent = this.counter('packet_sent_total', 'Packets sent, or tried to be sent', 'outcome');
  private readonly received = this.counter('packet_recv_total', 'Replies received or missed', 'outcome');
  private readonly retransmitted = this.counter('packet_retransmit_total', 'Attempts after a failed one', 'reason');
  private readonly decodeErrors = this.counter('decode_errors_total', 'Replies that are no valid packet', 'reason');
  private readonly toggles = this.counter('toggles_total', 'Verdicts', 'outcome');
  private readonly abandoned = this.counter('message_abandoned_total', 'Toggles that were not confirmed', 'reason');
  private readonly latency = this.histogram(
    'packet_latency_seconds',
    'From send to reply of the confirming attempt',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  );
  private readonly duration = this.histogram(
    'toggle_duration_seconds',
    'From asked to verdict',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
  );
  private readonly queueDepth = this.gauge('queue_depth', 'Toggles that wait in the lane');
  private readonly connectionStates = new StateGauge(
    this.gauge('connection_state', 'The connection: 1 for the current state', 'state'),
    CONNECTION_STATES,
  );
  private readonly circuitStates = new StateGauge(
    this.gauge('circuit_state', 'The circuit breaker: 1 for the current state', 'state'),
    CIRCUIT_STATES,
  );

  /** Content type of {@link text}. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics in the Prometheus text format; with those of the Node.js process, if asked. */
  text({ processMetrics = false } = {}): Promise<string> {
    if (!processMetrics) return this.registry.metrics();
    if (!this.processRegistry) {
      this.processRegistry = new Registry();
      collectDefaultMetrics({ register: this.processRegistry });
    }
    return Registry.merge([this.registry, this.processRegistry]).metrics();
  }

  /**
   * Records what one owner's devices do, and remembers their ids as this owner's.
   * Deaf once the owner is forgotten: toggles that end after it must not bring its series back.
   */
  observer(ownerId: string): Observer {
    const ids = this.owners.get(ownerId) ?? new Set<string>();
    this.owners.set(ownerId, ids);
    const remember = (deviceId: string): boolean => this.owners.get(ownerId) === ids && Boolean(ids.add(deviceId));
    return {
      packet: ({ deviceId: device_id, direction, outcome }) => {
        if (!remember(device_id)) return;
        (direction === 'send' ? this.sent : this.received).inc({ device_id, outcome });
      },
      attemptEnded: ({ deviceId: device_id, outcome: reason, willRetry }) => {
        if (willRetry && remember(device_id)) this.retransmitted.inc({ device_id, reason });
      },
      decodeError: ({ deviceId: device_id, reason }) => {
        if (remember(device_id)) this.decodeErrors.inc({ device_id, reason });
      },
      verdict: ({ deviceId: device_id, outcome, reason, latencyMs, elapsedMs }) => {
        if (!remember(device_id)) return;
        this.toggles.inc({ device_id, outcome });
        if (reason !== undefined) this.abandoned.inc({ device_id, reason });
        if (latencyMs !== undefined) this.latency.observe({ device_id }, measurable(latencyMs) / 1000);
        this.duration.observe({ device_id }, measurable(elapsedMs) / 1000);
      },
      queueDepth: (device_id, depth) => {
        if (remember(device_id)) this.queueDepth.set({ device_id }, measurable(depth));
      },
      connectionState: (device_id, state) => {
        if (remember(device_id)) this.connectionStates.change(device_id, state);
      },
      circuitState: (device_id, state) => {
        if (remember(device_id)) this.circuitStates.change(device_id, state);
      },
    };
  }

  /** Removes the series of an owner that is gone, but for ids that another owner uses. */
  forget(ownerId: string): void {
    const ids = this.owners.get(ownerId) ?? new Set();
    this.owners.delete(ownerId);
    for (const others of this.owners.values()) for (const id of others) ids.delete(id);
    for (const states of [this.connectionStates, this.circuitStates]) states.forget(ids);
    for (const metric of this.registry.getMetricsAsArray() as unknown as Series[]) removeSeries(metric, ids);
  }

  private counter(name: string, help: string, label: string): Counter {
    return new Counter({
      name: `tcp_comm_${name}`,
      help,
      labelNames: ['device_id', label],
      registers: [this.registry],
    });
  }

  private histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({
      name: `tcp_comm_${name}`,
      help,
      buckets,
      labelNames: ['device_id'],
      registers: [this.registry],
    });
  }

  private gauge(name: string, help: string, ...labels: string[]): Gauge {
    return new Gauge({
      name: `tcp_comm_${name}`,
      help,
      labelNames: ['device_id', ...labels],
      registers: [this.registry],
    });
  }
}

/** A gauge with one series for each state of a device, of which one is 1. */
class StateGauge<State extends string> {
  private readonly current = new Map<string, State>();

  constructor(
    private readonly gauge: Gauge,
    private readonly states: readonly State[],
  ) {}

  /** All series are there from the first state on; after that, only the two that change are set. */
  change(device_id: string, current: State): void {
    const previous = this.current.get(device_id);
    if (previous === current) return;
    this.current.set(device_id, current);
    for (const state of previous === undefined ? this.states : [previous]) this.gauge.set({ device_id, state }, 0);
    this.gauge.set({ device_id, state: current }, 1);
  }

  forget(deviceIds: ReadonlySet<string>): void {
    for (const id of deviceIds) this.current.delete(id);
  }
}

/** prom-client throws on what is not finite, and no span or count is below 0. */
function measurable(value: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** What is needed of a prom-client metric to take series away from it. */
interface Series {
  readonly hashMap: Readonly<Record<string, { readonly labels: Readonly<Record<string, string | number>> }>>;
  remove(labels: Readonly<Record<string, string | number>>): void;
}

function removeSeries(metric: Series, ids: ReadonlySet<string>): void {
  for (const { labels } of Object.values(metric.hashMap)) {
    if (ids.has(String(labels.device_id))) metric.remove(labels);
  }
}
