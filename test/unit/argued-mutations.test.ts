/** The mutations that survive for a reason are of lines that the core still has, so that none is excused by mistake. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface Argued {
  readonly file: string;
  readonly line: string;
  readonly what: string;
  readonly nth?: number;
  readonly why: string;
}

const { argued } = JSON.parse(readFileSync('test/mutation.json', 'utf8')) as { readonly argued: readonly Argued[] };

describe('argued mutations', () => {
  it('are each of a line of their file, and say why', () => {
    const misplaced = argued.filter(({ file, line, why }) => {
      const lines = readFileSync(`dist/src/${file}`, 'utf8').split('\n');
      return !why || !lines.some((each) => each.trim() === line);
    });
    assert.deepEqual(misplaced, []);
  });

  it('are argued once each', () => {
    const names = argued.map(({ file, line, what, nth = 1 }) => [file, line, what, nth].join('\n'));
    assert.equal(new Set(names).size, names.length);
  });
});
