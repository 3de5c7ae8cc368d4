/** Names of the files in test/: each file is found by its name alone. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const files = readdirSync('test', { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const sources = files.filter((file) => file.endsWith('.ts'));

describe('the files in test/', () => {
  it('have a name that no other one has', () => {
    const names = files.map((file) => basename(file));
    const duplicates = files.filter((file) => names.filter((name) => name === basename(file)).length > 1);
    assert.deepEqual(duplicates, []);
  });

  it('have kebab-case names', () => {
    const others = sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|d))?\.ts$/.test(basename(file)));
    assert.deepEqual(others, []);
  });

  it('hold tests only if they are named *.test.ts, so that the runner finds them', () => {
    const hidden = sources
      .filter((file) => !/\.(test|bench)\.ts$/.test(file))
      .filter((file) => /^\s*it\(/m.test(readFileSync(file, 'utf8')))
      // It adds one test to each file of the editor suite.
      .filter((file) => basename(file) !== 'editor-scene.ts');
    assert.deepEqual(hidden, []);
  });
});
