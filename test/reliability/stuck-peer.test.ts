/** A peer that accepts and never reads: the system's buffers fill, ours must not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { deviceAt } from '../support/devices';
import { listen } from '../support/loopback';

describe('a peer that is stuck', function () {
  this.timeout(60_000);

  it('is sent no more than a bound, nothing late, and everyone gets a verdict', async () => {
    let heardBytes = 0;
    const first = deferred<Socket>();
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (heardBytes += chunk.length));
      first.resolve(socket.pause());
    });
    const { device } = deviceAt(port, { connection: 'persistent', reply: 'framed', maxAttempts: 1 });
    const longIds = Array.from({ length: 40_000 }, (_, index) => `${index}-${'x'.repeat(120)}`);
    const asked = longIds.map((deviceId) => device.toggle({ deviceId, state: true }));
    const verdicts = await Promise.all(asked);
    assert.ok(verdicts.every(({ outcome }) => outcome === 'failed' || outcome === 'unknown'));
    assert.ok(verdicts.some(({ outcome, reason }) => `${outcome}/${reason}` === 'failed/send_failed'));
    const socket = await first.promise;
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    const sent = verdicts.filter(({ outcome }) => outcome === 'unknown').length;
    assert.ok(sent < longIds.length, `${sent} were sent`);
    assert.ok(heardBytes <= sent * 250, `${heardBytes} bytes for ${sent} toggles`);
  });
});

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
