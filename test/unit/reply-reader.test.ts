/** The reply to one toggle: which answer counts, what is kept of it, and why there is none. */
import assert from 'node:assert/strict';
import { ReplyReader } from '../../src/protocol/reply-reader';
import { encodeFrame } from '../../src/protocol/frame';
import { encodeReply } from '../../src/protocol/toggle';

const ack = encodeReply({ kind: 'ack', msgId: 'mine' });
const nack = encodeReply({ kind: 'nack', msgId: 'mine' });
const other = encodeReply({ kind: 'ack', msgId: 'other' });
const readerOf = () => new ReplyReader('auto', 'mine', () => undefined);

describe('reply reader', () => {
  it('takes the first reply, even if another one comes with it', () => {
    const answer = readerOf().push(Buffer.concat([nack, ack]));
    assert.equal(answer?.kind === 'framed' && answer.reply.kind, 'nack');
  });

  it('takes the first reply, even if what comes with it is none', () => {
    assert.equal(readerOf().push(Buffer.concat([ack, Buffer.from('junk')]))?.kind, 'framed');
  });

  it('says why there is no answer: nothing came, another reply did, or a part of one', () => {
    const reader = readerOf();
    assert.equal(reader.lateCause(), 'no_reply');
    reader.push(other);
    assert.equal(reader.lateCause(), 'other_msg_id');
    reader.push(ack.subarray(0, 3));
    assert.equal(reader.lateCause(), 'reply_incomplete');
  });

  it('keeps 64 bytes of a reply that comes in pieces of that size, and no more than twice as many of any', () => {
    const long = encodeFrame('x'.repeat(1000));
    const keptOf = (pieceBytes: number) => {
      const reader = readerOf();
      for (let at = 0; at < 900; at += pieceBytes) reader.push(long.subarray(at, at + pieceBytes));
      return reader.end()?.bytes.length ?? 0;
    };
    assert.equal(keptOf(64), 64);
    for (const pieceBytes of [1, 63, 65, 450]) assert.ok(keptOf(pieceBytes) < 128, `pieces of ${pieceBytes} bytes`);
  });
});
