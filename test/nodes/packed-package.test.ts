/** Contents of the packed package: the files that the tests ran, the documents, and stack traces that can be read. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPacked } from '../support/packed-package';

/** Paths of the files in a folder and below. */
function filesIn(folder: string, fits: RegExp): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => fits.test(name)).toSorted();
}

describe('the packed package', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'phase0-packed-'));
  const installed = join(folder, 'node_modules/node-red-contrib-phase0');
  before(() => installPacked(folder));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const part of ['dist/src', 'dist/nodes']) {
    it(`has in ${part} byte for byte what the tests run, and nothing else`, () => {
      const shipped = /\.(js|html|json|svg)$/;
      const names = filesIn(part, shipped);
      assert.ok(names.some((name) => name.endsWith('.js')));
      assert.deepEqual(filesIn(join(installed, part), shipped), names);
      for (const name of names) {
        assert.ok(readFileSync(join(part, name)).equals(readFileSync(join(installed, part, name))), name);
      }
    });
  }

  it('has the declarations of the library, with comments', () => {
    const names = filesIn('dist/src', /\.d\.ts$/);
    assert.deepEqual(filesIn(join(installed, 'dist/src'), /\.d\.ts$/), names);
    assert.match(readFileSync(join(installed, 'dist/src/device/device.d.ts'), 'utf8'), /\/\*\*/);
  });

  for (const part of ['docs', 'examples', 'monitoring']) {
    it(`has ${part}/ as it is in the project`, () => {
      assert.deepEqual(filesIn(join(installed, part), /\.\w+$/), filesIn(part, /\.\w+$/));
    });
  }

  it('has README, change log and the whole licence, and neither tests nor source maps', () => {
    for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
      assert.equal(readFileSync(join(installed, name), 'utf8'), readFileSync(name, 'utf8'));
    }
    assert.match(readFileSync(join(installed, 'LICENSE'), 'utf8'), /APPENDIX: How to apply/);
    assert.equal(existsSync(join(installed, 'dist/test')), false);
    assert.deepEqual(filesIn(join(installed, 'dist'), /\.map$/), []);
  });

  it('has the target of every relative link in README, change log and docs', () => {
    const pages = [
      'README.md',
      'CHANGELOG.md',
      ...filesIn(join(installed, 'docs'), /\.md$/).map((name) => `docs/${name}`),
    ];
    const targets = pages.flatMap((page) =>
      [...readFileSync(join(installed, page), 'utf8').matchAll(/(?:\]\(|src=")(?!https?:|#)([^)#"]+)/g)].map(
        ([, path = '']) => join(dirname(page), path),
      ),
    );
    assert.ok(targets.length > 30);
    assert.deepEqual(
      targets.filter((target) => !existsSync(join(installed, target))),
      [],
    );
  });

  it('names file and function in a stack trace', () => {
    const program = "new (require('node-red-contrib-phase0').Device)(null)";
    const { stderr } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' });
    assert.match(stderr, /at new Device \(.*node-red-contrib-phase0\/dist\/src\/device\/device\.js:\d+:\d+\)/);
  });

  it('gives each node type a static template, which Node-RED reads at installation', () => {
    const { 'node-red': nodeRed } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      'node-red': { nodes: object };
    };
    for (const type of Object.keys(nodeRed.nodes)) {
      const page = readFileSync(join(installed, 'dist/nodes', type, `${type}.html`), 'utf8');
      assert.match(
        page,
        new RegExp(`<script type="text/html" data-template-name="${type}">\\n<div class="phase0-form">`),
      );
    }
  });
});
