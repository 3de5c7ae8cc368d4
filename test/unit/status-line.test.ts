import assert from 'node:assert/strict';
import { StatusLine } from '../../nodes/status-line';
import type { Status } from '../../nodes/red';
import { fakeClock } from '../support/fixtures';

function setUp() {
  const clock = fakeClock();
  const shown: string[] = [];
  const line = new StatusLine({ status: ({ text }) => void shown.push(text) }, clock);
  let made = 0;
  const set = (text: string) =>
    line.set((): Status => {
      made += 1;
      return { fill: 'blue', shape: 'ring', text };
    });
  return { clock, shown, line, set, made: () => made };
}

describe('status line', () => {
  it('shows the first at once, then at most four a second, the last one always', async () => {
    const { clock, shown, set, made } = setUp();
    for (let step = 0; step < 100; step += 1) {
      set(`s${step}`);
      await clock.advance(10);
    }
    await clock.advance(1000);
    assert.equal(shown[0], 's0');
    assert.equal(shown.at(-1), 's99');
    assert.ok(shown.length <= 5, `${shown.length} in a second`);
    assert.equal(made(), shown.length, 'no text is made that is not shown');
  });

  it('shows nothing twice', async () => {
    const { clock, shown, set } = setUp();
    set('same');
    await clock.advance(300);
    set('same');
    await clock.advance(300);
    assert.deepEqual(shown, ['same']);
  });

  it('makes no more than four a second while it stays the same: with many device ids each takes long', async () => {
    const { clock, shown, set, made } = setUp();
    for (let step = 0; step < 100; step += 1) {
      set('same');
      await clock.advance(10);
    }
    assert.deepEqual(shown, ['same']);
    assert.ok(made() <= 5, `${made()} in a second`);
  });

  it('leaves no timer when closed', () => {
    const { clock, shown, line, set } = setUp();
    set('a');
    set('b');
    line.close();
    assert.equal(clock.pendingTimers, 0);
    assert.deepEqual(shown, ['a']);
  });
});
