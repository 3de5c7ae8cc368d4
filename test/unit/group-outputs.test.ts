/** What a group sends when all of its members were confirmed. */
import assert from 'node:assert/strict';
import { groupOutputs, type Ended } from '../../nodes/phase0-group/message';
import type { Verdict } from '../../src/verdict';

const member = (deviceId: string, state: boolean, more: Partial<Verdict> = {}): [string, Verdict] => [
  deviceId,
  { outcome: 'confirmed', deviceId, msgId: 'm', state, attempts: 1, elapsedMs: 1, ...more },
];

function payloadOf(members: readonly [string, Verdict][], state?: Ended['state']): unknown {
  const counts = { total: members.length, confirmed: members.length, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
  const verdict = { outcome: 'all', ...counts, elapsedMs: 1, members: Object.fromEntries(members) } as const;
  const ended: Ended = { verdict, ...(state !== undefined && { state }) };
  const [output] = groupOutputs({}, ended, () => '', { id: 'g', type: 'phase0-group', name: '' });
  return output?.payload;
}

describe('the payload of a group', () => {
  it('is the state that every member confirmed', () => {
    assert.equal(payloadOf([member('a', true), member('b', true)], true), true);
  });

  it('has the states by device id if a member reported another one', () => {
    const members = [member('a', true, { reportedState: false }), member('b', true)];
    assert.deepEqual(payloadOf(members, true), { a: false, b: true });
  });

  it('has the states by device id of a flip', () => {
    assert.deepEqual(payloadOf([member('a', true), member('b', false)], 'flip'), { a: true, b: false });
  });
});
