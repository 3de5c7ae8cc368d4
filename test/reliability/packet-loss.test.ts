/** A network that loses one packet in five: nearly everything is confirmed, and nothing is wrong. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LossReport } from '../support/packet-loss-scene';
import { requires } from '../support/requirements';

describe('20 % packet loss', function () {
  this.timeout(180_000);
  const { unshare, options, ip, nft } = requires('netns');

  it('with 5 attempts at least 99 % are confirmed, and every verdict is true', async () => {
    const scene = [process.execPath, require.resolve('../support/packet-loss-scene'), ip, nft, '20'];
    const bounds = { timeout: 150_000, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(unshare, [...options, ...scene], bounds);
    const reports = JSON.parse(stdout) as Record<string, LossReport>;
    for (const [connection, { toggles, confirmed, retried, broken }] of Object.entries(reports)) {
      console.log(`      ${connection}: ${confirmed} of ${toggles} confirmed, ${retried} after more than one attempt`);
      assert.deepEqual(broken, []);
      assert.ok(confirmed >= 0.99 * toggles, `${connection}: ${confirmed} of ${toggles}`);
    }
    // The rule was in force: without loss no toggle needs a second attempt.
    assert.ok(Object.values(reports).some(({ retried }) => retried > 0));
    assert.equal(Object.keys(reports).length, 2);
  });
});
