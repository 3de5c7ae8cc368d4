import assert from 'node:assert/strict';
import { encodeCommand, readCommand, routingProblem } from '../../src/fleet/command-message';
import type { BrokerMessage } from '../../src/fleet/amqp/broker';
import { decodeVerdict, encodeVerdict } from '../../src/fleet/verdict-message';
import type { Verdict } from '../../src/verdict';

function messageOf(body: unknown, more: Partial<BrokerMessage> = {}): BrokerMessage {
  return { deliveryTag: 1, routingKey: 'lamp-1', redelivered: false, body, ...more };
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const COMMAND = { device_id: 'lamp-1', msg_id: 'm-1', state: true };

describe('command message', () => {
  it('comes out as it went in', () => {
    const command = { deviceId: 'lamp-1', msgId: 'm-1', state: 'flip', sentAt: 1_700_000_000_000 } as const;
    const message = messageOf(encodeCommand(command), { replyTo: 'phase0.reply.1' });
    assert.deepEqual(readCommand(message), { ...command, replyTo: 'phase0.reply.1' });
  });

  it('is read from text and from a value, too, since its sender chooses the content type', () => {
    const expected = { deviceId: 'lamp-1', msgId: 'm-1', state: true };
    assert.deepEqual(readCommand(messageOf(JSON.stringify(COMMAND))), expected);
    assert.deepEqual(readCommand(messageOf(COMMAND)), expected);
  });

  const wrong: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['not JSON', Buffer.from('on!'), 'invalid_command', /must be JSON/],
    ['empty', Buffer.alloc(0), 'invalid_command', /must be JSON/],
    ['an array', json([COMMAND]), 'invalid_command', /not an array/],
    ['null', json(null), 'invalid_command', /JSON object, not null/],
    ['1 MB', Buffer.alloc(1_000_000, 0x20), 'invalid_command', /at most 16384 bytes, not 1000000/],
    ['deeply nested', Buffer.from('['.repeat(8000) + ']'.repeat(8000)), 'invalid_command', /not an array/],
    ['without an id', json({ ...COMMAND, device_id: undefined }), 'invalid_command', /device_id must be/],
    ['with a number as id', json({ ...COMMAND, device_id: 7 }), 'invalid_command', /device_id must be/],
    [
      'for another device than its routing key',
      json({ ...COMMAND, device_id: 'lamp-2' }),
      'invalid_command',
      /routing/,
    ],
    ['without a state', json({ ...COMMAND, state: undefined }), 'invalid_state', /state must be/],
    ['with a state in words', json({ ...COMMAND, state: 'on' }), 'invalid_state', /state must be/],
    ['without a msg_id', json({ ...COMMAND, msg_id: undefined }), 'invalid_settings', /msg_id must be/],
    ['with a long msg_id', json({ ...COMMAND, msg_id: 'x'.repeat(65) }), 'invalid_settings', /msg_id must be/],
  ];
  for (const [name, body, reason, error] of wrong) {
    it(`that is ${name} is ${reason}, with the ids that are known`, () => {
      const read = readCommand(messageOf(body, { messageId: 'm-9' }));
      assert.ok('error' in read);
      assert.equal(read.reason, reason);
      assert.match(read.error, error);
      assert.equal(read.deviceId, 'lamp-1');
      assert.equal(read.msgId, reason === 'invalid_state' ? 'm-1' : 'm-9');
    });
  }

  it('takes a reply queue only if it is a name', () => {
    for (const replyTo of ['', 'a b', 'x'.repeat(201), 'a\u0000', 7, null]) {
      assert.equal(readCommand(messageOf(json(COMMAND), { replyTo })).replyTo, undefined);
    }
  });

  it('shows a routing key from outside without control characters', () => {
    assert.equal(readCommand(messageOf('', { routingKey: '\u001b[2Jx' })).deviceId, '\\x1b[2Jx');
  });

  it('has a device id that AMQP can route', () => {
    assert.equal(routingProblem('ä'.repeat(127)), undefined);
    assert.equal(routingProblem(`${'😀'.repeat(63)}abc`), undefined);
    for (const [id, bytes] of [
      ['ä'.repeat(128), 256],
      [`${'😀'.repeat(63)}abcd`, 256],
      ['中'.repeat(128), 384],
    ] as const) {
      const problem = routingProblem(id) ?? '';
      const begins = `deviceId must have at most 255 bytes in UTF-8 to be switched by a fleet, and "${id.slice(0, 50)}`;
      assert.ok(problem.startsWith(begins) && problem.endsWith(` has ${bytes}`), problem);
    }
  });
});

describe('verdict message', () => {
  const verdict: Verdict = {
    outcome: 'unknown',
    reason: 'timeout',
    cause: 'no_reply',
    deviceId: 'lamp-1',
    msgId: 'm-1',
    state: true,
    reportedState: false,
    attempts: 2,
    latencyMs: 3.5,
    elapsedMs: 20,
    received: 'f0 0d',
    error: 'no reply within 1500 ms',
    circuit: 'open',
  };

  it('comes out as it went in', () => {
    assert.deepEqual(decodeVerdict(encodeVerdict(verdict, '12')), { ...verdict, worker: '12' });
    const confirmed: Verdict = { outcome: 'confirmed', deviceId: 'a', msgId: 'm', attempts: 1, elapsedMs: 1 };
    assert.deepEqual(decodeVerdict(encodeVerdict(confirmed, '0')), { ...confirmed, worker: '0' });
  });

  it('of another kind is none', () => {
    const fields = JSON.parse(encodeVerdict(verdict, '0').toString()) as Record<string, unknown>;
    const broken = [
      { ...fields, outcome: 'perhaps' },
      { ...fields, outcome: '__proto__' },
      { ...fields, reason: 'toString' },
      { ...fields, attempts: -1 },
      { ...fields, elapsed_ms: 'long' },
      { ...fields, device_id: 'x'.repeat(201) },
      { ...fields, msg_id: 7 },
    ];
    for (const each of broken) assert.equal(decodeVerdict(json(each)), undefined);
    for (const body of ['', 'x', Buffer.alloc(20_000, 0x20), null, 7, undefined, json(null)]) {
      assert.equal(decodeVerdict(body), undefined);
    }
  });

  it('leaves out what is not valid and may be absent, and makes text printable', () => {
    const fields = JSON.parse(encodeVerdict(verdict, '0').toString()) as Record<string, unknown>;
    const strange = {
      worker: '<b>',
      cause: 'weather',
      circuit: 1,
      state: 'on',
      received: '<b>',
      latency_ms: null,
      error: 'a\nb',
    };
    assert.deepEqual(decodeVerdict(json({ ...fields, ...strange })), {
      outcome: 'unknown',
      reason: 'timeout',
      deviceId: 'lamp-1',
      msgId: 'm-1',
      reportedState: false,
      attempts: 2,
      elapsedMs: 20,
      error: 'a\\x0ab',
    });
  });
});
