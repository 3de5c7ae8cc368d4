/** Fuzzing of what comes over the wire: frames and replies, compared with a reader of their own. */
import assert from 'node:assert/strict';
import { FrameDecoder, HEADER_BYTES, MAX_PAYLOAD_BYTES, type Frame } from '../../src/protocol/frame';
import { ProtocolError } from '../../src/protocol/protocol-error';
import { ReplyReader } from '../../src/protocol/reply-reader';
import type { ReplyPolicy } from '../../src/protocol/reply-stream';
import { decodeReply, decodeToggle } from '../../src/protocol/toggle';
import { readFrames, readReply, readToggle } from '../simulation/wire-reference';
import { OWN_ID, pieces, stream } from './shapes';
import { checkSaid, type Target } from './target';

const OF_FRAMES = new Set(['bad_magic', 'bad_version', 'too_large', 'truncated']);
const OF_PAYLOADS = new Set(['bad_json', 'bad_message']);
const POLICIES: readonly [ReplyPolicy, ...ReplyPolicy[]] = ['auto', 'framed', 'any'];

export const decoder: Target = {
  name: 'decoder',
  share: 420,
  run(draw) {
    const bytes = stream(draw);
    const { frames, isBroken } = readFrames(bytes);
    const read = new FrameDecoder();
    const found: Frame[] = [];
    let error: ProtocolError | undefined;
    for (const piece of pieces(draw, bytes)) error = read.push(piece, (each) => found.push(each));
    assert.equal(error !== undefined, isBroken);
    assert.equal(found.length, frames.length);
    for (const [index, { raw, payload }] of found.entries()) {
      const start = frames[index - 1]?.end ?? 0;
      assert.ok(raw.equals(bytes.subarray(start, frames[index]?.end)));
      assert.ok(payload.length <= MAX_PAYLOAD_BYTES);
      comparePayload(payload, frames[index]?.json ?? '');
    }
    const end = read.end();
    assert.equal(end !== undefined, isBroken || bytes.length > (frames.at(-1)?.end ?? 0));
    if (end) checkError(end, OF_FRAMES);
  },
};

export const replies: Target = {
  name: 'replies',
  share: 350,
  run(draw) {
    const policy = draw.pick(POLICIES);
    const bytes = stream(draw);
    const whole = answerTo(policy, [bytes]);
    const inParts = answerTo(policy, pieces(draw, bytes));
    // Raw bytes have no end of their own: there the pieces decide.
    if (policy === 'framed') assert.deepEqual(shownOf(inParts), shownOf(whole));
    for (const { answer } of [whole, inParts]) {
      if (!answer) continue;
      if (answer.kind === 'bad') checkError(answer.error, new Set([...OF_FRAMES, ...OF_PAYLOADS]));
      if (answer.kind === 'framed') {
        assert.equal(answer.reply.msgId, OWN_ID);
        assert.ok(answer.bytes.length <= HEADER_BYTES + MAX_PAYLOAD_BYTES);
      }
      assert.ok(answer.kind !== 'raw' || policy !== 'framed');
    }
  },
};

/** Without the bytes of a broken reply and the words for it: they are of what had come by then. */
function shownOf({ answer, mismatches }: ReturnType<typeof answerTo>) {
  return { mismatches, answer: answer?.kind === 'bad' ? answer.error.reason : answer };
}

function answerTo(policy: ReplyPolicy, chunks: readonly Buffer[]) {
  let mismatches = 0;
  const reader = new ReplyReader(policy, OWN_ID, (error) => {
    mismatches += 1;
    checkError(error, new Set(['msg_id_mismatch']));
  });
  let answer: ReturnType<ReplyReader['push']>;
  for (const chunk of chunks) answer ??= reader.push(chunk);
  assert.match(reader.lateCause(), /^(reply_incomplete|other_msg_id|no_reply)$/);
  return { answer: answer ?? reader.end(), mismatches };
}

/** The core reads of a payload what the other reader reads. */
function comparePayload(payload: Buffer, json: string): void {
  const toggle = attempt(() => decodeToggle(payload));
  const reply = attempt(() => decodeReply(payload));
  assert.deepEqual(toggle, readToggle(json));
  const expected = readReply(json);
  assert.equal(reply === undefined, expected === 'invalid');
  if (!reply || expected === 'invalid') return;
  assert.equal(reply.kind, expected.opcode);
  assert.equal(reply.msgId, expected.msgId);
  if (reply.kind === 'ack') assert.equal(reply.state, expected.state);
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    checkError(error, OF_PAYLOADS);
    return undefined;
  }
}

function checkError({ reason, message }: ProtocolError, documented: ReadonlySet<string>): void {
  assert.ok(documented.has(reason), reason);
  checkSaid(message);
}
