/**
 * A thousand toggles with known results: devices that each fail in one way or not at all, what is asked of them, and
 * the expected value of every counter.
 */
import type { SimulatorOptions } from '../../src/simulator/device-simulator';

/** Counts by metric, then by the value of its label; `latency` and `duration` are the counts of the histograms. */
interface Counts {
  readonly sent?: Readonly<Record<string, number>>;
  readonly recv?: Readonly<Record<string, number>>;
  readonly retransmit?: Readonly<Record<string, number>>;
  readonly decode_errors?: Readonly<Record<string, number>>;
  readonly toggles: Readonly<Record<string, number>>;
  readonly abandoned?: Readonly<Record<string, number>>;
  readonly latency?: number;
  readonly duration: number;
}

interface Case {
  readonly peer: SimulatorOptions | 'refused' | 'forgetful' | 'held';
  /** Of its phase0-device. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly payloads: readonly unknown[];
  readonly counts: Counts;
  /** With a peer that is held: what has come to pass before it answers, as PromQL with its value. */
  readonly until?: readonly [expression: string, value: number];
}

const switches = (count: number) => Array.from({ length: count }, (_, index) => index % 2 === 0);
const abandoned = (device: string, reason: string) =>
  `tcp_comm_message_abandoned_total{device_id="${device}",reason="${reason}"}`;

/** Every device tries twice, and lets a thousand wait, unless its settings say otherwise. */
export const CASES: Readonly<Record<string, Case>> = {
  plain: {
    peer: {},
    payloads: [...switches(300), ...Array.from({ length: 40 }, () => 'perhaps')],
    counts: {
      sent: { success: 300 },
      recv: { success: 300 },
      toggles: { confirmed: 300, dropped: 40 },
      abandoned: { invalid_state: 40 },
      latency: 300,
      duration: 340,
    },
  },
  persistent: {
    peer: { reply: 'framed' },
    settings: { connection: 'persistent' },
    payloads: switches(100),
    counts: {
      sent: { success: 100 },
      recv: { success: 100 },
      toggles: { confirmed: 100 },
      latency: 100,
      duration: 100,
    },
  },
  refusing: {
    peer: { mode: 'nack' },
    payloads: switches(100),
    counts: {
      sent: { success: 100 },
      recv: { success: 100 },
      toggles: { rejected: 100 },
      abandoned: { rejected: 100 },
      duration: 100,
    },
  },
  silent: {
    peer: { mode: 'timeout' },
    settings: { ioTimeoutMs: '50' },
    payloads: switches(50),
    counts: {
      sent: { success: 100 },
      recv: { timeout: 100 },
      retransmit: { timeout: 50 },
      toggles: { unknown: 50 },
      abandoned: { timeout: 50 },
      duration: 50,
    },
  },
  closing: {
    peer: { mode: 'flaky', failureRate: 1 },
    payloads: switches(70),
    counts: {
      sent: { success: 140 },
      recv: { closed: 140 },
      retransmit: { connection_closed: 70 },
      toggles: { unknown: 70 },
      abandoned: { connection_closed: 70 },
      duration: 70,
    },
  },
  off: {
    peer: 'refused',
    payloads: switches(60),
    counts: {
      sent: { error: 120 },
      retransmit: { connection_failed: 60 },
      toggles: { failed: 60 },
      abandoned: { connection_failed: 60 },
      duration: 60,
    },
  },
  garbled: {
    peer: { mode: 'garbage' },
    payloads: switches(50),
    counts: {
      sent: { success: 100 },
      recv: { error: 100 },
      retransmit: { bad_reply: 50 },
      decode_errors: { bad_version: 100 },
      toggles: { unknown: 50 },
      abandoned: { bad_reply: 50 },
      duration: 50,
    },
  },
  forgetful: {
    peer: 'forgetful',
    payloads: switches(100),
    counts: {
      sent: { success: 200 },
      recv: { closed: 100, success: 100 },
      retransmit: { connection_closed: 100 },
      decode_errors: { msg_id_mismatch: 100 },
      toggles: { confirmed: 100 },
      latency: 100,
      duration: 100,
    },
  },
  broken: {
    peer: 'refused',
    settings: { breakerFailures: '3', breakerResetMs: '86400000' },
    payloads: switches(36),
    counts: {
      sent: { error: 6 },
      retransmit: { connection_failed: 3 },
      toggles: { failed: 3, dropped: 33 },
      abandoned: { connection_failed: 3, circuit_open: 33 },
      duration: 36,
    },
  },
  full: {
    peer: 'held',
    settings: { queueLimit: '0' },
    payloads: switches(31),
    until: [abandoned('full', 'queue_full'), 30],
    counts: {
      sent: { success: 1 },
      recv: { success: 1 },
      toggles: { confirmed: 1, dropped: 30 },
      abandoned: { queue_full: 30 },
      latency: 1,
      duration: 31,
    },
  },
  latest: {
    peer: 'held',
    settings: { queueMode: 'latest' },
    payloads: switches(32),
    until: [abandoned('latest', 'superseded'), 30],
    counts: {
      sent: { success: 2 },
      recv: { success: 2 },
      toggles: { confirmed: 2, dropped: 30 },
      abandoned: { superseded: 30 },
      latency: 2,
      duration: 32,
    },
  },
  hurried: {
    peer: 'held',
    settings: { queueTtlMs: '50' },
    payloads: switches(21),
    until: [abandoned('hurried', 'expired'), 20],
    counts: {
      sent: { success: 1 },
      recv: { success: 1 },
      toggles: { confirmed: 1, dropped: 20 },
      abandoned: { expired: 20 },
      latency: 1,
      duration: 21,
    },
  },
  reset: {
    peer: 'held',
    payloads: switches(10),
    until: ['tcp_comm_queue_depth{device_id="reset"}', 9],
    counts: {
      sent: { success: 1 },
      toggles: { unknown: 1, dropped: 9 },
      abandoned: { cancelled: 10 },
      duration: 10,
    },
  },
};

const NAMES: Readonly<Record<keyof Counts, readonly [metric: string, label?: string]>> = {
  sent: ['tcp_comm_packet_sent_total', 'outcome'],
  recv: ['tcp_comm_packet_recv_total', 'outcome'],
  retransmit: ['tcp_comm_packet_retransmit_total', 'reason'],
  decode_errors: ['tcp_comm_decode_errors_total', 'reason'],
  toggles: ['tcp_comm_toggles_total', 'outcome'],
  abandoned: ['tcp_comm_message_abandoned_total', 'reason'],
  latency: ['tcp_comm_packet_latency_seconds_count'],
  duration: ['tcp_comm_toggle_duration_seconds_count'],
};

/** What every counter must say: one line for each series. */
export function expectedCounts(): Record<string, number> {
  const lines = Object.entries(CASES).flatMap(([device, { counts }]) =>
    Object.entries(counts).flatMap(([key, count]: [string, number | Readonly<Record<string, number>>]) => {
      const [metric, label = ''] = NAMES[key as keyof Counts];
      if (typeof count === 'number') return [[seriesName(metric, device), count] as const];
      return Object.entries(count).map(([value, each]) => [seriesName(metric, device, label, value), each] as const);
    }),
  );
  return Object.fromEntries(lines);
}

export function seriesName(metric: string, device: string, label = '', value = ''): string {
  return label ? `${metric}{${device}, ${label}="${value}"}` : `${metric}{${device}}`;
}
