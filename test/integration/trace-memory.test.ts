/** The limit of the packet trace, measured: what a process takes more with 5,000 devices and replies of 64 KiB. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';

const MIB = 1024 * 1024;

describe('the memory of the trace', function () {
  this.timeout(120_000);

  for (const maxBytes of [4 * MIB, 16 * MIB]) {
    it(`stays within ${maxBytes / MIB} MiB with 5,000 devices and replies of 64 KiB`, async () => {
      const child = fork(require.resolve('../support/trace-memory-process'), [String(maxBytes)], {
        execArgv: ['--expose-gc'],
      });
      const exit = once(child, 'exit');
      const message = await Promise.race([once(child, 'message'), exit.then(() => undefined)]);
      assert.ok(message, 'the process ended without a report');
      const [report] = message as [{ bytes: number; devices: number; hidden: number }];
      await exit;
      assert.equal(report.hidden, 0);
      assert.ok(report.devices > 10, `${report.devices} toggles are left`);
      assert.ok(report.bytes <= maxBytes, `${(report.bytes / MIB).toFixed(2)} MiB`);
    });
  }
});
