/** An event loop that is held for 3 s, longer than every deadline: what had arrived counts, and no verdict is wrong. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { SimulatorOptions } from '../../src/simulator/device-simulator';
import type { Verdict } from '../../src/verdict';
import { deviceAt } from '../support/devices';

const HELD_MS = 3000;
const LANES = 50;
const LIMITS = { reply: 'framed', connectTimeoutMs: 400, ioTimeoutMs: 500, maxAttempts: 1 };

describe('an event loop that is held for 3 s', function () {
  this.timeout(60_000);
  const children = new Set<ReturnType<typeof fork>>();
  afterEach(() => {
    for (const child of children) child.disconnect();
    children.clear();
  });

  /** A device in a process of its own, which answers while this one stands still. */
  async function simulator(options: Partial<SimulatorOptions>): Promise<number> {
    const args = [JSON.stringify({ port: 0, reply: 'framed', ...options })];
    const child = fork(require.resolve('../support/simulator-process'), args);
    children.add(child);
    const [port] = (await once(child, 'message')) as [number];
    return port;
  }

  function hold(): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS);
  }

  const summary = (verdicts: readonly Verdict[]) => [
    ...new Set(verdicts.map(({ outcome, reason, attempts }) => `${outcome}/${reason} ${attempts}`)),
  ];

  for (const connection of ['per-toggle', 'persistent']) {
    /** Toggles of many lanes; resolves with the verdicts. The loop is held once the last packet has been sent. */
    async function toggles(port: number, holds: 'before' | 'after'): Promise<Verdict[]> {
      const scene = deviceAt(port, { ...LIMITS, connection });
      const ask = () =>
        Promise.all(
          Array.from({ length: LANES }, (_, index) => scene.device.toggle({ deviceId: `lamp-${index}`, state: true })),
        );
      const asked = ask();
      if (holds === 'after') {
        const sent = () => scene.packets.filter(({ direction }) => direction === 'send').length;
        while (sent() < LANES) await new Promise((resolve) => setImmediate(resolve));
      } else {
        // The connections are being made.
        await new Promise((resolve) => setImmediate(resolve));
      }
      hold();
      return asked;
    }

    it(`${connection}: replies that arrived meanwhile count, also after the deadline`, async () => {
      const port = await simulator({ mode: 'delay', delayMs: 100 });
      assert.deepEqual(summary(await toggles(port, 'after')), ['confirmed/undefined 1']);
    });

    it(`${connection}: connections that were made meanwhile count`, async () => {
      const port = await simulator({ mode: 'success' });
      assert.deepEqual(summary(await toggles(port, 'before')), ['confirmed/undefined 1']);
    });

    it(`${connection}: refusals that arrived meanwhile count`, async () => {
      const port = await simulator({ mode: 'nack' });
      assert.deepEqual(summary(await toggles(port, 'after')), ['rejected/rejected 1']);
    });

    it(`${connection}: a device that stayed silent is unknown, and the next toggle is not affected`, async () => {
      const port = await simulator({ mode: 'timeout' });
      assert.deepEqual(summary(await toggles(port, 'after')), ['unknown/timeout 1']);
      const { device } = deviceAt(await simulator({ mode: 'success' }), { ...LIMITS, connection });
      hold();
      assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    });
  }
});
