/** Prometheus metrics of devices, each with the label `device_id`. */
import type { Registry } from 'prom-client';
import type { ConnectionState, Observer } from '../observer';
import { CIRCUIT_STATES, VERDICT_OUTCOMES } from '../outcomes';
import type { LabelOf } from './device-ids';
import { DeviceObserver } from './device-observer';
import { DeviceRecord, type Counts } from './device-record';
import { NO_LABELS, oneLabel } from './labels';
import { registerMetric, type ReadMetric, type Sample } from './read-metric';

const CONNECTION_STATES: readonly ConnectionState[] = ['disconnected', 'connecting', 'connected', 'reconnecting'];

interface DeviceMetric extends Omit<ReadMetric, 'read'> {
  /** The lines of one device, to which the label `device_id` is added. */
  readonly read: (record: DeviceRecord, name: string) => Sample[];
}

/** Names, labels and buckets are those of the protocol, section 8. */
const METRICS: readonly DeviceMetric[] = [
  {
    name: 'packet_sent_total',
    help: 'Packets sent, or tried to be sent',
    type: 'counter',
    read: ({ sent }) => by('outcome', sent),
  },
  {
    name: 'packet_recv_total',
    help: 'Replies received or missed',
    type: 'counter',
    read: ({ received }) => by('outcome', received),
  },
  {
    name: 'packet_retransmit_total',
    help: 'Attempts after a failed one',
    type: 'counter',
    read: ({ retransmitted }) => by('reason', retransmitted),
  },
  {
    name: 'decode_errors_total',
    help: 'Replies that are not valid packets',
    type: 'counter',
    read: ({ decodeErrors }) => by('reason', decodeErrors),
  },
  {
    name: 'toggles_total',
    help: 'Verdicts',
    type: 'counter',
    read: ({ toggles }) => by('outcome', toggles),
  },
  {
    name: 'message_abandoned_total',
    help: 'Toggles that were not confirmed',
    type: 'counter',
    read: ({ abandoned }) => by('reason', abandoned),
  },
  {
    name: 'verdicts_undelivered_total',
    help: 'Verdicts that a node could not hand on',
    type: 'counter',
    read: ({ undelivered }) => single(undelivered),
  },
  {
    name: 'packet_latency_seconds',
    help: 'From send to reply of the confirming attempt',
    type: 'histogram',
    read: ({ latency }, name) => latency?.samples(name) ?? [],
  },
  {
    name: 'toggle_duration_seconds',
    help: 'From asked to verdict',
    type: 'histogram',
    read: ({ duration }, name) => duration?.samples(name) ?? [],
  },
  {
    name: 'queue_depth',
    help: 'Toggles that wait in the lane',
    type: 'gauge',
    read: ({ queueDepth }) => single(queueDepth),
  },
  {
    name: 'connection_state',
    help: 'The connection: 1 for the current state',
    type: 'gauge',
    read: ({ connectionState }) => oneOf(CONNECTION_STATES, connectionState),
  },
  {
    name: 'circuit_state',
    help: 'The circuit breaker: 1 for the current state',
    type: 'gauge',
    read: ({ circuitState }) => oneOf(CIRCUIT_STATES, circuitState),
  },
  {
    name: 'device_on',
    help: 'The last confirmed state: 1 is on, 0 is off; absent while unknown',
    type: 'gauge',
    read: ({ isOn }) => single(isOn === undefined ? undefined : Number(isOn)),
  },
  {
    name: 'last_confirmed_timestamp_seconds',
    help: 'When the device last confirmed a toggle, in seconds since 1970',
    type: 'gauge',
    read: ({ lastConfirmedS }) => single(lastConfirmedS),
  },
];

export class DeviceMetrics {
  /** By label. */
  private readonly records = new Map<string, DeviceRecord>();

  /** `unixTimeMs`: milliseconds since 1970, for metrics that are timestamps. */
  constructor(
    registry: Registry,
    private readonly unixTimeMs: () => number,
  ) {
    for (const { name, help, type, read } of METRICS) {
      const fullName = `tcp_comm_${name}`;
      registerMetric(registry, { name: fullName, help, type, read: () => this.read(fullName, read) });
    }
  }

  /** One for all observers. */
  private readonly recordWith = (label: string): DeviceRecord => this.recordOf(label);

  /** Prometheus sees no increase in a counter that begins at 1. */
  begin(deviceId: string): void {
    const toggles = (this.recordOf(deviceId).toggles ??= {});
    for (const outcome of VERDICT_OUTCOMES) toggles[outcome] ??= 0;
  }

  /** Records what devices do, under the labels that `labelOf` gives them. */
  observer(labelOf: LabelOf): Observer {
    return new DeviceObserver(labelOf, this.recordWith, this.unixTimeMs);
  }

  /** Removes the series of these ids. */
  remove(deviceIds: ReadonlySet<string>): void {
    for (const id of deviceIds) this.records.delete(id);
  }

  private recordOf(label: string): DeviceRecord {
    const known = this.records.get(label);
    if (known) return known;
    const record = new DeviceRecord();
    this.records.set(label, record);
    return record;
  }

  private *read(name: string, read: DeviceMetric['read']): Generator<Sample> {
    for (const [device_id, record] of this.records) {
      const ofDevice = { device_id };
      for (const { labels, value, metricName = name } of read(record, name)) {
        yield { labels: ofDevice, sharedLabels: labels, value, metricName };
      }
    }
  }
}

/** A line for each value of the label that has been counted. */
function by(name: string, counts: Counts = {}): Sample[] {
  return Object.entries(counts).map(([each, value]) => ({ labels: oneLabel(name, each), value }));
}

function single(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels: NO_LABELS, value }];
}

/** A line for each state; the current one is 1. */
function oneOf<State extends string>(states: readonly State[], current: State | undefined): Sample[] {
  if (current === undefined) return [];
  return states.map((state) => ({ labels: oneLabel('state', state), value: state === current ? 1 : 0 }));
}
