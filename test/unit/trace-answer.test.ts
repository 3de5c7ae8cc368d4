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
  const sent = { set: () => sent, end: () => undefined, write: (text: string) => written.push(text) > 0 };
  return { written, response: sent as unknown as AdminResponse };
}

describe('answers of the trace', () => {
  it('have texts from outside, with what a terminal would obey escaped', async () => {
    const { written, response: to } = response();
    const answer = devicesAnswer({ devices: [summary({ deviceId: HOSTILE })], removed: [HOSTILE] });
    await writeAnswer(to, answer);
    const [text = ''] = written;
    assert.deepEqual(JSON.parse(text), answer);
    assert.match(text, /^[\x20-\x7e]*$/);
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
