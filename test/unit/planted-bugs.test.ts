/** The planted bugs of the simulation fit the source, so that its score counts all of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PLANTED_BUGS } from '../simulation/planted-bugs';

describe('planted bugs', () => {
  it('each change a text that its file has once', () => {
    const misplaced = PLANTED_BUGS.filter(({ file, text }) => readFileSync(file, 'utf8').split(text).length !== 2);
    assert.deepEqual(
      misplaced.map(({ file, what }) => `${file}: ${what}`),
      [],
    );
  });

  it('are at least 40, and each is named once', () => {
    assert.ok(PLANTED_BUGS.length >= 40);
    assert.equal(new Set(PLANTED_BUGS.map(({ file, what }) => `${file} ${what}`)).size, PLANTED_BUGS.length);
  });
});
