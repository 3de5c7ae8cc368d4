/**
 * A process of its own that records far more than a trace may keep: toggles of many devices, with replies of 64 KiB and
 * errors of any length. Sends how many bytes the recorder has added to the heap and to what is beside it.
 */
import type { Verdict } from '../../src/verdict';
import { TraceRecorder } from '../../src/trace/recorder';
import type { TraceOwner } from '../../src/trace/trace-owner';

const DEVICES = 5000;
const ROUNDS = 12;
const [maxBytes = 0] = process.argv.slice(2).map(Number);

const address = { host: '10.0.0.5', port: 9000, tls: false };
const deviceIds = Array.from({ length: DEVICES }, (_, index) => `hall-lamp-${index}`);
const owner: TraceOwner = {
  nodeId: 'inventory',
  nodeType: 'phase0-inventory',
  deviceIds,
  isComplete: true,
  settingsOf: () => ({ address, reply: 'framed' }),
};

function used(): number {
  for (let count = 0; count < 3; count += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const packet = Buffer.alloc(100, 0x20);
const reply = Buffer.alloc(65_543, 0x20);

function record(recorder: TraceRecorder, round: number): void {
  const observer = recorder.observer(owner);
  for (const [index, deviceId] of deviceIds.entries()) {
    const msgId = `m-${round}-${index}`;
    const common = { deviceId, msgId, attempt: 1 };
    observer.asked?.({ deviceId, msgId, requester: 'node', requestId: `message-${index}` });
    // Every hundredth never ends.
    observer.attemptStarted?.({ ...common, state: true, maxAttempts: 1 });
    observer.connectionState?.(deviceId, 'connected');
    observer.packet?.({ ...common, direction: 'send', outcome: 'success', elapsedMs: 1, bytes: packet });
    observer.bytesReceived?.(deviceId, msgId, 1, reply);
    observer.packet?.({ ...common, direction: 'recv', outcome: 'error', elapsedMs: 1, bytes: reply });
    if (index % 100 === 0) continue;
    const error = `${round} ${index} ${'x'.repeat(500)}`;
    const verdict: Verdict = {
      deviceId,
      msgId,
      outcome: 'failed',
      reason: 'bad_reply',
      attempts: 1,
      elapsedMs: 5,
      error,
    };
    observer.verdict?.(verdict);
  }
}

// Code and shapes are compiled before the measurement.
record(new TraceRecorder({ maxBytes }), 0);
const before = used();
const recorder = new TraceRecorder({ maxBytes });
for (let round = 0; round < ROUNDS; round += 1) record(recorder, round);
const bytes = used() - before;
process.send?.({ bytes, devices: [...recorder.timelines({})].length, hidden: recorder.devices().hidden });
process.disconnect();
