/** The limit of the packet trace, measured: what a process takes more with it than without. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { TRACE_LOADS, type TraceMemoryReport } from '../support/trace-loads';

const MIB = 1024 * 1024;

describe('the memory of the trace', function () {
  this.timeout(120_000);

  for (const name of Object.keys(TRACE_LOADS)) {
    it(`stays within 4 MiB: ${name}`, async () => {
      const { bytes } = await reportOf(name, 4 * MIB);
      const shown = `${(bytes / MIB).toFixed(2)} MiB`;
      assert.ok(bytes <= 4 * MIB, shown);
      // It is used as well: what is measured is there.
      assert.ok(bytes >= 2 * MIB, shown);
    });
  }

  it('has a place for 5,000 devices, and for toggles, with replies of 64 KiB', async () => {
    for (const maxBytes of [4 * MIB, 16 * MIB]) {
      const { bytes, hidden, toggles } = await reportOf('replies of 64 KiB, some without an end', maxBytes);
      assert.ok(bytes <= maxBytes, `${(bytes / MIB).toFixed(2)} MiB`);
      assert.equal(hidden, 0);
      assert.ok(toggles > 10, `${toggles} toggles are left`);
    }
  });
});

async function reportOf(name: string, maxBytes: number): Promise<TraceMemoryReport> {
  const child = fork(require.resolve('../support/trace-memory-process'), [name, String(maxBytes)], {
    execArgv: ['--expose-gc'],
  });
  const exit = once(child, 'exit');
  const message = await Promise.race([once(child, 'message'), exit.then(() => undefined)]);
  assert.ok(message, 'the process ended without a report');
  await exit;
  return message[0] as TraceMemoryReport;
}
