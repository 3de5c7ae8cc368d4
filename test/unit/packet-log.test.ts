/** The packet log to the letter. */
import assert from 'node:assert/strict';
import { packetLog } from '../../src/observers/packet-log';
import type { PacketEvent } from '../../src/observer';

const SENT: PacketEvent = {
  direction: 'send',
  outcome: 'success',
  deviceId: 'DEVICE123',
  msgId: '8f14e45fceea167a',
  attempt: 1,
  bytes: Uint8Array.of(0xf0, 0x0d, 0x01, 0x00, 0x00, 0x00, 0x52),
  elapsedMs: 0.4211,
};
const { bytes: _, ...WITHOUT_BYTES } = SENT;

function logged(event: PacketEvent): { line: string; level: string; fields: Record<string, unknown> } {
  const written: { line: string; level: string }[] = [];
  const at = new Date('2025-11-01T12:34:56.789Z');
  packetLog(
    (line, level) => written.push({ line, level }),
    () => at,
  ).packet?.(event);
  const [only, ...more] = written;
  assert.ok(only && more.length === 0, 'one line for one packet');
  return { ...only, fields: JSON.parse(only.line) as Record<string, unknown> };
}

describe('packet log line', () => {
  it('is that of the protocol, byte for byte', () => {
    assert.equal(
      logged(SENT).line,
      '{"ts":"2025-11-01T12:34:56.789Z","level":"INFO","message":"Packet tcp_packet send success","event":"tcp_packet",' +
        '"direction":"send","msg_id":"8f14e45fceea167a","device_id":"DEVICE123","raw_packet_hex":"f0 0d 01 00 00 00 52",' +
        '"elapsed_ms":0.42,"outcome":"success","attempt":1}',
    );
  });

  for (const [direction, outcome, expected] of [
    ['send', 'success', 'INFO'],
    ['send', 'error', 'WARNING'],
    ['recv', 'success', 'INFO'],
    ['recv', 'timeout', 'WARNING'],
    ['recv', 'closed', 'WARNING'],
    ['recv', 'error', 'WARNING'],
  ] as const) {
    it(`is of level ${expected} for ${direction} ${outcome}, inside and out`, () => {
      const { level, fields } = logged({ ...SENT, direction, outcome });
      assert.deepEqual([level, fields.level], [expected, expected]);
      assert.equal(fields.message, `Packet tcp_packet ${direction} ${outcome}`);
    });
  }

  it('has every field, in the same order, also when no packet came', () => {
    const missed = logged({ ...WITHOUT_BYTES, direction: 'recv', outcome: 'timeout' }).fields;
    assert.equal(missed.raw_packet_hex, '');
    assert.deepEqual(Object.keys(missed), Object.keys(logged(SENT).fields));
  });

  it('rounds to two decimals', () => {
    const rounded = [0, 0.004, 0.006, 1.239, 1500].map((elapsedMs) => logged({ ...SENT, elapsedMs }).fields.elapsed_ms);
    assert.deepEqual(rounded, [0, 0, 0.01, 1.24, 1500]);
  });

  it('shows the bytes of a view, not of the buffer behind it', () => {
    const bytes = Buffer.from('xACKx').subarray(1, 4);
    assert.equal(logged({ ...SENT, bytes }).fields.raw_packet_hex, '41 43 4b');
  });

  it('is one line, whatever the ids hold', () => {
    const [deviceId, msgId] = ['a\nb\u009b31m\u202e', '"\r\u2028'];
    const { line, fields } = logged({ ...SENT, deviceId, msgId });
    assert.doesNotMatch(line, /[\r\n\u009b\u202e\u2028]/);
    assert.deepEqual([fields.device_id, fields.msg_id], [deviceId, msgId]);
  });
});
