/** docs/protocol.md: its bytes are those of its JSON, and its examples are rejected for the reasons that it names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { encodeFrame, FrameDecoder } from '../../src/protocol/frame';
import { ProtocolError } from '../../src/protocol/protocol-error';
import { decodeReply, LAB_ACK } from '../../src/protocol/toggle';

const page = readFileSync('docs/protocol.md', 'utf8');
const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
const blocks = Array.from(page.matchAll(/```(\w+)\n([^`]+)```/g), ([, kind = '', text = '']) => ({ kind, text }));

/** Why the client rejects these bytes, if the connection ends after them. */
function reasonFor(bytes: Buffer): string | undefined {
  const decoder = new FrameDecoder();
  try {
    return (decoder.push(bytes, ({ payload }) => void decodeReply(payload)) ?? decoder.end())?.reason;
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    return error.reason;
  }
}

describe('docs/protocol.md', () => {
  it('shows the bytes of the request, of ack and of nack, which are those of the JSON above them', () => {
    const opcodes = blocks.flatMap(({ kind, text }, index) => {
      if (kind !== 'json') return [];
      const payload = JSON.parse(text) as { opcode: string };
      const hex = blocks.slice(index).find((block) => block.kind === 'text')?.text ?? '';
      assert.equal(bytesOf(hex).toString('hex'), encodeFrame(JSON.stringify(payload)).toString('hex'));
      return [payload.opcode];
    });
    assert.deepEqual(opcodes, ['toggle', 'ack', 'nack']);
  });

  it('shows the bytes of a raw reply', () => {
    assert.equal(bytesOf(blocks.at(-1)?.text ?? '').toString(), LAB_ACK);
  });

  it('shows bytes that the client rejects, each for its reason', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| `([0-9a-f ]+)`/gm)];
    assert.deepEqual(
      rows.map(([, reason]) => reason),
      ['bad_magic', 'bad_version', 'too_large', 'bad_json', 'bad_message', 'truncated'],
    );
    for (const [, reason, hex = ''] of rows) assert.equal(reasonFor(bytesOf(hex)), reason);
  });
});
