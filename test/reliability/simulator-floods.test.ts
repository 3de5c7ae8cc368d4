/** Floods of the simulated device: its memory is bounded, and it goes on answering others. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { measureLateness, measurePieces } from '../support/honest-client';
import { processorWaitMs } from '../support/processor-wait';

const MAX_MEMORY_BYTES = 200 * 1024 * 1024;
const MAX_LATENESS_MS = 100;

/** Of so many requests; the garbage collector has threads that wait for a processor of a busy machine, too. */
const SHARE = 0.95;

const FLOODS = [
  { kind: 'large frames', options: {} },
  { kind: 'large objects', options: {} },
  { kind: 'long device ids', options: {} },
  { kind: 'long message ids', options: {} },
  { kind: 'a client that never reads', options: {} },
  { kind: 'many requests', options: { mode: 'delay', delayMs: 8000 } },
  { kind: 'many requests', options: { mode: 'drip', delayMs: 10 } },
] as const;

describe('flood of the simulated device', function () {
  this.timeout(60_000);
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  for (const { kind, options } of FLOODS) {
    const { mode, delayMs } = { mode: 'success', delayMs: 0, ...options };
    it(`${kind} in mode ${mode}: at most 200 MB, and another client is answered within 100 ms`, async () => {
      const simulatorOptions = JSON.stringify({ port: 0, reply: 'framed', ...options });
      const execArgv = ['--max-old-space-size=512'];
      const simulator = fork(require.resolve('../support/simulator-process'), [simulatorOptions], { execArgv });
      children.push(simulator);
      const [port] = (await once(simulator, 'message')) as [number];
      const flood = fork(require.resolve('../support/flood'), [String(port), kind]);
      children.push(flood);
      const ended = once(flood, 'exit');
      const measure = mode === 'drip' ? measurePieces : measureLateness;
      const pids = [process.pid, simulator.pid ?? 0];
      const lateness = await measure({ port, delayMs, waitedMs: () => processorWaitMs(pids) }, ended);
      assert.deepEqual(await ended, [0, null]);
      simulator.send('memory');
      const [memory] = (await once(simulator, 'message')) as [number];
      assert.ok(memory <= MAX_MEMORY_BYTES, `${memory} bytes`);
      const latest = lateness[Math.floor(lateness.length * SHARE)] ?? Infinity;
      assert.ok(latest <= MAX_LATENESS_MS, `${latest} ms late`);
    });
  }
});
