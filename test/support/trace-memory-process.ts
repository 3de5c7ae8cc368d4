/**
 * A process of its own that records far more than a trace may keep, under a load that its arguments name. Sends how many
 * bytes the recorder has added to the heap and to what is beside it.
 */
import { setTimeout } from 'node:timers/promises';
import type { Observer } from '../../src/observer';
import type { Verdict } from '../../src/verdict';
import { TraceRecorder } from '../../src/trace/recorder';
import type { TraceOwner } from '../../src/trace/trace-owner';
import { TRACE_LOADS, type TraceLoad, type TraceMemoryReport } from './trace-loads';

const address = { host: '10.0.0.5', port: 9000, tls: false };
const packet = Buffer.alloc(100, 0x20);

function observerOf(recorder: TraceRecorder, { deviceIds, areRows }: TraceLoad): Observer {
  const owner: TraceOwner = {
    nodeId: 'inventory',
    nodeType: areRows ? 'phase0-inventory' : 'phase0-fleet',
    deviceIds: areRows ? deviceIds : [],
    isComplete: areRows,
    settingsOf: () => ({ address, reply: 'framed' }),
  };
  return recorder.observer(owner);
}

function record(recorder: TraceRecorder, load: TraceLoad, round: number): void {
  const observer = observerOf(recorder, load);
  for (const [index, deviceId] of load.deviceIds.entries()) {
    const msgId = `${round}-${index}`.padStart(16, '0');
    const common = { deviceId, msgId, attempt: 1 };
    const reply = Buffer.alloc(load.replyBytes, 0x20);
    observer.asked?.({ deviceId, msgId, requester: 'b000000000000040', requestId: `message-${msgId}` });
    observer.attemptStarted?.({ ...common, state: true, maxAttempts: 1 });
    observer.connectionState?.(deviceId, 'connected');
    observer.packet?.({ ...common, direction: 'send', outcome: 'success', elapsedMs: 1, bytes: packet });
    observer.bytesReceived?.(deviceId, msgId, 1, reply);
    observer.packet?.({ ...common, direction: 'recv', outcome: 'success', elapsedMs: 1, bytes: reply });
    if (index % load.endless === 0) continue;
    observer.confirmedState?.(deviceId, true, false);
    observer.verdict?.(verdictOf(load, deviceId, msgId));
  }
}

function verdictOf({ errorLength }: TraceLoad, deviceId: string, msgId: string): Verdict {
  const common = { deviceId, msgId, attempts: 1, elapsedMs: 5 };
  if (errorLength === 0) return { ...common, outcome: 'confirmed', state: true, latencyMs: 4 };
  const error = `${msgId} ${'x'.repeat(errorLength)}`;
  return { ...common, outcome: 'failed', reason: 'bad_reply', cause: 'reply_not_understood', error };
}

/** After a turn: what the last calls held on the stack is free then. */
async function used(): Promise<number> {
  await setTimeout(10);
  for (let count = 0; count < 3; count += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(load: TraceLoad, maxBytes: number): Promise<TraceMemoryReport> {
  // Code and shapes are compiled before the measurement.
  record(new TraceRecorder({ maxBytes }), load, 0);
  const before = await used();
  const recorder = new TraceRecorder({ maxBytes });
  for (let round = 0; round < load.rounds; round += 1) record(recorder, load, round);
  const bytes = (await used()) - before;
  return { bytes, toggles: [...recorder.timelines({})].length, hidden: recorder.devices().hidden };
}

const [name = '', maxBytes] = process.argv.slice(2);
const load = TRACE_LOADS[name];
if (!load) throw new Error(`there is no load ${name}`);
void measure(load, Number(maxBytes)).then((report) => {
  process.send?.(report);
  process.disconnect();
});
