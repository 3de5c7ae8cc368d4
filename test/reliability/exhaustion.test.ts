/** No file handle or no local port is left: every toggle has its verdict, which says so, and then all works again. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ExhaustionReport } from '../support/exhaustion-scene';
import { brokenPromises } from '../support/order-oracle';
import { RecordingDevice, type RecordedCommand } from '../support/recording-device';
import { requires } from '../support/requirements';

const SCENE = require.resolve('../support/exhaustion-scene');
const CONNECTIONS = ['per-toggle', 'persistent'];

async function play(program: string, args: readonly string[]): Promise<ExhaustionReport> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000, killSignal: 'SIGKILL' });
  return JSON.parse(stdout) as ExhaustionReport;
}

function judge(report: ExhaustionReport, record: readonly RecordedCommand[], code: RegExp): void {
  const { without, scarce, after } = report;
  const asked = [...without, ...scarce, ...after].map((verdict) => {
    const { deviceId, msgId, state = false } = verdict;
    return { deviceId, msgId, state, verdicts: [{ verdict, sequence: Infinity }] };
  });
  assert.deepEqual(brokenPromises(asked, record), []);
  assert.ok(record.length > 0);
  for (const { outcome, reason, error, attempts } of without) {
    assert.equal(`${outcome}/${reason} ${attempts}`, 'failed/connection_failed 2');
    assert.match(error ?? '', code);
  }
  // Who got a connection is confirmed, and who got none says why.
  const others = scarce.filter(({ outcome }) => outcome !== 'confirmed');
  assert.ok(others.length < scarce.length, 'none was confirmed');
  for (const { outcome, error } of others)
    assert.match(`${outcome} ${error}`, new RegExp(`^failed .*(${code.source})`));
  assert.deepEqual([...new Set(after.map(({ outcome }) => outcome))], ['confirmed']);
}

describe('file handles used up', function () {
  this.timeout(90_000);
  for (const connection of CONNECTIONS) {
    it(`${connection}: every verdict is true and says so, and it recovers`, async () => {
      const command = 'ulimit -n 128 && exec "$0" "$@"';
      let count = 0;
      const peer = await RecordingDevice.start({ nextNumber: () => (count += 1) });
      try {
        const scene = [process.execPath, SCENE, 'handles', connection, String(peer.port)];
        judge(await play('sh', ['-c', command, ...scene]), peer.record, /EMFILE/);
      } finally {
        await peer.close();
      }
    });
  }
});

describe('local ports used up', function () {
  this.timeout(90_000);
  const { unshare, options, ip } = requires('netns');
  for (const connection of CONNECTIONS) {
    it(`${connection}: every verdict is true and says so, and it recovers`, async () => {
      const scene = [process.execPath, SCENE, 'ports', connection, ip];
      const report = await play(unshare, [...options, ...scene]);
      judge(report, report.record, /EADDRNOTAVAIL/);
    });
  }
});
