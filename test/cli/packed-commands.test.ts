/** The commands as a user gets them: installed from the packed package. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, start } from '../support/command';
import { installPacked } from '../support/packed-package';

describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phase0-packed-'));
  const bin = (name: string) => ({ file: join(folder, 'node_modules/.bin', name) });
  after(() => rmSync(folder, { recursive: true }));

  before(function () {
    this.timeout(120_000);
    installPacked(folder);
  });

  it('has both commands, which work together', async () => {
    const simulator = start('phase0-simulator', ['--port', 0, '--reply', 'framed'], bin('phase0-simulator'));
    const { port } = await simulator.line('listening');
    const device = ['--device-id', 'lamp', '--device-host', '127.0.0.1', '--device-port', String(port)];
    const { code, lines } = await run('phase0-toggle', [...device, '--metrics-port', 0], bin('phase0-toggle'));
    assert.deepEqual([code, lines.at(-1)?.outcome, lines.at(-1)?.reported_state], [0, 'confirmed', true]);
    simulator.child.kill('SIGINT');
    assert.equal((await simulator.ended).code, 0);
  });

  it('lets npx find them', async function () {
    this.timeout(60_000);
    const shown = execFileSync('npx', ['--no-install', 'phase0-toggle', '--help'], { cwd: folder }).toString();
    assert.match(shown, /^Usage: phase0-toggle /);
  });
});
