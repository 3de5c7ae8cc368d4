/** What the routes of the trace send: JSON that does no harm on a terminal. */
import assert from 'node:assert/strict';
import { startEventLines } from '../../nodes/event-lines';
import type { AdminResponse } from '../../nodes/red';
import { writeAnswer } from '../../nodes/trace/write-answer';
import { devicesAnswer, summary } from '../support/trace-answers';

/** C1 controls, marks that change the direction of text, and line separators: JSON may have all of them as they are. */
const HOSTILE = 'lamp\u009b2J\u202e\u2028</script>\u001b[2J';

function response() {
  const written: string[] = [];
  const closed: (() => void)[] = [];
  const sent = {
    set: () => sent,
    end: () => written.push('end'),
    write: (text: string) => written.push(text) > 0,
    on: (_event: 'close', listener: () => void) => closed.push(listener),
  };
  const close = () => {
    for (const listener of closed) listener();
  };
  return { written, close, response: sent as unknown as AdminResponse };
}

describe('answers of the trace', () => {
  it('have texts from outside, with what a terminal would obey escaped', async () => {
    const { written, response: to } = response();
    const answer = devicesAnswer({ devices: [summary({ deviceId: HOSTILE })], removed: [HOSTILE] });
    await writeAnswer(to, answer);
    const [text = '', ...others] = written;
    assert.deepEqual(JSON.parse(text), answer);
    assert.match(text, /^[\x20-\x7e]*$/);
    assert.deepEqual(others, ['end']);
  });

  it('are sent in parts when they are large, and toggles go on in between', async () => {
    const { written, response: to } = response();
    const answer = devicesAnswer({ devices: Array.from({ length: 1000 }, () => summary({ deviceId: HOSTILE })) });
    let turns = 0;
    let isWritten = false;
    const turn = () => {
      turns += 1;
      if (!isWritten) setImmediate(turn);
    };
    turn();
    await writeAnswer(to, answer);
    isWritten = true;
    assert.ok(written.length > 3 && turns > 30, `${written.length} parts, ${turns} turns`);
    assert.deepEqual(JSON.parse(written.slice(0, -1).join('')), answer);
  });

  it('read a list as it is written, and no further for a client that is gone', async () => {
    const { written, close, response: to } = response();
    let read = 0;
    function* endless(): Generator<number> {
      for (;;) {
        read += 1;
        if (read === 100) close();
        yield read;
      }
    }
    await writeAnswer(to, { toggles: endless() });
    assert.ok(read < 130, String(read));
    assert.deepEqual(written, []);
  });

  it('may have empty lists, and nothing', async () => {
    for (const [answer, text] of [
      [{ cursor: 'c', removed: [] }, '{"cursor":"c","removed":[]}'],
      [{}, '{}'],
    ] as const) {
      const { written, response: to } = response();
      await writeAnswer(to, answer);
      assert.deepEqual(written, [text, 'end']);
    }
  });

  it('of actions have them as well', () => {
    const { written, response: to } = response();
    const event = { event: 'started', deviceId: HOSTILE, msgId: 'm', state: true, attempt: 1, maxAttempts: 2 } as const;
    startEventLines(to)(event);
    const [line = ''] = written;
    assert.deepEqual(JSON.parse(line), event);
    assert.match(line, /^[\x20-\x7e]*\n$/);
  });
});
