/** Replies in a stream of bytes, under each reply policy. */
import assert from 'node:assert/strict';
import { ReplyStream, type Answer, type ReplyPolicy } from '../../src/protocol/reply-stream';
import { encodeFrame } from '../../src/protocol/frame';
import { encodeReply } from '../../src/protocol/toggle';

const ack = (msgId: string) => encodeReply({ kind: 'ack', msgId });

function read(policy: ReplyPolicy, ...chunks: (Uint8Array | string)[]) {
  const stream = new ReplyStream(policy);
  const answers: Answer[] = [];
  const errors = chunks.map((chunk) => stream.push(Buffer.from(chunk as string), (answer) => answers.push(answer)));
  return {
    stream,
    kinds: answers.map((answer) => (answer.kind === 'framed' ? answer.reply.msgId : answer.kind)),
    reason: errors.find((error) => error)?.reason,
  };
}

describe('reply stream', () => {
  it('takes any bytes as a reply under `any`', () => {
    assert.deepEqual(read('any', 'x', '', ack('m1')).kinds, ['raw', 'raw']);
  });

  it('reads frames under `framed`, in any chunks', () => {
    const bytes = Buffer.concat([ack('m1'), ack('m2')]);
    assert.deepEqual(read('framed', bytes).kinds, ['m1', 'm2']);
    assert.deepEqual(read('framed', ...[...bytes].map((byte) => Buffer.of(byte))).kinds, ['m1', 'm2']);
  });

  it('copies no reply that a chunk holds whole', () => {
    const chunk = ack('m1');
    new ReplyStream('framed').push(chunk, ({ bytes }) => assert.equal(bytes.buffer, chunk.buffer));
    new ReplyStream('any').push(chunk, ({ bytes }) => assert.equal(bytes, chunk));
  });

  it('refuses ACK under `framed`', () => {
    assert.equal(read('framed', 'ACK').reason, 'bad_magic');
  });

  it('lets the first reply decide under `auto`', () => {
    assert.deepEqual(read('auto', ack('m1'), ack('m2')).kinds, ['m1', 'm2']);
    assert.deepEqual(read('auto', 'A', 'CK\r\n').kinds, ['raw']);
    assert.deepEqual(read('auto', Buffer.of(0xf0), ack('m1').subarray(1)).kinds, ['m1']);
    assert.deepEqual(read('auto', Buffer.of(0xf0), ack('m1').subarray(1), ack('m2')).kinds, ['m1', 'm2']);
    assert.equal(read('auto', ack('m1'), 'ACK').reason, 'bad_magic');
  });

  it('refuses other text under `auto`, as soon as it shows', () => {
    assert.equal(read('auto', 'NAK').reason, 'bad_magic');
    assert.equal(read('auto', 'ACKNOWLEDGED').reason, 'bad_magic');
    const { stream } = read('auto', 'A');
    assert.match(stream.push(Buffer.from('B'.repeat(40)), () => undefined)?.message ?? '', /… \("ABBB/);
    // What is shown whole is not shown as cut.
    const whole = new ReplyStream('auto').push(Buffer.from('B'.repeat(32)), () => undefined);
    assert.match(whole?.message ?? '', /42 42 \("B{32}"\)$/);
  });

  it('goes on after a frame that is not a reply', () => {
    assert.deepEqual(read('framed', encodeFrame('{}'), ack('m2')).kinds, ['bad', 'm2']);
  });

  it('knows whether a reply has begun', () => {
    for (const [chunk, isInside] of [
      ['A', true],
      [ack('m1').subarray(0, 9), true],
      [ack('m1'), false],
      ['ACK', false],
    ] as const) {
      const { stream } = read('auto', chunk);
      assert.equal(stream.isInsideReply, isInside);
      assert.equal(stream.end()?.reason, isInside ? 'truncated' : undefined);
    }
  });
});
