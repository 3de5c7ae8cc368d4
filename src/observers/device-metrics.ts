/** Prometheus metrics of devices, each with the label `device_id`. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { ConnectionState, Observer } from '../observer';
import { CIRCUIT_STATES, VERDICT_OUTCOMES } from '../outcomes';
import { confirmedState } from '../verdict';
import { OTHER_IDS, type LabelOf } from './device-ids';
import { LazyGauge, stateSeries } from './lazy-gauge';
import { DURATION_BUCKETS, toFiniteNonNegative } from './values';

const CONNECTION_STATES: readonly ConnectionState[] = ['disconnected', 'connecting', 'connected', 'reconnecting'];

/** Names, labels and buckets are those of the protocol, section 8. */
export class DeviceMetrics {
  private readonly sent = this.counter('packet_sent_total', 'Packets sent, or tried to be sent', 'outcome');
  private readonly received = this.counter('packet_recv_total', 'Replies received or missed', 'outcome');
  private readonly retransmitted = this.counter('packet_retransmit_total', 'Attempts after a failed one', 'reason');
  private readonly decodeErrors = this.counter('decode_errors_total', 'Replies that are not valid packets', 'reason');
  private readonly toggles = this.counter('toggles_total', 'Verdicts', 'outcome');
  private readonly abandoned = this.counter('message_abandoned_total', 'Toggles that were not confirmed', 'reason');
  private readonly undelivered = this.counter('verdicts_undelivered_total', 'Verdicts that a node could not hand on');
  private readonly latency = this.histogram(
    'packet_latency_seconds',
    'From send to reply of the confirming attempt',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  );
  private readonly duration = this.histogram('toggle_duration_seconds', 'From asked to verdict', DURATION_BUCKETS);
  private readonly queueDepth = new LazyGauge<number>(
    'tcp_comm_queue_depth',
    'Toggles that wait in the lane',
    [],
    (depth) => [[{}, toFiniteNonNegative(depth)]],
    this.registry,
  );
  private readonly connectionStates = new LazyGauge(
    'tcp_comm_connection_state',
    'The connection: 1 for the current state',
    ['state'],
    stateSeries(CONNECTION_STATES),
    this.registry,
  );
  private readonly circuitStates = new LazyGauge(
    'tcp_comm_circuit_state',
    'The circuit breaker: 1 for the current state',
    ['state'],
    stateSeries(CIRCUIT_STATES),
    this.registry,
  );
  private readonly deviceOn = new LazyGauge<boolean>(
    'tcp_comm_device_on',
    'The last confirmed state: 1 is on, 0 is off; absent while unknown',
    [],
    (isOn) => [[{}, isOn ? 1 : 0]],
    this.registry,
  );
  private readonly lastConfirmed = new LazyGauge<number>(
    'tcp_comm_last_confirmed_timestamp_seconds',
    'When the device last confirmed a toggle, in seconds since 1970',
    [],
    (unixTimeMs) => [[{}, toFiniteNonNegative(unixTimeMs) / 1000]],
    this.registry,
  );
  private readonly gauges: readonly Pick<LazyGauge<unknown>, 'forget'>[] = [
    this.queueDepth,
    this.connectionStates,
    this.circuitStates,
    this.deviceOn,
    this.lastConfirmed,
  ];

  /** `unixTimeMs`: milliseconds since 1970, for metrics that are timestamps. */
  constructor(
    private readonly registry: Registry,
    private readonly unixTimeMs: () => number,
  ) {}

  /** Prometheus sees no increase in a counter that begins at 1. */
  begin(deviceId: string): void {
    for (const outcome of VERDICT_OUTCOMES) this.toggles.inc({ device_id: deviceId, outcome }, 0);
  }

  /** Records what devices do, under the labels that `labelOf` gives them. */
  observer(labelOf: LabelOf): Observer {
    /** Skips `(other)`: a gauge of many devices together has no meaning. */
    const set = <T>(gauge: LazyGauge<T>, deviceId: string, value: T): void => {
      const label = labelOf(deviceId);
      if (label !== undefined && label !== OTHER_IDS) gauge.set(label, value);
    };
    return {
      packet: ({ deviceId, direction, outcome }) => {
        const device_id = labelOf(deviceId);
        if (device_id !== undefined) (direction === 'send' ? this.sent : this.received).inc({ device_id, outcome });
      },
      attemptEnded: ({ deviceId, outcome: reason, willRetry }) => {
        const device_id = willRetry ? labelOf(deviceId) : undefined;
        if (device_id !== undefined) this.retransmitted.inc({ device_id, reason });
      },
      decodeError: ({ deviceId, reason }) => {
        const device_id = labelOf(deviceId);
        if (device_id !== undefined) this.decodeErrors.inc({ device_id, reason });
      },
      verdict: (verdict) => {
        const { deviceId, outcome, reason, latencyMs, elapsedMs } = verdict;
        const device_id = labelOf(deviceId);
        if (device_id === undefined) return;
        this.toggles.inc({ device_id, outcome });
        if (reason !== undefined) this.abandoned.inc({ device_id, reason });
        if (latencyMs !== undefined) this.latency.observe({ device_id }, toFiniteNonNegative(latencyMs) / 1000);
        this.duration.observe({ device_id }, toFiniteNonNegative(elapsedMs) / 1000);
        const state = confirmedState(verdict);
        if (state === undefined) return;
        // Another owner may have switched the same device, so this can be a change although the owner sees none.
        set(this.deviceOn, deviceId, state);
        set(this.lastConfirmed, deviceId, this.unixTimeMs());
      },
      verdictUndelivered: ({ deviceId }) => {
        const device_id = labelOf(deviceId);
        if (device_id !== undefined) this.undelivered.inc({ device_id });
      },
      queueDepth: (deviceId, depth) => set(this.queueDepth, deviceId, depth),
      connectionState: (deviceId, state) => set(this.connectionStates, deviceId, state),
      circuitState: (deviceId, state) => set(this.circuitStates, deviceId, state),
      confirmedState: (deviceId, state) => set(this.deviceOn, deviceId, state),
    };
  }

  /** Removes the series of these ids. */
  remove(deviceIds: ReadonlySet<string>): void {
    if (deviceIds.size === 0) return;
    for (const gauge of this.gauges) gauge.forget(deviceIds);
    for (const metric of this.registry.getMetricsAsArray() as unknown as Series[]) removeSeries(metric, deviceIds);
  }

  private counter(name: string, help: string, ...labels: readonly string[]): Counter {
    return new Counter({
      name: `tcp_comm_${name}`,
      help,
      labelNames: ['device_id', ...labels],
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
}

/** The part of a prom-client metric that removing series needs. */
interface Series {
  readonly hashMap: Readonly<Record<string, { readonly labels: Readonly<Record<string, string | number>> }>>;
  remove(labels: Readonly<Record<string, string | number>>): void;
}

function removeSeries(metric: Series, ids: ReadonlySet<string>): void {
  for (const { labels } of Object.values(metric.hashMap)) {
    if (ids.has(String(labels.device_id))) metric.remove(labels);
  }
}
