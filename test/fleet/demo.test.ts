/** `npm run fleet`: switches, shows who has which partitions, survives the death of a worker, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { requires } from '../support/requirements';

describe('npm run fleet', function () {
  requires('rabbitmq');
  this.timeout(240_000);

  it('switches 300 devices by three workers; a key kills one, and the others do its work; Ctrl-C ends everything', async () => {
    const child = spawn(process.execPath, ['scripts/fleet.mjs'], {
      env: { ...process.env, PHASE0_FLEET_RATE: '50' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const sees = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        assert.equal(child.exitCode, null, output);
        await once(child.stdout, 'data');
      }
    };
    try {
      const [, nodeRed, workers = ''] = await sees(/Node-RED (\d+), workers ([\d ]+)/);
      const pids = [Number(nodeRed), ...workers.trim().split(' ').map(Number)];
      assert.equal(pids.length, 4);
      const editor = (await sees(/editor {5}(\S+)/))[1] ?? '';
      await sees(/confirmed [1-9]\d*.* partitions of worker 1: 4, worker 2: 4, worker 3: 4/);
      assert.equal((await fetch(editor)).status, 200);
      output = '';
      child.stdin.write('2\n');
      await sees(/worker 2 is killed/);
      await sees(/worker 1: \d+, worker 2: away, worker 3: \d+/);
      await sees(
        /worker 1: ([89]|1\d), worker 2: away|worker 2: away, worker 3: ([89]|1\d)|worker 1: 6, worker 2: away, worker 3: 6/,
      );
      output = '';
      await sees(/worker 2: [1-9]/);
      output = '';
      const confirmed = Number((await sees(/confirmed (\d+)/))[1]);
      while (
        Number(
          output
            .match(/confirmed (\d+)/g)
            ?.at(-1)
            ?.slice(10),
        ) <= confirmed
      )
        await once(child.stdout, 'data');
      child.kill('SIGINT');
      const [code] = (await exited) as [number];
      assert.equal(code, 0, output);
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
