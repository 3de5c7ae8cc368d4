/** Packets that go out together: which ones, and when. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { WriteBatch } from '../../src/transport/write-batch';

/** A stream that takes everything at once, and what it was given in one go each time. */
function scene(isSecure: boolean) {
  const sent: string[][] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => (sent.push([chunk]), done()),
    writev: (chunks, done) => (sent.push(chunks.map(({ chunk }) => chunk as string)), done()),
  });
  const batch = new WriteBatch();
  const write = (text: string) => {
    batch.open(stream as Socket, isSecure);
    stream.write(text, 'latin1');
  };
  return { sent, write };
}

const endOfCallback = () => new Promise<void>((resolve) => process.nextTick(resolve));
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('a batch of packets', () => {
  it('goes out at the end of the turn, and the next one after it', async () => {
    const { sent, write } = scene(false);
    write('a');
    write('b');
    await endOfCallback();
    write('c');
    assert.deepEqual(sent, []);
    await endOfTurn();
    assert.deepEqual(sent, [['a', 'b', 'c']]);
    write('d');
    assert.equal(sent.length, 1);
    await endOfTurn();
    assert.deepEqual(sent.slice(1), [['d']]);
  });

  it('goes out at the end of the callback over TLS, however much it is', async () => {
    const { sent, write } = scene(true);
    const much = 'x'.repeat(1400);
    write(much);
    write('b');
    assert.deepEqual(sent, []);
    await endOfCallback();
    assert.deepEqual(sent, [[much, 'b']]);
    write('c');
    assert.equal(sent.length, 1);
    await endOfCallback();
    assert.deepEqual(sent.slice(1), [['c']]);
  });

  it('goes out without what comes after it once it fills a packet of the network', async () => {
    const { sent, write } = scene(false);
    const almost = 'x'.repeat(1399);
    write(almost);
    write('a');
    assert.deepEqual(sent, []);
    write('b');
    assert.deepEqual(sent, [[almost, 'a']]);
    write('c');
    await endOfTurn();
    assert.deepEqual(sent.slice(1), [['b', 'c']]);
  });
});
