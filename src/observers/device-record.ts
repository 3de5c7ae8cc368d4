/** What is recorded of the device ids with one label: plain numbers, which a scrape reads. */
import type { ConnectionState } from '../observer';
import type { CircuitState } from '../outcomes';
import type { Distribution } from './distribution';

/** Counts by the value of a further label, such as an outcome; one that is absent has not been counted yet. */
export type Counts = Record<string, number>;

/** What is absent has no series. */
export class DeviceRecord {
  sent: Counts | undefined;
  received: Counts | undefined;
  retransmitted: Counts | undefined;
  decodeErrors: Counts | undefined;
  toggles: Counts | undefined;
  abandoned: Counts | undefined;
  undelivered: number | undefined;
  latency: Distribution | undefined;
  duration: Distribution | undefined;
  queueDepth: number | undefined;
  connectionState: ConnectionState | undefined;
  circuitState: CircuitState | undefined;
  isOn: boolean | undefined;
  lastConfirmedS: number | undefined;
}

export function count(counts: Counts, label: string): void {
  counts[label] = (counts[label] ?? 0) + 1;
}
