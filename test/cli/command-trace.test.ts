/** phase0-toggle --trace and phase0-simulator --trace: what was sent and received, byte by byte. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { paintFor } from '../../src/cli/trace-text';
import { lampAt, run, start } from '../support/command';
import { scripted } from '../support/devices';
import { useSimulator } from '../support/fixtures';

const QUICK = ['--max-attempts', 1, '--metrics-port', 0] as const;

describe('--trace', () => {
  const simulator = useSimulator({ reply: 'framed' });

  it('of phase0-toggle writes the steps and the bytes, plain in a pipe', async () => {
    const { code, stdout } = await run('phase0-toggle', [...lampAt(simulator().port), ...QUICK, '--trace']);
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^\S+ on, toggle [\da-f]{16}$/);
    const steps = lines.filter((line) => line.includes(' ms  ')).map((line) => line.replace(/^ *[\d.]+ ms {2}/, ''));
    const kinds = steps.map((step) => step.replace(/ for .*| \d+ bytes/, ''));
    assert.deepEqual(kinds, ['asked', '#1 connect', '#1 send', '#1 bytes out', '#1 bytes in', '#1 reply', 'confirmed']);
    assert.match(stdout, / {14}0000 {2}f0 {2}0d {2}01 {2}00 /);
    assert.match(stdout, /magic 0–1, version 2, length 3–6, payload 7–\d+/);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('marks the byte of a bad reply that is wrong, and shows nothing that could harm a terminal', async () => {
    const port = await scripted((socket) => socket.write('\u001b[2J<b>'));
    const { code, stdout } = await run('phase0-toggle', [...lampAt(port), ...QUICK, '--trace']);
    assert.equal(code, 1);
    assert.match(stdout, /0000 \[1b\] 5b {2}32 {2}4a {2}3c {2}62 {2}3e .*\.\[2J<b>/);
    assert.match(stdout, /byte 0: expected f0 0d or ACK, found 1b 5b \(bad_magic\)/);
    assert.match(stdout, /#1 bad_reply: /);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('judges the reply of a row as the row says', async () => {
    const port = await scripted((socket) => socket.write('HELLO'));
    const file = join(mkdtempSync(join(tmpdir(), 'phase0-trace-')), 'rows.csv');
    writeFileSync(file, `device_id,host,port,reply\nlamp,127.0.0.1,${port},any\n`);
    const { code, stdout } = await run('phase0-toggle', ['--inventory', file, '--all', ...QUICK, '--trace']);
    assert.equal(code, 0);
    assert.match(stdout, /raw 0–4/);
    assert.ok(!stdout.includes('bad_magic'), stdout);
  });

  it('with --format json is one line for each toggle', async () => {
    const args = [...lampAt(simulator().port), ...QUICK, '--trace', '--format', 'json', '--repeat', 3];
    const { lines } = await run('phase0-toggle', args);
    const timelines = lines as unknown as readonly ToggleTimeline[];
    assert.deepEqual(
      timelines.map(({ seq, outcome }) => [seq, outcome]),
      [1, 2, 3].map((seq) => [seq, 'confirmed']),
    );
  });

  it('of phase0-simulator writes requests and replies', async () => {
    const device = start('phase0-simulator', ['--port', 0, '--reply', 'framed', '--trace']);
    const [, port] = await device.wrote(/listening on 127\.0\.0\.1:(\d+)/);
    await run('phase0-toggle', [...lampAt(Number(port)), ...QUICK]);
    await device.wrote(/reply \(connection 1\)\n {14}0000 {2}f0 {2}0d [^]*magic 0–1/);
    device.child.kill('SIGTERM');
    const { stdout } = await device.ended;
    assert.equal(stdout.match(/magic 0–1, version 2, length 3–6, payload/g)?.length, 2);
  });
});

describe('colours', () => {
  it('are for terminals that have them', () => {
    assert.equal(paintFor({ isTTY: true, hasColors: () => true })('red', 'x'), '\u001b[31mx\u001b[0m');
    assert.equal(paintFor({ isTTY: true, hasColors: () => false })('red', 'x'), 'x');
    assert.equal(paintFor({})('red', 'x'), 'x');
  });
});
