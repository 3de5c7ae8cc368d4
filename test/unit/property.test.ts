/** Reading of typed properties: whatever a context store or an expression does, each reading ends. */
import assert from 'node:assert/strict';
import { SettingReader, READ_TIMEOUT_MS } from '../../nodes/property';
import type { Node, NodeApi } from '../../nodes/red';
import { fakeClock } from '../support/fixtures';

type Answer = (error: unknown, value?: unknown) => void;

function setUp() {
  const clock = fakeClock();
  const answers: Answer[] = [];
  const stop = new AbortController();
  const util = {
    evaluateNodeProperty: (_v: string, _t: string, _n: Node, _m: object, done: Answer) => answers.push(done),
  };
  const RED = { util } as unknown as Pick<NodeApi, 'util'>;
  const settings = { state: 'x', stateType: 'flow' };
  const reader = new SettingReader(RED, {} as Node, settings, 'state', 'on or off', clock);
  return { clock, stop, read: () => reader.read({}, stop.signal), answer: () => answers.at(-1) as Answer };
}

describe('reading of a property', () => {
  it('has the value that comes later', async () => {
    const { clock, read, answer } = setUp();
    const value = read();
    await clock.advance(READ_TIMEOUT_MS - 1);
    answer()(null, 7);
    assert.deepEqual(await value, { value: 7 });
    assert.equal(clock.pendingTimers, 0);
  });

  it('fails when no answer comes in time, and ignores one that comes later', async () => {
    const { clock, read, answer } = setUp();
    const failure = assert.rejects(
      read(),
      /^Error: state must be on or off, and "flow\.x" cannot be read \(no answer in 10000 ms\)$/,
    );
    await clock.advance(READ_TIMEOUT_MS);
    await failure;
    answer()(null, 7);
    assert.equal(clock.pendingTimers, 0);
  });

  it('fails when it is stopped', async () => {
    const { clock, stop, read } = setUp();
    const failure = assert.rejects(read(), /cannot be read \(cancelled\)$/);
    stop.abort('cancelled');
    await clock.advance(0);
    await failure;
    assert.equal(clock.pendingTimers, 0);
  });

  it('that begins after a stop has the value that is there at once, and waits for no other one', async () => {
    const { clock, stop, read, answer } = setUp();
    stop.abort('closed');
    const prompt = read();
    answer()(null, true);
    assert.deepEqual(await prompt, { value: true });
    const failure = assert.rejects(read(), /cannot be read \(closed\)$/);
    await clock.advance(0);
    await failure;
  });
});
