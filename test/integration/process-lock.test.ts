/** Waiting for port 19400: for other test runs by a lock, for other programs until the port is free. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { uniqueDeviceId } from '../support/fixtures';
import { openPeer } from '../support/loopback';
import { acquireLock, isFree, waitForTurn } from '../support/process-lock';

const HOLDER = require.resolve('../support/lock-holder');

describe('a lock that test runs share', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('has one holder at a time, also across processes, and is free when its process is killed', async () => {
    const name = uniqueDeviceId();
    const holder = fork(HOLDER, [name]);
    const exited = once(holder, 'exit');
    await once(holder, 'message');
    const order: string[] = [];
    const acquired = acquireLock(name, { notice: 'waiting', timeoutMs: 20_000 }).then((release) => {
      order.push('acquired');
      return release;
    });
    await assert.rejects(
      acquireLock(name, { notice: 'waiting for it, which another process holds', timeoutMs: 0 }),
      /^Error: waiting for it, which another process holds; gave up after 0 s$/,
    );
    order.push('killed');
    holder.kill('SIGKILL');
    await exited;
    const release = await acquired;
    assert.deepEqual(order, ['killed', 'acquired']);
    await release();
    await (
      await acquireLock(name, { notice: 'waiting', timeoutMs: 1000 })
    )();
  });
});

describe('a port that another process holds', () => {
  it('is waited for, and the wait is announced once', async () => {
    const notice = 'waiting for port 19400, which another process holds';
    const peer = await openPeer((socket) => socket.destroy());
    const said: string[] = [];
    let waited: Promise<void> | undefined;
    await new Promise<void>((announced) => {
      const say = (words: string) => {
        said.push(words);
        announced();
      };
      waited = waitForTurn(() => isFree(peer.port), { notice, timeoutMs: 20_000, say });
    });
    await peer.close();
    await waited;
    assert.deepEqual(said, [notice]);
  });
});
