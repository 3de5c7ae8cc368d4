import assert from 'node:assert/strict';
import { ProgressBar } from '../../src/cli/progress-bar';

const CLEAR = '\r\u001B[K';

function barOn(isTTY: boolean) {
  const written: string[] = [];
  const time = { nowMs: 0 };
  const stream = { isTTY, write: (text: string) => written.push(text) };
  return { written, time, bar: new ProgressBar(stream, 200, () => time.nowMs) };
}

describe('progress bar', () => {
  it('draws what is done, and a note', () => {
    const { bar, written } = barOn(true);
    bar.update(100, ', 3 not confirmed');
    assert.deepEqual(written, [`${CLEAR}${'█'.repeat(15)}${'░'.repeat(15)} 100/200, 3 not confirmed`]);
  });

  it('is empty at first and full at the end', () => {
    const { bar, written, time } = barOn(true);
    bar.update(0, '');
    time.nowMs += 100;
    bar.update(200, '');
    assert.deepEqual(written, [`${CLEAR}${'░'.repeat(30)} 0/200`, `${CLEAR}${'█'.repeat(30)} 200/200`]);
  });

  it('is drawn ten times a second at most', () => {
    const { bar, written, time } = barOn(true);
    for (let done = 0; done < 100; done += 1) {
      time.nowMs = done * 10;
      bar.update(done, '');
    }
    assert.equal(written.length, 10);
  });

  it('makes room for a line once, and is drawn again', () => {
    const { bar, written, time } = barOn(true);
    bar.clear();
    assert.deepEqual(written, []);
    bar.update(1, '');
    bar.clear();
    bar.clear();
    assert.equal(written.at(-1), CLEAR);
    assert.equal(written.length, 2);
    time.nowMs += 100;
    bar.update(2, '');
    assert.match(written.at(-1) ?? '', /2\/200$/);
  });

  it('is disabled without a terminal', () => {
    const { bar, written } = barOn(false);
    bar.update(1, '');
    bar.clear();
    assert.deepEqual(written, []);
  });
});
