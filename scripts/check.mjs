/** Checks of the source (types, lint, format, dead code) and of the package (publint, size, contents, scorecard). */
import { ROOT } from './ensure.mjs';
import { SCORER } from './scorer.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAX_UNPACKED_BYTES = 2_500_000;

step('types', tool('typescript/bin/tsc', '-p', '.', '--noEmit'));
step('types of the editor', tool('typescript/bin/tsc', '-p', 'nodes'));
step('lint', tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings'));
step('format', tool('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'));
step('dead code', tool('knip/bin/knip.js', '--no-progress'));
const packed = mkdtempSync(join(tmpdir(), 'phase0-pack-'));
process.on('exit', () => rmSync(packed, { recursive: true, force: true }));
const tarball = pack();
step('package', tool('publint/src/cli.js', tarball.path, '--strict'), packageProblems);
console.log(`size: ${tarball.unpackedSize} bytes unpacked (limit ${MAX_UNPACKED_BYTES}), ${tarball.size} packed`);
if (existsSync(SCORER) || process.env.CI) {
  process.stdout.write(step('scorecard', [join(ROOT, 'scripts/scorecard.mjs'), tarball.path]));
} else {
  console.log('scorecard: skipped, because node-red-dev is missing (npm run setup:scorer)');
}

function tool(script, ...options) {
  return [join(ROOT, 'node_modules', script), ...options];
}

/** Runs one check. Prints one line if it passes, otherwise its whole output. Returns the output. */
function step(name, command, inspect = () => []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  const problems = status === 0 ? inspect() : [stdout, stderr];
  if (problems.length === 0) {
    console.log(`${name}: ok`);
    return stdout;
  }
  console.log(`${name}: not ok`);
  console.log(problems.filter(Boolean).join('\n').trimEnd());
  process.exit(1);
}

/** Packs with scripts on, as npm publishes it: prepack builds. */
function pack() {
  // By default npm pack mixes what a script prints into the JSON.
  const command = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', packed];
  const { status, stdout, stderr } = spawnSync('npm', command, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) {
    console.log(`build and pack: not ok\n${stderr}`);
    process.exit(1);
  }
  const [{ filename, size, unpackedSize, files }] = JSON.parse(stdout);
  return { path: join(packed, filename), size, unpackedSize, files: files.map(({ path }) => path) };
}

/** Problems of the package that npm would publish, one sentence each. */
function packageProblems() {
  const { 'node-red': nodeRed } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const pages = Object.keys(nodeRed.nodes).flatMap((type) => editorProblems(type));
  const { unpackedSize, files } = tarball;
  const size = unpackedSize > MAX_UNPACKED_BYTES ? [`${unpackedSize} bytes unpacked, over ${MAX_UNPACKED_BYTES}`] : [];
  const strays = files
    .filter((path) => /\.map$|^dist\/test\/|^dist\/nodes\/.*\.d\.ts$/.test(path))
    .map((path) => `${path} does not belong in the package`);
  return [...pages, ...size, ...strays];
}

/** Node-RED reads from the page which node types a node set provides. */
function editorProblems(type) {
  const page = readFileSync(join(ROOT, 'dist/nodes', type, `${type}.html`), 'utf8');
  return page.includes(` data-template-name="${type}"`) ? [] : [`${type}: its page has no template of that name`];
}
