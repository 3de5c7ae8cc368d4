/** The fault proxy itself: each fault does what its name says, and a seed decides the same each time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FaultProxy, resetSocket } from '../support/fault-proxy';
import { planFor, type Faults, type ProxyFaults } from '../support/fault-schedule';
import { listen } from '../support/loopback';

describe('fault proxy', () => {
  const proxies: FaultProxy[] = [];
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });

  /** A client and its peer with the proxy between them; what the peer received is collected. */
  async function line(
    faults: ProxyFaults,
  ): Promise<{ client: Socket; peer: Socket; received: Buffer[]; end: Promise<string> }> {
    let accept: (socket: Socket) => void = () => undefined;
    const accepted = new Promise<Socket>((resolve) => (accept = resolve));
    const { port } = await listen((socket) => accept(socket));
    const proxy = await FaultProxy.start({ seed: 1, port, faults });
    proxies.push(proxy);
    const client = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined);
    const peer = await accepted;
    const received: Buffer[] = [];
    peer.on('data', (chunk) => received.push(chunk));
    const end = new Promise<string>((resolve) => {
      peer.once('error', () => resolve('reset'));
      peer.once('end', () => resolve('end'));
    });
    return { client, peer, received, end };
  }

  const text = (received: readonly Buffer[]) => Buffer.concat(received).toString('latin1');

  it('passes bytes and the end on in both directions', async () => {
    const { client, peer, received, end } = await line({});
    client.write('request');
    await once(peer, 'data');
    peer.write('reply');
    const [reply] = (await once(client, 'data')) as [Buffer];
    assert.equal(reply.toString(), 'reply');
    const closed = once(client, 'close');
    client.end();
    assert.equal(await end, 'end');
    assert.equal(text(received), 'request');
    await closed;
  });

  it('keeps the order of a stream, whatever waits, is split or coalesced', async () => {
    const { client, received, end } = await line({ delay: { chance: 0.5, maxMs: 20 }, split: 0.5, coalesce: 0.5 });
    const lines = Array.from({ length: 60 }, (_, index) => `${index};`);
    for (const each of lines) {
      client.write(each);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.end();
    assert.equal(await end, 'end');
    assert.equal(text(received), lines.join(''));
  });

  it('splits: the peer reads twice', async () => {
    const { client, received, end } = await line({ split: 1 });
    client.end('0123456789');
    await end;
    assert.equal(text(received), '0123456789');
    assert.equal(received.length, 2);
  });

  it('delays', async () => {
    const { client, received, end } = await line({ delay: { chance: 1, maxMs: 200 } });
    const { waitMs } = planFor(1, 1, { delay: { chance: 1, maxMs: 200 } }).up.nextFate();
    const startedAt = performance.now();
    client.end('x');
    await end;
    assert.equal(text(received), 'x');
    assert.ok(waitMs > 1 && performance.now() - startedAt >= waitMs - 1, `${waitMs} ms`);
  });

  it('limits the bandwidth', async () => {
    const { client, received, end } = await line({ bandwidth: { chance: 1, bytesPerSecond: 10_000 } });
    const startedAt = performance.now();
    client.end(Buffer.alloc(1000));
    await end;
    assert.equal(text(received).length, 1000);
    assert.ok(performance.now() - startedAt >= 99);
  });

  it('doubles, corrupts one byte, and truncates', async () => {
    const seen = async (faults: Faults) => {
      const { client, received, end } = await line(faults);
      client.write('abcdef');
      client.end();
      await end;
      return Buffer.concat(received);
    };
    assert.equal((await seen({ duplicate: 1 })).toString(), 'abcdefabcdef');
    const corrupted = await seen({ corrupt: 1 });
    const original = Buffer.from('abcdef');
    const changed = [...corrupted].filter((byte, index) => byte !== original[index]);
    assert.deepEqual([corrupted.length, changed.length], [6, 1]);
    assert.ok((changed[0] ?? 0) >= 0x80);
    const truncated = (await seen({ truncate: 1 })).toString();
    assert.ok(truncated.length < 6 && 'abcdef'.startsWith(truncated), truncated);
  });

  it('differs by direction where that is asked for', async () => {
    const { client, peer, received, end } = await line({ duplicate: 1, up: { duplicate: 0 } });
    client.write('request');
    await once(peer, 'data');
    const replies: Buffer[] = [];
    client.on('data', (chunk) => replies.push(chunk));
    peer.end('reply');
    await once(client, 'end');
    await end;
    assert.equal(text(received), 'request');
    assert.equal(text(replies), 'replyreply');
  });

  it('resets both sides, and the chunk is lost', async () => {
    const { client, received, end } = await line({ reset: 1 });
    const reset = new Promise((resolve) => client.once('close', resolve));
    client.write('x');
    assert.equal(await end, 'reset');
    assert.deepEqual(received, []);
    await reset;
  });

  it('drops what it holds when the client resets, and resets the peer', async () => {
    const { client, received, end } = await line({ delay: { chance: 1, maxMs: 60_000 } });
    client.write('old command', () => client.resetAndDestroy());
    assert.equal(await end, 'reset');
    assert.deepEqual(received, []);
  });

  it('drops what was coalesced when the client resets', async () => {
    const { client, received, end } = await line({ coalesce: 1, delay: { chance: 1, maxMs: 5000 } });
    client.write('old');
    await new Promise((resolve) => setImmediate(resolve));
    client.write('older', () => client.resetAndDestroy());
    assert.equal(await end, 'reset');
    assert.deepEqual(received, []);
  });

  it('closes a connection that is reset while its end is being sent', async () => {
    const { client } = await line({});
    client.end('last words');
    resetSocket(client);
    await once(client, 'close');
  });

  it('a black hole accepts, and nothing passes in either direction', async () => {
    const { client, peer, received, end } = await line({ blackHole: 1 });
    client.on('data', () => received.push(Buffer.from('reply')));
    peer.write('greeting');
    client.write('request');
    // What is written later on an open connection passes: all of the above had its time.
    const other = await line({});
    other.client.end('later');
    await other.end;
    client.resetAndDestroy();
    await proxies[0]?.close();
    assert.equal(await end, 'reset');
    assert.deepEqual(received, []);
  });

  it('half open: one direction is silent, and the other one passes', () => {
    for (let connection = 1; connection <= 100; connection += 1) {
      const { up, down } = planFor(7, connection, { halfOpen: 1 });
      assert.equal([up, down].filter(({ silentAfterBytes }) => silentAfterBytes < Infinity).length, 1);
    }
  });

  it('decides the same for the same seed, and otherwise for another seed or connection', () => {
    const faults: Faults = { delay: { chance: 0.5, maxMs: 100 }, split: 0.3, reset: 0.1, halfOpen: 0.5 };
    const fates = (seed: number, connection: number) => {
      const { up, down } = planFor(seed, connection, faults);
      const chunks = Array.from({ length: 50 }, () => [up.nextFate(), down.nextFate()]);
      return JSON.stringify([up.silentAfterBytes, down.silentAfterBytes, chunks]);
    };
    assert.equal(fates(1, 1), fates(1, 1));
    assert.notEqual(fates(1, 1), fates(2, 1));
    assert.notEqual(fates(1, 1), fates(1, 2));
  });

  it('one fault more leaves the others where they were', () => {
    const delay = { chance: 0.5, maxMs: 100 };
    const waits = (faults: Faults) => {
      const { up } = planFor(1, 1, faults);
      return Array.from({ length: 50 }, () => up.nextFate().waitMs);
    };
    assert.deepEqual(waits({ delay, corrupt: 0.5 }), waits({ delay }));
  });
});
