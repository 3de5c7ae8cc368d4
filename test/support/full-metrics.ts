/**
 * A process of its own: the metrics endpoint, with every series that a device can have, for as many devices as its
 * argument says, and each of them switched by turns, 200 toggles a second in all, on the port of a second argument.
 */
import { Device } from '../../src/device/device';
import {
  ATTEMPT_FAILURES,
  DECODE_REASONS,
  VERDICT_OUTCOMES,
  VERDICT_REASONS,
  type CircuitState,
} from '../../src/outcomes';
import { parseSettings } from '../../src/settings/field';
import { Metrics } from '../../src/observers/metrics';
import { serveMetrics } from '../../src/observers/metrics-server';
import type { ConnectionState, Observer, PacketEvent } from '../../src/observer';
import { deviceFields } from '../../src/settings/device';

const TOGGLE_EVERY_MS = 5;

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
  for (const outcome of ATTEMPT_FAILURES) {
    observer.attemptEnded?.({ ...attempt, outcome, willRetry: true, retryInMs: 1, elapsedMs: 1 });
    observer.attemptStarted?.({ ...attempt, attempt: 2 });
  }
  for (const reason of DECODE_REASONS) observer.decodeError?.({ deviceId, reason });
  for (const outcome of VERDICT_OUTCOMES)
    observer.verdict?.({ ...attempt, outcome, attempts: 1, latencyMs: 7, elapsedMs: 9 });
  for (const reason of VERDICT_REASONS) {
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
