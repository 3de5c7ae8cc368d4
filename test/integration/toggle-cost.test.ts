/**
 * What a toggle costs, in figures that repeat: bytes allocated, promises and timers, calls to the operating system. A change
 * that costs a tenth more fails here; one that costs a tenth less does as well, so that the figures below stay true.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { useSimulator } from '../support/fixtures';
import type { CostReport, Kind } from '../support/toggle-cost-process';

/** Counts are the same in each run, bytes differ by some percent. */
const TOLERANCE = 0.1;

type Expected = Readonly<Record<Kind, number>>;

/** Per toggle, in code that is not optimized: an optimizing compiler leaves out a part of it, when it finds the time. */
const BYTES: Readonly<Record<string, Expected>> = {
  '20': { 'per-toggle': 26_900, persistent: 16_500, 'persistent with metrics': 17_200 },
  '24': { 'per-toggle': 24_100, persistent: 14_700, 'persistent with metrics': 15_300 },
};
/** Promises, timers, immediates and ticks. */
const ASYNC_RESOURCES: Expected = { 'per-toggle': 28, persistent: 10, 'persistent with metrics': 10 };
/** Per toggle: connect, start of reading, write, shutdown, close; on an open connection only the write. */
const HANDLE_CALLS: Expected = { 'per-toggle': 5, persistent: 1, 'persistent with metrics': 1 };
/** 64 toggles of one turn of the event loop: the first one alone, then as many together as fill a packet of the network. */
const WRITES_IN_BURST = 5 / 64;

const OPTIONS = [
  '--expose-gc',
  // Room for all that is allocated, so that nothing is collected in between.
  '--min-semi-space-size=128',
  '--max-semi-space-size=128',
  // Compilers work beside the program, so that what they did by when differs from run to run.
  '--no-opt',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
];

function assertNear(actual: number, expected: number, what: string): void {
  const shown = (figure: number) => Number(figure.toPrecision(4));
  const difference = `${what}: ${shown(actual)} instead of ${shown(expected)}`;
  assert.ok(actual <= expected * (1 + TOLERANCE), `${difference}; find out why, or state why in the commit`);
  assert.ok(actual >= expected * (1 - TOLERANCE), `${difference}; lower the figure in this test`);
}

describe('the cost of a toggle', function () {
  this.timeout(120_000);
  const simulator = useSimulator({ reply: 'framed' });
  const [version = ''] = process.versions.node.split('.');

  it('is what it was, in bytes, promises and timers, and system calls', async () => {
    const child = fork(require.resolve('../support/toggle-cost-process'), [String(simulator().port)], {
      execArgv: OPTIONS,
    });
    const exit = once(child, 'exit');
    const message = await Promise.race([once(child, 'message'), exit.then(() => undefined)]);
    assert.ok(message, 'the process ended without a report');
    const [{ costs, writesInBurst }] = message as [CostReport];
    child.disconnect();
    await exit;
    for (const [kind, cost] of Object.entries(costs) as [Kind, CostReport['costs'][Kind]][]) {
      assertNear(cost.asyncResources, ASYNC_RESOURCES[kind], `${kind}: promises and timers`);
      assertNear(cost.handleCalls, HANDLE_CALLS[kind], `${kind}: system calls`);
      const bytes = BYTES[version]?.[kind];
      // What objects take depends on the version of V8.
      if (bytes !== undefined) assertNear(cost.bytes, bytes, `${kind}: bytes on Node.js ${version}`);
    }
    assertNear(writesInBurst, WRITES_IN_BURST, 'writes for each of 64 toggles');
  });
});
