/** What one connection owes: which commands may still be on their way, and to whom a late reply could belong. */
import assert from 'node:assert/strict';
import { OpenRequests } from '../../src/transport/persistent/open-requests';
import { OutstandingRequests } from '../../src/transport/persistent/outstanding-requests';
import type { PendingRequest } from '../../src/transport/persistent/pending-request';
import type { Session } from '../../src/transport/persistent/session';

const request = (deviceId: string, msgId: string) => ({ deviceId, msgId }) as PendingRequest<Session>;

function setUp() {
  const outstanding = new OutstandingRequests<Session>();
  const send = (deviceId: string, msgId: string) => {
    const sent = request(deviceId, msgId);
    outstanding.add(sent);
    return sent;
  };
  const giveUp = (deviceId: string, msgId: string) => outstanding.giveUp(send(deviceId, msgId));
  const answer = (deviceId: string, msgId: string, at = 0) => outstanding.answered(send(deviceId, msgId), at);
  return { outstanding, send, giveUp, answer };
}

describe('outstanding requests', () => {
  it('know the command in flight of a device id, also when the one before it ends', () => {
    const { outstanding, send } = setUp();
    const [first, second] = [send('lamp', 'm1'), send('lamp', 'm2')];
    assert.ok(outstanding.hasOlder('lamp', 'm3'));
    outstanding.answered(first, 0);
    assert.deepEqual([outstanding.hasOlder('lamp', 'm2'), outstanding.hasOlder('lamp', 'm3')], [false, true]);
    outstanding.answered(second, 0);
    assert.equal(outstanding.hasOlder('lamp', 'm3'), false);
  });

  it('owe nothing for a command that was given up once and answered by another way', () => {
    const { outstanding, send } = setUp();
    const sent = send('lamp', 'm1');
    outstanding.giveUp(sent);
    assert.equal(outstanding.areAllAnswered, false);
    outstanding.answered(sent, 0);
    assert.ok(outstanding.areAllAnswered);
  });

  it('owe each command of a device id until its own late reply came', () => {
    const { outstanding, giveUp } = setUp();
    giveUp('lamp', 'm1');
    giveUp('lamp', 'm2');
    outstanding.answeredLate('m1', 0);
    assert.deepEqual([outstanding.areAllAnswered, outstanding.hasOlder('lamp', 'm3')], [false, true]);
    outstanding.answeredLate('m2', 0);
    assert.deepEqual([outstanding.areAllAnswered, outstanding.hasOlder('lamp', 'm3')], [true, false]);
  });

  it('take a late reply for another device as long as one with that msg_id owes it', () => {
    const { outstanding, giveUp, answer } = setUp();
    giveUp('lamp', 'm1');
    giveUp('pump', 'm1');
    answer('lamp', 'm2');
    assert.deepEqual([outstanding.isAmbiguous('door', 'm1'), outstanding.isAmbiguous('pump', 'm1')], [true, false]);
    answer('pump', 'm3');
    assert.equal(outstanding.isAmbiguous('door', 'm1'), false);
  });

  it('are too many with missing replies of more than 1,000 device ids', () => {
    const { outstanding, giveUp } = setUp();
    for (let id = 0; id < 1000; id += 1) giveUp(`d${id}`, `m${id}`);
    assert.equal(outstanding.areTooMany, false);
    giveUp('one more', 'm');
    assert.ok(outstanding.areTooMany);
  });

  it('keep nothing of what was answered but the msg_ids, also of what that shows to have arrived', () => {
    const { outstanding, giveUp, answer } = setUp();
    giveUp('lamp', 'm1');
    giveUp('pump', 'm1');
    answer('lamp', 'm2');
    answer('pump', 'm3');
    const maps = Object.values(outstanding) as readonly Partial<ReadonlyMap<string, unknown>>[];
    assert.ok(maps.every(({ size = 0 }) => size === 0));
    const answeredTo = (msgId: string) => ['lamp', 'pump'].filter((id) => outstanding.wasAnsweredToOther(id, msgId));
    assert.deepEqual(['m1', 'm2', 'm3', 'm4'].map(answeredTo), [['lamp'], ['pump'], ['lamp'], []]);
  });
});

describe('open requests', () => {
  it('wait or are in flight, never both', () => {
    const open = new OpenRequests();
    const each = request('lamp', 'm1');
    open.addWaiting(each);
    open.addInFlight(each);
    assert.deepEqual([open.waiting.size, open.isInFlight('m1')], [0, true]);
    open.addWaiting(each);
    assert.deepEqual([open.waiting.size, open.isInFlight('m1')], [1, false]);
    open.remove(each);
    assert.deepEqual([open.waiting.size, open.isInFlight('m1')], [0, false]);
  });
});
