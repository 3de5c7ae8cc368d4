/** `npm start`, as a newcomer sees it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useDemoPorts } from '../support/demo-ports';

describe('npm start', function () {
  this.timeout(120_000);
  useDemoPorts();

  it('switches the lamp, which fails once and recovers; serves dashboard and metrics, uses free ports, ends on Ctrl-C', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'phase0-demo-'));
    const child = spawn(process.execPath, ['scripts/start.mjs'], {
      env: { ...process.env, PORT: String(port), PHASE0_DEMO_DIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      while (!output.includes('Ctrl-C')) await once(child.stdout, 'data');
      assert.match(output, new RegExp(`Port ${port} is taken, so the editor uses \\d+`));
      const editor = /editor {5}(http:\S+)/.exec(output)?.[1] ?? '';
      const metrics = /metrics {4}(http:\S+)/.exec(output)?.[1] ?? '';
      assert.equal((await fetch(editor)).status, 200);
      const dashboard = /dashboard {2}(http:\S+)/.exec(output)?.[1] ?? '';
      assert.equal((await fetch(dashboard)).status, 200);
      await reads(metrics, /tcp_comm_inventory_devices\{.*\} 60/);
      await reads(metrics, /tcp_comm_packet_sent_total\{device_id="hall-lamp",outcome="success"\} [1-9]/);
      const failed = await reads(
        metrics,
        /tcp_comm_message_abandoned_total\{device_id="hall-lamp",reason="timeout"\} 1/,
      );
      const confirmed = Number(/outcome="confirmed"\} (\d+)/.exec(failed)?.[1]);
      await reads(metrics, new RegExp(`device_id="hall-lamp",outcome="confirmed"\\} ${confirmed + 1}`));
    } finally {
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      taken.close();
      rmSync(folder, { recursive: true, force: true });
      assert.equal(code, 0);
    }
  });

  it('installs with the npm of Node.js 20, which takes optional peers more to the letter', () => {
    // Node-RED brings one along.
    const npm = 'node_modules/npm/bin/npm-cli.js';
    assert.match(spawnSync(process.execPath, [npm, '--version'], { encoding: 'utf8' }).stdout, /^10\./);
    // What is not in the lockfile it would have to ask the registry for.
    const dry = ['ci', '--dry-run', '--offline', '--ignore-scripts'];
    const { status, stderr } = spawnSync(process.execPath, [npm, ...dry], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  it('refuses an invalid port, and says what is accepted', async () => {
    const { code, errors } = await ended({ PORT: 'abc' });
    assert.equal(code, 2);
    assert.match(errors, /PORT must be a whole number from 1 to 65535, not "abc"/);
  });

  it('names a flow file that it cannot read, and leaves it as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'phase0-demo-'));
    const file = join(folder, 'flows.json');
    try {
      writeFileSync(file, '{ broken');
      const { code, errors } = await ended({ PHASE0_DEMO_DIR: folder });
      assert.equal(code, 1);
      assert.ok(errors.includes(file), errors);
      assert.equal(readFileSync(file, 'utf8'), '{ broken');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** A start that ends by itself: its exit code, and what it said of the reason. */
async function ended(env: Record<string, string>): Promise<{ code: number; errors: string }> {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, errors };
}

/** The metrics, once they match; the lamp is switched every 10 s. */
async function reads(url: string, pattern: RegExp): Promise<string> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const text = await fetch(url).then(
      (response) => response.text(),
      (error: Error) => error.message,
    );
    if (pattern.test(text)) return text;
    if (performance.now() > deadline) throw new Error(`no ${pattern} in\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
