/**
 * A process of its own: the metrics endpoint, with every series that a device can have, for as many devices as its
 * argument says, and each of them switched by turns, 200 toggles a second in all, on the port of a second argument.
 */
import { Device } from '../../src/device/device';
import type { AttemptFailure, CircuitState, DecodeReason, VerdictOutcome, VerdictReason } from '../../src/outcomes';
import { parseSettings } from '../../src/settings/field';
import { Metrics } from '../../src/observers/metrics';
import { serveMetrics } from '../../src/observers/metrics-server';
import type { ConnectionState, Observer, PacketEvent } from '../../src/observer';
import { deviceFields } from '../../src/settings/device';

const TOGGLE_EVERY_MS = 5;

/** All words of a type: the compiler finds the one that is missing. */
function words<T extends string>(all: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(all) as T[];
}

const FAILURES = words<AttemptFailure>({
  connection_failed: true,
  send_failed: true,
  timeout: true,
  connection_closed: true,
  bad_reply: true,
  rejected: true,
  cancelled: true,
});
const OUTCOMES = words<VerdictOutcome>({ confirmed: true, rejected: true, unknown: true, failed: true, dropped: true });
const REASONS = words<VerdictReason>({
  connection_failed: true,
  send_failed: true,
  timeout: true,
  connection_closed: true,
  bad_reply: true,
  rejected: true,
  cancelled: true,
  closed: true,
  superseded: true,
  expired: true,
  queue_full: true,
  circuit_open: true,
  invalid_state: true,
  invalid_settings: true,
  unknown_device: true,
  device_removed: true,
  invalid_command: true,
  broker_unreachable: true,
  broker_refused: true,
  dead_lettered: true,
});
const DECODE_REASONS = words<DecodeReason>({
  bad_magic: true,
  bad_version: true,
  too_large: true,
  bad_json: true,
  bad_message: true,
  truncated: true,
  msg_id_mismatch: true,
  unsolicited: true,
});
const PACKETS: readonly (readonly [PacketEvent['direction'], PacketEvent['outcome']])[] = [
  ['send', 'success'],
  ['send', 'error'],
  ['recv', 'success'],
  ['recv', 'timeout'],
  ['recv', 'closed'],
  ['recv', 'error'],
];
const CONNECTION: ConnectionState = 'connected';
const CIRCUIT: CircuitState = 'closed';

/** Everything that can happen to a device, once each. */
function happen(observer: Observer, deviceId: string): void {
  const attempt = { deviceId, msgId: '8f14e45fceea167a', state: true, attempt: 1, maxAttempts: 2 };
  for (const [direction, outcome] of PACKETS) {
    observer.packet?.({ ...attempt, direction, outcome, elapsedMs: 1 });
  }
  for (const outcome of FAILURES) {
    observer.attemptEnded?.({ ...attempt, outcome, willRetry: true, retryInMs: 1, elapsedMs: 1 });
  }
  for (const reason of DECODE_REASONS) observer.decodeError?.({ deviceId, reason });
  for (const outcome of OUTCOMES) observer.verdict?.({ ...attempt, outcome, attempts: 1, latencyMs: 7, elapsedMs: 9 });
  for (const reason of REASONS) {
    observer.verdict?.({ ...attempt, outcome: 'failed', reason, attempts: 1, elapsedMs: 9 });
  }
  observer.queueDepth?.(deviceId, 3);
  observer.connectionState?.(deviceId, CONNECTION);
  observer.circuitState?.(deviceId, CIRCUIT);
  observer.confirmedState?.(deviceId, true, false);
}

/** Messages of the process: its port once it listens, and in reply to any message the results of its toggles since the last one. */
export type Report =
  { readonly port: number | undefined } | { readonly elapsedMs: readonly number[]; readonly others: number };

const ids = Array.from({ length: Number(process.argv[2]) }, (_, index) => `device-${index}`);
const simulatorPort = Number(process.argv[3]);
const metrics = new Metrics();
const observer = metrics.observer('bench');
for (const id of ids) happen(observer, id);

const devices = ids.map((deviceId) => {
  const parsed = parseSettings(deviceFields, { deviceId, host: '127.0.0.1', port: simulatorPort });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return new Device(parsed.settings, { observers: [observer] });
});
let elapsedMs: number[] = [];
let others = 0;
let turn = 0;
setInterval(() => {
  turn += 1;
  void devices[turn % devices.length]?.toggle({ state: turn % 2 === 0 }).then((verdict) => {
    if (verdict.outcome === 'confirmed') elapsedMs.push(verdict.elapsedMs);
    else others += 1;
  });
}, TOGGLE_EVERY_MS);

const send = (report: Report) => process.send?.(report);
const server = serveMetrics({
  host: '127.0.0.1',
  port: 0,
  path: '/metrics',
  exposition: (accept) => metrics.exposition({ accept }),
  onState: ({ kind }) => {
    if (kind === 'listening') send({ port: server.address?.port });
  },
});
process.on('message', () => {
  send({ elapsedMs, others });
  [elapsedMs, others] = [[], 0];
});
// The parent process has ended.
process.on('disconnect', () => process.exit());
