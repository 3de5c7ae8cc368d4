/** Test of a device dialog where no flow runs, in a subflow template, and with a certificate path that is not a regular file. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useSimulator } from '../support/fixtures';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const TAB = 'f000000000000060';
const SUBFLOW = 'f000000000000061';

const FLOWS: FlowNode[] = [
  { id: TAB, type: 'tab', label: 'variables', env: [{ name: 'LAMP_ID', value: 'of-the-tab', type: 'str' }] },
  { id: SUBFLOW, type: 'subflow', name: 'lamp', env: [{ name: 'LAMP_ID', value: 'of-the-template', type: 'str' }] },
  { id: 'a000000000000060', type: 'global-config', env: [{ name: 'HOST', value: '127.0.0.1', type: 'str' }] },
];

for (const generation of [4, 5] as const) {
  for (const safeMode of [false, true]) {
    describe(`the Test of a device dialog in Node-RED ${generation}${safeMode ? ' under --safe' : ''}`, function () {
      this.timeout(60_000);
      if (generation === 5) requires('node24');
      const simulator = useSimulator();
      let nodeRed: NodeRed;
      let folder: string;

      before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'phase0-pem-'));
        nodeRed = await startNodeRed({ flows: FLOWS, generation, settings: { safeMode } });
      });
      after(async () => {
        await nodeRed?.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      const verdictOf = async (z: string, more: object = {}): Promise<Record<string, unknown>> => {
        const settings = { deviceId: '${LAMP_ID}', host: '${HOST}', port: String(simulator().port) };
        const response = await nodeRed.request('POST', '/phase0-device/test', {
          id: 'n1',
          z,
          state: true,
          settings,
          ...more,
        });
        return JSON.parse((await response.text()).trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      };

      it('finds variables of the tab and of all flows', async () => {
        const { outcome, deviceId, error } = await verdictOf(TAB);
        assert.deepEqual([outcome, deviceId], ['confirmed', 'of-the-tab'], String(error));
      });

      it('finds the defaults of a subflow template', async () => {
        const { outcome, deviceId, error } = await verdictOf(SUBFLOW);
        assert.deepEqual([outcome, deviceId], ['confirmed', 'of-the-template'], String(error));
      });

      it('refuses a named pipe, a folder, a large and a missing file as certificate, and blocks on none', async () => {
        const pipe = join(folder, `pipe-${String(safeMode)}`);
        execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
        const large = join(folder, 'large.pem');
        writeFileSync(large, '');
        truncateSync(large, 2_000_000);
        for (const [ca, problem] of [
          [pipe, /pipe-\w+ is not a regular file/],
          ['/dev/zero', /is not a regular file/],
          [folder, /is not a regular file/],
          [large, /larger than/],
          [join(folder, 'none.pem'), /ENOENT/],
        ] as const) {
          const { outcome, reason, error } = await verdictOf(TAB, { tls: { id: 't1', changed: true, ca } });
          assert.deepEqual([outcome, reason], ['dropped', 'invalid_settings']);
          assert.match(String(error), problem);
        }
      });

      it('refuses an ALPN protocol that TLS cannot carry, and survives it', async () => {
        for (const alpnprotocol of ['x'.repeat(256), 'é'.repeat(128)]) {
          const verdict = await verdictOf(TAB, { tls: { id: 't1', changed: true, alpnprotocol } });
          assert.deepEqual([verdict.outcome, verdict.reason], ['dropped', 'invalid_settings']);
          assert.match(String(verdict.error), /ALPN protocol must be text of 1 to 255 bytes/);
        }
        assert.ok(nodeRed.running);
      });
    });
  }
}
