/** Which msg_ids a connection remembers as answered: those of the last ten seconds, whatever their number up to a bound. */
import assert from 'node:assert/strict';
import { AnsweredIds } from '../../src/transport/persistent/answered-ids';

/** Answers `count` more, `everyMs` apart. */
function answerMany(ids: AnsweredIds, count: number, from = 0, everyMs = 0): void {
  for (let index = 0; index < count; index += 1) ids.add(`m${from}-${index}`, 'pump', from + index * everyMs);
}

describe('answered msg_ids', () => {
  it('name the device id that was answered last', () => {
    const ids = new AnsweredIds();
    assert.equal(ids.get('m1'), undefined);
    ids.add('m1', 'lamp', 0);
    assert.equal(ids.get('m1'), 'lamp');
    ids.add('m1', 'door', 10_000);
    assert.equal(ids.get('m1'), 'door');
  });

  it('are remembered for ten seconds, on a connection with a thousand answers a second as well', () => {
    const ids = new AnsweredIds();
    answerMany(ids, 500);
    ids.add('m1', 'lamp', 4000);
    answerMany(ids, 10_000, 4000, 1);
    assert.equal(ids.get('m1'), 'lamp');
  });

  it('are forgotten after twenty seconds', () => {
    const ids = new AnsweredIds();
    ids.add('m1', 'lamp', 5);
    ids.add('m2', 'lamp', 10_004);
    ids.add('m3', 'lamp', 10_005);
    assert.equal(ids.get('m1'), 'lamp');
    ids.add('m4', 'lamp', 20_005);
    assert.deepEqual(
      ['m1', 'm2', 'm3'].map((msgId) => ids.get(msgId)),
      [undefined, undefined, 'lamp'],
    );
  });

  it('are forgotten before, but not the latest 10,000, when they are more', () => {
    const ids = new AnsweredIds();
    ids.add('m1', 'lamp', 0);
    answerMany(ids, 10_000);
    assert.equal(ids.get('m1'), 'lamp');
    answerMany(ids, 10_000, 1);
    assert.equal(ids.get('m1'), undefined);
    assert.equal(ids.get('m0-9999'), 'pump');
  });
});
