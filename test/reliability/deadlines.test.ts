/** Deadlines with peers that hang: none moves, and a stop does not wait for one. */
import assert from 'node:assert/strict';
import { deviceAt, frame, scripted } from '../support/devices';
import { blackHole } from '../support/loopback';

/** How late a busy machine may be. Without the deadline, both would take more than 20 s. */
const BUSY_MS = 5000;

describe('deadlines', () => {
  it('a framed reply that trickles does not move the deadline', async () => {
    const port = await scripted((socket, msgId) => {
      const bytes = frame(`{"opcode":"ack","msg_id":"${msgId}"}`);
      let next = 0;
      const timer = setInterval(() => socket.write(bytes.subarray(next, ++next)), 400);
      socket.on('close', () => clearInterval(timer));
    });
    const { device } = deviceAt(port, { reply: 'framed', ioTimeoutMs: 1500, maxAttempts: 1 });
    const { outcome, reason, elapsedMs } = await device.toggle({ state: true });
    assert.equal(`${outcome}/${reason}`, 'unknown/timeout');
    assert.ok(elapsedMs >= 1500 && elapsedMs < 1500 + BUSY_MS, `${elapsedMs} ms`);
  });

  it('a cancel while connecting is failed: no packet got out', async () => {
    const hole = await blackHole();
    try {
      const { device, packets } = deviceAt(hole.port, { connectTimeoutMs: 60_000 });
      const verdict = device.toggle({ state: true, requester: 'me' });
      setImmediate(() => device.stop('cancelled', 'me'));
      const { outcome, reason, attempts } = await verdict;
      assert.equal(`${outcome}/${reason}`, 'failed/cancelled');
      assert.equal(attempts, 1);
      assert.deepEqual(packets, []);
    } finally {
      await hole.close();
    }
  });

  it('a black hole ends at the connect deadline as failed', async () => {
    const hole = await blackHole();
    try {
      const { device } = deviceAt(hole.port, { maxAttempts: 1 });
      const { outcome, reason, elapsedMs } = await device.toggle({ state: true });
      assert.equal(`${outcome}/${reason}`, 'failed/connection_failed');
      assert.ok(elapsedMs >= 150 && elapsedMs < 150 + BUSY_MS, `${elapsedMs} ms`);
    } finally {
      await hole.close();
    }
  });
});
