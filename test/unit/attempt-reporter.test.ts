/** What the result of an attempt carries of its reply. */
import assert from 'node:assert/strict';
import { ProtocolError } from '../../src/protocol/protocol-error';
import { StopSignal } from '../../src/stop-signal';
import { AttemptReporter } from '../../src/transport/attempt-reporter';

const attempt = {
  request: { deviceId: 'lamp', msgId: 'm1', state: true },
  packet: Buffer.from('packet'),
  attempt: 1,
  signal: new StopSignal(),
};

function receivedOf(bytes: Uint8Array): unknown {
  const error = new ProtocolError('truncated', 'a reply that was cut off');
  const result = new AttemptReporter({}).replied(attempt, { kind: 'bad', bytes, error }, 5);
  return 'received' in result ? result.received : 'nothing';
}

describe('result of an attempt', () => {
  it('shows the first 64 bytes of the reply', () => {
    assert.equal(receivedOf(Buffer.from('f00d', 'hex')), 'f00d');
    assert.equal(receivedOf(Buffer.alloc(65, 1)), '01'.repeat(64));
  });

  it('shows nothing if nothing of it is known', () => {
    assert.equal(receivedOf(Buffer.alloc(0)), 'nothing');
  });
});
