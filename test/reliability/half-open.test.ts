/** A persistent connection whose packets are dropped silently: a verdict in time, and recovery when they pass again. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SceneReport, Silence } from '../support/half-open-scene';
import { requires } from '../support/requirements';

/** How late a busy machine may be; a dead connection that is not noticed hangs for minutes. */
const BUSY_MS = 3000;

describe('a half-open connection', function () {
  this.timeout(30_000);
  const { unshare, options, ip, nft } = requires('netns');

  async function play(silence: Silence): Promise<SceneReport> {
    const scene = [process.execPath, require.resolve('../support/half-open-scene'), ip, nft, silence];
    const bounds = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(unshare, [...options, ...scene], bounds);
    return JSON.parse(stdout) as SceneReport;
  }

  it('ends within the deadlines while nothing passes, and works again when it does', async () => {
    const { verdicts, heard, limits } = await play('port');
    const [before, during, after] = verdicts;
    assert.equal(`${before.outcome} ${before.attempts}`, 'confirmed 1');
    assert.equal(`${during.outcome}/${during.reason} ${during.attempts}`, 'unknown/connection_failed 2');
    const { maxAttempts, connectTimeoutMs, ioTimeoutMs, backoffBaseMs } = limits;
    // It waited for one reply and one connection, and for no more than all deadlines together.
    assert.ok(during.elapsedMs >= ioTimeoutMs + backoffBaseMs + connectTimeoutMs, `${during.elapsedMs} ms`);
    const allowedMs = maxAttempts * (connectTimeoutMs + ioTimeoutMs) + backoffBaseMs;
    assert.ok(during.elapsedMs < allowedMs + BUSY_MS, `${during.elapsedMs} ms`);
    assert.equal(after.outcome, 'confirmed');
    // What was given up may arrive as soon as it can, but never after what was asked later.
    assert.equal(heard.at(-1), after.state, `heard ${heard.join()}`);
  });

  it('is left for a new one within the same toggle', async () => {
    const { verdicts, connections, heard, limits } = await play('connection');
    const [before, during, after] = verdicts;
    assert.equal(`${before.outcome} ${before.attempts}`, 'confirmed 1');
    assert.equal(`${during.outcome} ${during.attempts}`, 'confirmed 2');
    const leastMs = limits.ioTimeoutMs + limits.backoffBaseMs;
    assert.ok(during.elapsedMs >= leastMs, `${during.elapsedMs} ms`);
    assert.equal(`${after.outcome} ${after.attempts}`, 'confirmed 1');
    assert.equal(connections, 2);
    assert.equal(heard.at(-1), after.state, `heard ${heard.join()}`);
  });
});
