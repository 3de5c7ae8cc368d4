/**
 * CPU cost of observing toggles: the events of a typical toggle without an observer, with the metrics, with the trace
 * and with the packet log; and a whole toggle over a socket, watched and not.
 */
import { Device } from '../../src/device/device';
import { composeObservers, type ComposedObserver } from '../../src/composed-observer';
import { Metrics } from '../../src/observers/metrics';
import { packetLog } from '../../src/observers/packet-log';
import type { Observer } from '../../src/observer';
import { encodeToggle } from '../../src/protocol/toggle';
import { TraceRecorder } from '../../src/trace/recorder';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { parseSettings } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';

const TOGGLES = 200_000;
const SOCKET_TOGGLES = 3000;
const ROUNDS = 5;
const DEVICES = 200;

const msgId = '8f14e45fceea167a';
const bytes = encodeToggle({ deviceId: 'DEVICE123', msgId, state: true });
const reply = Buffer.from('ACK');
/** Records 200 devices, as an inventory has them. */
function traceObserver(): Observer {
  const address = { host: '127.0.0.1', port: 9000, tls: false };
  const settingsOf = () => ({ address, reply: 'auto' as const });
  const owner = { nodeId: 'n', nodeType: 'phase0-inventory' as const, deviceIds: ids, isComplete: true, settingsOf };
  return new TraceRecorder().observer(owner);
}

const ids = Array.from({ length: DEVICES }, (_, index) => `device-${index}`);

/**
 * All events of a toggle that had to wait and is confirmed at its first attempt. In literals, which cost next to
 * nothing: an object spread takes longer than all that is measured here.
 */
function reportToggle(observer: ComposedObserver, deviceId: string): void {
  observer.asked?.({ deviceId, msgId, requester: 'b000000000000040', requestId: '8f14e45fceea167b' });
  observer.queueDepth(deviceId, 1);
  observer.queueDepth(deviceId, 0);
  observer.attemptStarted({ deviceId, msgId, state: true, attempt: 1, maxAttempts: 2 });
  observer.connectionState(deviceId, 'connecting');
  observer.connectionState(deviceId, 'connected');
  observer.packet({ direction: 'send', outcome: 'success', deviceId, msgId, attempt: 1, elapsedMs: 0.4, bytes });
  observer.bytesReceived?.(deviceId, msgId, 1, reply);
  observer.packet({
    direction: 'recv',
    outcome: 'success',
    deviceId,
    msgId,
    attempt: 1,
    elapsedMs: 0.6,
    bytes: reply,
  });
  observer.connectionState(deviceId, 'disconnected');
  observer.attemptEnded({
    deviceId,
    msgId,
    state: true,
    attempt: 1,
    maxAttempts: 2,
    outcome: 'success',
    willRetry: false,
    retryInMs: 0,
    elapsedMs: 1,
  });
  observer.verdict({
    outcome: 'confirmed',
    deviceId,
    msgId,
    state: true,
    attempts: 1,
    latencyMs: 0.6,
    elapsedMs: 1.2,
  });
}

/** CPU of this process for one of `count` toggles, in µs. */
async function cpuMicroseconds(count: number, run: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const ofEvents = (observers: readonly Observer[]) => {
  const observer = composeObservers(observers, (error) => console.error(error));
  return () =>
    cpuMicroseconds(TOGGLES, () => {
      for (let count = 0; count < TOGGLES; count += 1) reportToggle(observer, ids[count % DEVICES] ?? '');
    });
};

/** Each variant's best round, by turns, so that what else the machine does falls on all. */
async function bestOf<Name extends string>(
  variants: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(variants) as Name[];
  const best = Object.fromEntries(names.map((name) => [name, Infinity])) as Record<Name, number>;
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of names) best[name] = Math.min(best[name], await variants[name]());
  return best;
}

function show(figures: Readonly<Record<string, number>>): void {
  for (const [what, microseconds] of Object.entries(figures))
    console.log(`      ${what}: ${microseconds.toFixed(2)} µs`);
}

describe('recording: CPU for each toggle', function () {
  this.timeout(300_000);
  // Keeps what was built from being thought of no use.
  let written = 0;
  const write = (line: string) => {
    written += line.length;
  };

  it(`the events of a toggle alone, ${TOGGLES} times, the best of ${ROUNDS} rounds`, async () => {
    const figures = await bestOf({
      'no observer': ofEvents([]),
      metrics: ofEvents([new Metrics().observer('bench')]),
      trace: ofEvents([traceObserver()]),
      'packet log': ofEvents([packetLog(write)]),
    });
    show(figures);
    // Events without an observer cost no more than calls: nothing is built for a packet log that is off.
    const recording = figures['metrics'] - figures['no observer'];
    const line = (figures['packet log'] - figures['no observer']) / 2;
    const trace = figures['trace'] - figures['no observer'];
    show({
      'recording, of one toggle (goal: 5 µs)': recording,
      'trace, of one toggle (goal: 3 µs)': trace,
      'one line of the packet log': line,
    });
  });

  it(`a whole toggle on a persistent connection, ${SOCKET_TOGGLES} times, the best of ${ROUNDS} rounds`, async () => {
    const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
    const { host, port } = await simulator.start();
    const parsed = parseSettings(deviceFields, { deviceId: 'lamp', host, port, connection: 'persistent' });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    const { settings } = parsed;
    const devices = Object.entries({
      'no observer': [],
      'with the metrics, as in Node-RED': [new Metrics().observer('bench')],
      'with the metrics and the trace': [new Metrics().observer('bench'), traceObserver()],
      'with the metrics and the packet log': [new Metrics().observer('bench'), packetLog(write)],
    }).map(([what, observers]) => [what, new Device(settings, { observers })] as const);
    const variants = devices.map(([what, device]) => {
      const run = async () => {
        for (let count = 0; count < SOCKET_TOGGLES; count += 1) await device.toggle({ state: count % 2 === 0 });
      };
      return [what, () => cpuMicroseconds(SOCKET_TOGGLES, run)] as const;
    });
    show(await bestOf(Object.fromEntries(variants)));
    for (const [, device] of devices) device.close();
    await simulator.close();
  });
});
