/** Packets taken apart: fields without gaps, and the same judgement as the decoder's, at the right byte. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { DecodeReason } from '../../src/outcomes';
import { encodeFrame, FrameDecoder, HEADER_BYTES } from '../../src/protocol/frame';
import { ProtocolError } from '../../src/protocol/protocol-error';
import { decodeReply, decodeToggle, encodeToggle } from '../../src/protocol/toggle';
import { dissect, faultWords, type DissectOptions } from '../../src/trace/dissect';
import { scanJson } from '../../src/trace/json-scan';

const FRAMED: DissectOptions = { direction: 'reply', reply: 'framed' };
const REQUEST: DissectOptions = { direction: 'request' };

/** What the decoder says about the first frame of `bytes`. */
function judgement(bytes: Uint8Array, decode: (payload: Uint8Array) => unknown): DecodeReason | undefined {
  const decoder = new FrameDecoder();
  const payloads: Uint8Array[] = [];
  decoder.push(bytes, ({ payload }) => payloads.push(payload));
  const [first] = payloads;
  if (!first) return decoder.end()?.reason;
  try {
    decode(first);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    return error.reason;
  }
}

/** That the fields cover `bytes` without a gap. */
function assertCovered(bytes: Uint8Array, options: DissectOptions): void {
  let end = 0;
  for (const field of dissect(bytes, options).fields) {
    assert.equal(field.start, end);
    assert.ok(field.end > field.start);
    end = field.end;
  }
  assert.equal(end, bytes.length);
}

function fieldsOf(bytes: Uint8Array, options: DissectOptions): string {
  return dissect(bytes, options)
    .fields.map(({ name, start, end }) => `${name} ${start}-${end}`)
    .join(', ');
}

function frame(payload: string): Buffer {
  return encodeFrame(payload);
}

describe('dissect: the wire fixtures', () => {
  for (const file of readdirSync('test/wire').filter((name) => name.endsWith('.hex'))) {
    const bytes = Buffer.from(readFileSync(`test/wire/${file}`, 'utf8').replaceAll(/\s/g, ''), 'hex');
    const expected = JSON.parse(readFileSync(`test/wire/${file.replace('.hex', '.json')}`, 'utf8')) as {
      readonly request?: object;
      readonly reason?: string;
    };
    const options = expected.request ? REQUEST : FRAMED;
    it(`${file} has the fault that it is known for`, () => {
      assert.equal(dissect(bytes, options).fault?.reason, expected.reason);
      assertCovered(bytes, options);
    });
  }
});

describe('dissect: the byte at which something is wrong', () => {
  const wrong = (bytes: Uint8Array, options: DissectOptions = FRAMED) => {
    const { fault } = dissect(bytes, options);
    assert.ok(fault);
    return faultWords(fault);
  };
  const inPayload = (payload: string, index: number) => ({ bytes: frame(payload), at: HEADER_BYTES + index });

  it('magic, version and length', () => {
    assert.equal(wrong(Buffer.from('HTTP/1.1 400')), 'byte 0: expected f0 0d, found 48 54 (bad_magic)');
    assert.equal(
      wrong(Buffer.from('HTTP'), { direction: 'reply' }),
      'byte 0: expected f0 0d or ACK, found 48 54 (bad_magic)',
    );
    assert.equal(wrong(Buffer.from('f00c', 'hex')), 'byte 1: expected 0d, found 0c (bad_magic)');
    assert.equal(wrong(Buffer.from('f00d02', 'hex')), 'byte 2: expected version 01, found 02 (bad_version)');
    assert.equal(
      wrong(Buffer.from('f00d0100010001', 'hex')),
      'byte 3: expected a length of at most 65536, found 65537 (too_large)',
    );
  });

  it('what is missing', () => {
    const whole = frame('{"opcode":"ack","msg_id":"m"}');
    assert.equal(wrong(whole.subarray(0, 5)), 'byte 5: expected a header of 7 bytes, but the bytes end (truncated)');
    assert.equal(
      wrong(whole.subarray(0, 20)),
      'byte 20: expected a payload of 29 bytes, but the bytes end (truncated)',
    );
    assert.equal(dissect(whole.subarray(0, 20), { ...FRAMED, length: whole.length }).fault, undefined);
  });

  it('JSON, with bytes counted as UTF-8', () => {
    const { bytes, at } = inPayload('{"é":x}', 6);
    assert.equal(wrong(bytes), `byte ${at}: expected JSON, found "x" (bad_json)`);
    const broken = Buffer.concat([frame('{"a":1'), Buffer.alloc(0)]);
    assert.equal(wrong(broken), `byte ${broken.length}: expected JSON, but the bytes end (bad_json)`);
  });

  it('UTF-8, also a character that breaks off', () => {
    const bytes = frame('{"a":"é"}');
    bytes[HEADER_BYTES + 6] = 0xff;
    assert.equal(wrong(bytes), `byte ${HEADER_BYTES + 6}: expected UTF-8, found ff (bad_json)`);
    const cut = Buffer.from('f00d0100000003220000', 'hex');
    cut.set([0x22, 0xef, 0xbf], HEADER_BYTES);
    assert.equal(dissect(cut, FRAMED).fault?.at, cut.length);
  });

  it('members, at their values', () => {
    const cases: readonly (readonly [payload: string, index: number, expected: string, found: string])[] = [
      ['[]', 0, 'a JSON object', 'an array'],
      ['{"opcode":"ack"}', 0, 'msg_id: a string', 'no msg_id'],
      ['{"msg_id":"m","opcode":"nope"}', 23, 'opcode: "ack" or "nack"', '"nope"'],
      ['{"msg_id":"m","opcode":"ack","state":"on"}', 37, 'state: true or false', '"on"'],
      ['{"msg_id":"m","opcode":"nack","error":{}}', 38, 'error: a string', 'an object'],
    ];
    for (const [payload, index, expected, found] of cases) {
      const { bytes, at } = inPayload(payload, index);
      assert.equal(wrong(bytes), `byte ${at}: expected ${expected}, found ${found} (bad_message)`);
    }
  });

  it('a reply to another toggle', () => {
    const { bytes, at } = inPayload('{"opcode":"ack","msg_id":"b"}', 25);
    const words = `byte ${at}: expected msg_id: "a", found "b" (msg_id_mismatch)`;
    assert.equal(wrong(bytes, { ...FRAMED, msgId: 'a' }), words);
    assert.equal(dissect(bytes, { ...FRAMED, msgId: 'b' }).fault, undefined);
  });

  it('shows nothing that could harm a terminal', () => {
    assert.equal(
      wrong(frame('{"msg_id":"\\u001b[2J","opcode":"ack"}'), { ...FRAMED, msgId: 'm' }),
      `byte ${HEADER_BYTES + 10}: expected msg_id: "m", found "\\x1b[2J" (msg_id_mismatch)`,
    );
  });
});

describe('dissect: fields', () => {
  it('of a frame, and what follows it', () => {
    const bytes = Buffer.concat([encodeToggle({ deviceId: 'd', msgId: 'm', state: true }), Buffer.from('ACK')]);
    const end = bytes.length - 3;
    const fields = `magic 0-2, version 2-3, length 3-7, payload 7-${end}, excess ${end}-${bytes.length}`;
    assert.equal(fieldsOf(bytes, REQUEST), fields);
    const { payload } = dissect(bytes, REQUEST);
    assert.deepEqual(payload?.json, { opcode: 'toggle', device_id: 'd', msg_id: 'm', state: true });
    const texts = payload?.members.map(({ key, start, end: to }) => [key, bytes.toString('utf8', start, to)]);
    assert.deepEqual(texts, [
      ['opcode', '"toggle"'],
      ['device_id', '"d"'],
      ['msg_id', '"m"'],
      ['state', 'true'],
    ]);
  });

  it('of raw replies, by the policy', () => {
    const ack = Buffer.from('ACK\r\n');
    assert.equal(fieldsOf(ack, { direction: 'reply' }), 'ack 0-3, padding 3-5');
    assert.equal(fieldsOf(ack, { direction: 'reply', reply: 'any' }), 'raw 0-5');
    assert.equal(fieldsOf(ack, FRAMED), 'raw 0-5');
    assert.equal(fieldsOf(Buffer.from('ACKx'), { direction: 'reply' }), 'ack 0-3, excess 3-4');
    assert.equal(dissect(Buffer.from('AC'), { direction: 'reply' }).fault?.reason, 'truncated');
    assert.deepEqual(dissect(Buffer.alloc(0), { direction: 'reply' }), { fields: [] });
  });
});

describe('dissect: any bytes', () => {
  /** Frames with one byte changed, so that what comes is nearly right. */
  const nearlyRight = fc
    .tuple(
      fc.record({ opcode: fc.constantFrom('ack', 'nack', 'x'), msg_id: fc.string(), state: fc.constantFrom(true, 1) }),
      fc.nat(),
      fc.nat({ max: 255 }),
    )
    .map(([reply, at, byte]) => {
      const bytes = frame(JSON.stringify(reply));
      bytes[at % bytes.length] = byte;
      return bytes;
    });

  it('are judged as the decoder judges them, and covered without gaps', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyRight, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        assert.equal(dissect(bytes, FRAMED).fault?.reason, judgement(bytes, decodeReply));
        assert.equal(dissect(bytes, REQUEST).fault?.reason, judgement(bytes, decodeToggle));
        for (const options of [FRAMED, REQUEST, { direction: 'reply' } as const]) assertCovered(bytes, options);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('scanJson', () => {
  /** Whether Node.js sees the fault there as well, as far as its message says where. */
  function agrees(text: string, fault: number | undefined): boolean {
    try {
      JSON.parse(text);
      return fault === undefined;
    } catch (error) {
      const { message } = error as Error;
      const position = /at position (\d+)/.exec(message)?.[1];
      if (position !== undefined) return fault === Number(position);
      const token = /^Unexpected token '(.)'/s.exec(message)?.[1];
      return fault !== undefined && (token === undefined ? fault === text.length : text[fault] === token);
    }
  }

  it('finds the fault where Node.js does', () => {
    const mutated = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', '0', '\\', '.', '\n', ']'));
    fc.assert(
      fc.property(mutated, ([json, at, inserted]) => {
        const index = at % (json.length + 1);
        const text = json.slice(0, index) + inserted + json.slice(index);
        assert.ok(agrees(text, scanJson(text).fault), text);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives what is nested as deep as it is long', () => {
    assert.equal(scanJson('['.repeat(65_000)).fault, 65_000);
  });
});
