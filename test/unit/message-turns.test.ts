/** Turns of messages: every close resolves once all messages have ended. */
import assert from 'node:assert/strict';
import { MessageTurns } from '../../nodes/message-turns';

/** Work whose result comes when `end` is called. */
function openWork() {
  let end = (): void => undefined;
  const result = new Promise<void>((resolve) => (end = resolve));
  const work = {
    begin: () => Promise.resolve({ result }),
    end: () => undefined,
    failed: (bug: Error) => assert.fail(bug),
  };
  return { work, end };
}

describe('turns of messages', () => {
  it('each of several closes resolves, and none before the last message has ended', async () => {
    const turns = new MessageTurns();
    const first = openWork();
    const last = openWork();
    turns.add(first.work);
    const counts: number[] = [];
    const closes = [turns.close(), turns.close()];
    turns.add(last.work);
    closes.push(turns.close());
    for (const close of closes) void close.then(() => counts.push(turns.count));
    first.end();
    last.end();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(counts, [0, 0, 0]);
    await turns.close();
  });
});
