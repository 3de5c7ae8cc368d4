/** The codec against packets byte for byte: the bytes come from test/wire, never from our own encoder. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { ProtocolError } from '../../src/protocol/protocol-error';
import { encodeFrame, FrameDecoder, MAX_PAYLOAD_BYTES, type Frame } from '../../src/protocol/frame';
import { ReplyReader } from '../../src/protocol/reply-reader';
import type { Answer } from '../../src/protocol/reply-stream';
import {
  decodeReply,
  decodeToggle,
  encodeReply,
  encodeToggle,
  newMsgId,
  type Reply,
  type ToggleRequest,
} from '../../src/protocol/toggle';

interface Expected {
  readonly request?: ToggleRequest;
  readonly reply?: Reply;
  readonly reason?: string;
}

const cases = readdirSync('test/wire')
  .filter((file) => file.endsWith('.hex'))
  .map((file) => ({
    name: file.slice(0, -'.hex'.length),
    bytes: Buffer.from(readFileSync(`test/wire/${file}`, 'utf8').replaceAll(/\s/g, ''), 'hex'),
    expected: JSON.parse(readFileSync(`test/wire/${file.replace('.hex', '.json')}`, 'utf8')) as Expected,
  }));

/** All frames of the chunks, and how the stream ended. */
function decodeAll(chunks: readonly Uint8Array[]): { frames: Frame[]; error: ProtocolError | undefined } {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  return { frames, error: decoder.end() };
}

/** What a stream amounts to, as its fixture says it. */
function interpret(chunks: readonly Uint8Array[], asRequest: boolean): Expected {
  const { frames, error } = decodeAll(chunks);
  if (error) return { reason: error.reason };
  const [frame] = frames;
  assert.ok(frame);
  try {
    return asRequest ? { request: decodeToggle(frame.payload) } : { reply: decodeReply(frame.payload) };
  } catch (bad) {
    assert.ok(bad instanceof ProtocolError);
    return { reason: bad.reason };
  }
}

describe('wire fixtures', () => {
  for (const { name, bytes, expected } of cases) {
    const asRequest = expected.request !== undefined;
    it(`${name} decodes`, () => assert.deepEqual(interpret([bytes], asRequest), expected));

    if (bytes.length < 1000) {
      it(`${name} decodes split at every offset, and byte by byte`, () => {
        for (let at = 1; at < bytes.length; at += 1) {
          assert.deepEqual(interpret([bytes.subarray(0, at), bytes.subarray(at)], asRequest), expected);
        }
        assert.deepEqual(
          interpret(
            Array.from(bytes, (byte) => Buffer.of(byte)),
            asRequest,
          ),
          expected,
        );
      });
    }

    const encoded = expected.request
      ? encodeToggle(expected.request)
      : expected.reply
        ? encodeReply(expected.reply)
        : undefined;
    if (encoded) it(`${name} encodes`, () => assert.equal(encoded.toString('hex'), bytes.toString('hex')));
  }
});

describe('frame', () => {
  it('any chunks of any stream of frames decode to the same frames', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 200 }), { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (payloads, sizes) => {
          const stream = Buffer.concat(payloads.map((payload) => encodeFrame(payload)));
          const chunks: Buffer[] = [];
          for (let at = 0; at < stream.length;) {
            const size = sizes.next().value as number;
            chunks.push(stream.subarray(at, at + size));
            at += size;
          }
          const { frames, error } = decodeAll(chunks);
          assert.equal(error, undefined);
          assert.deepEqual(
            frames.map(({ payload }) => payload.toString()),
            payloads.map((payload) => Buffer.from(payload).toString()),
          );
        },
      ),
    );
  });

  it('takes the largest payload, refuses to encode a larger one', () => {
    assert.equal(decodeAll([encodeFrame('x'.repeat(MAX_PAYLOAD_BYTES))]).frames.length, 1);
    assert.throws(() => encodeFrame('x'.repeat(MAX_PAYLOAD_BYTES + 1)), { reason: 'too_large' });
  });

  it('delivers the frames before a bad one, and stays failed', () => {
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    const push = (bytes: Buffer) => decoder.push(bytes, (frame) => frames.push(frame));
    assert.equal(push(Buffer.concat([encodeFrame('{}'), Buffer.from('junk')]))?.reason, 'bad_magic');
    assert.equal(push(encodeFrame('{}'))?.reason, 'bad_magic');
    assert.equal(frames.length, 1);
  });

  it('copies no frame that a chunk holds whole', () => {
    const chunk = Buffer.concat([encodeFrame('{}'), encodeFrame('[1]')]);
    const { frames } = decodeAll([chunk]);
    assert.deepEqual(
      frames.map(({ raw }) => [raw.buffer === chunk.buffer, raw.byteOffset - chunk.byteOffset]),
      [
        [true, 0],
        [true, 9],
      ],
    );
  });

  it('reads frames of different lengths that each come in two chunks, and no byte after its chunk', () => {
    const [first, second] = [encodeFrame('{}'), encodeFrame('{"longer":true}')];
    // As long as its memory: what would be read after it is missing.
    const chunk = new Uint8Array(Buffer.concat([first.subarray(3), second.subarray(0, 4)]));
    const { frames, error } = decodeAll([first.subarray(0, 3), chunk, second.subarray(4)]);
    assert.deepEqual([frames.map(({ payload }) => String(payload)), error], [['{}', '{"longer":true}'], undefined]);
    const beginning = new Uint8Array(Buffer.concat([first, second.subarray(0, 4)]));
    assert.equal(decodeAll([beginning, second.subarray(4)]).frames.length, 2);
  });

  it('judges a length by its own bytes alone, not by those of the header before', () => {
    const lengths = [MAX_PAYLOAD_BYTES - 1, MAX_PAYLOAD_BYTES];
    const chunks = lengths
      .map((length) => encodeFrame('x'.repeat(length)))
      .flatMap((raw) => [raw.subarray(0, 5), raw.subarray(5)]);
    const { frames, error } = decodeAll(chunks);
    assert.equal(error, undefined);
    assert.deepEqual(
      frames.map(({ payload }) => payload.length),
      lengths,
    );
  });

  it('takes no frame out of the payload of another, wherever the chunks begin', () => {
    const inner = encodeFrame('{}');
    const outer = encodeFrame('x'.repeat(inner.length + 2));
    inner.copy(outer, 8);
    for (let at = 1; at < outer.length; at += 1) {
      const { frames } = decodeAll([outer.subarray(0, at), outer.subarray(at)]);
      assert.deepEqual(
        frames.map(({ raw }) => raw),
        [outer],
      );
    }
  });

  it('says how much of a frame came before the stream ended, and what began in place of one', () => {
    const frame = encodeFrame('{}');
    assert.match(decodeAll([frame.subarray(0, 3)]).error?.message ?? '', /after 3 of 7 bytes/);
    assert.match(decodeAll([frame.subarray(0, 8)]).error?.message ?? '', /after 8 of 9 bytes/);
    const { error } = decodeAll([Buffer.from('AC')]);
    assert.match(String(error), /^ProtocolError: .* not 41 43$/);
  });

  it('never throws on hostile bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        decodeAll(chunks);
      }),
    );
  });

  for (const [what, payload] of [
    ['no JSON', 'ACK\0\u009b31m'],
    ['an unknown opcode', '{"opcode":"\u007f\u009b31m","msg_id":"m"}'],
    ['a state that is a text', '{"opcode":"ack","msg_id":"m","state":"\u202e"}'],
  ] as const) {
    it(`says of ${what} nothing that changes a terminal`, () => {
      assert.throws(
        () => decodeReply(Buffer.from(payload)),
        (error: ProtocolError) => !/[\p{Cc}\u202e]/u.test(error.message),
      );
    });
  }

  for (const [opcode, shown] of [
    ['undefined', 'missing'],
    ['null', 'null'],
    ['7', '7'],
    ['[[]]', 'an array'],
    ['{"a":1}', 'an object'],
    [JSON.stringify('x'.repeat(100)), `"${'x'.repeat(59)}`],
  ] as const) {
    it(`says what stands in place of an opcode: ${opcode.slice(0, 10)}`, () => {
      const payload = Buffer.from(`{"msg_id":"m"${opcode === 'undefined' ? '' : `,"opcode":${opcode}`}}`);
      const expected = { reason: 'bad_message', message: `opcode must be "ack" or "nack", not ${shown}` };
      assert.throws(() => decodeReply(payload), expected);
    });
  }

  it('takes no reply for a request', () => {
    const payload = Buffer.from('{"opcode":"ack","device_id":"lamp","msg_id":"m","state":true}');
    assert.throws(() => decodeToggle(payload), { message: 'opcode must be "toggle", not "ack"' });
  });

  it('a message id is 16 lowercase hex digits, and new each time', () => {
    const ids = Array.from({ length: 1000 }, () => newMsgId());
    assert.ok(ids.every((id) => /^[0-9a-f]{16}$/.test(id)));
    assert.equal(new Set(ids).size, 1000);
  });
});

describe('what counts as a reply', () => {
  const ack = encodeReply({ kind: 'ack', msgId: 'mine', state: true });
  const other = encodeReply({ kind: 'ack', msgId: 'other' });
  const lone = Buffer.of(0xf0);
  const read = (policy: 'auto' | 'any' | 'framed', ...chunks: Uint8Array[]) => {
    const mismatches: string[] = [];
    const reader = new ReplyReader(policy, 'mine', ({ reason }) => mismatches.push(reason));
    let answer: Answer | undefined;
    for (const chunk of chunks) answer ??= reader.push(chunk);
    return { answer, mismatches, end: () => reader.end() };
  };

  it('any: the first byte, whatever it is', () => {
    assert.equal(read('any', lone).answer?.kind, 'raw');
    assert.equal(read('any', ack).answer?.kind, 'raw');
  });

  it('auto: ACK, in any pieces and with any padding', () => {
    for (const text of ['ACK', 'ACK\r\n', 'ACK\n', 'ACK\0', 'ACK   ', 'ACK \r\n\0']) {
      assert.equal(read('auto', Buffer.from(text)).answer?.kind, 'raw', JSON.stringify(text));
    }
    assert.equal(read('auto', Buffer.from('A'), Buffer.from('C'), Buffer.from('K')).answer?.kind, 'raw');
    assert.equal(read('auto', Buffer.from('AC')).answer, undefined);
  });

  it('auto: a reply that begins like a frame must be one, in any pieces', () => {
    for (let at = 1; at < ack.length; at += 1) {
      const { answer } = read('auto', ack.subarray(0, at), ack.subarray(at));
      assert.equal(answer?.kind, 'framed');
    }
    const bad = read('auto', Buffer.of(0xf0, 0x0d, 0x07)).answer;
    assert.equal(bad?.kind === 'bad' && bad.error.reason, 'bad_version');
  });

  it('a lone F0 leaves it open, and is truncated when the peer closes', () => {
    const { answer, end } = read('auto', lone);
    assert.equal(answer, undefined);
    const ended = end();
    assert.equal(ended?.kind === 'bad' && ended.error.reason, 'truncated');
  });

  it('framed: raw bytes are bad_magic', () => {
    const { answer } = read('framed', Buffer.from('ACK'));
    assert.equal(answer?.kind === 'bad' && answer.error.reason, 'bad_magic');
  });

  it('skips and counts a frame for another toggle', () => {
    const { answer, mismatches } = read('auto', Buffer.concat([other, ack]));
    assert.equal(answer?.kind === 'framed' && answer.reply.msgId, 'mine');
    assert.deepEqual(mismatches, ['msg_id_mismatch']);
    assert.equal(read('auto', other).end(), undefined);
  });
});
