/** Owns the checks of the source: types, lint, format, dead code, and the package as it would be published, scorecard too. */
import { ROOT } from './ensure.mjs';
import { SCORER } from './scorer.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Where the room goes, and what was done for it: docs/adr/0008-size-of-the-package.md.
const MAX_UNPACKED_BYTES = 200_000;
const SHARED_SCRIPT = 'resources/editor.js';

// The build is to be the one that npm runs before it publishes.
process.env.npm_lifecycle_event = 'prepack';

step('types', tool('typescript/bin/tsc', '-p', '.', '--noEmit'));
if (hasEditors()) step('types of the editor', tool('typescript/bin/tsc', '-p', 'nodes'));
step('lint', tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings'));
step('format', tool('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'));
step('dead code', tool('knip/bin/knip.js', '--no-progress'));
step('build', [join(ROOT, 'scripts/build.mjs')]);
const packed = mkdtempSync(join(tmpdir(), 'phase0-pack-'));
process.on('exit', () => rmSync(packed, { recursive: true, force: true }));
const tarball = pack();
step('package', tool('publint/src/cli.js', tarball.path, '--strict'), packageProblems);
console.log(`size: ${tarball.unpackedSize} bytes unpacked, of ${MAX_UNPACKED_BYTES}`);
if (existsSync(SCORER) || process.env.CI) {
  process.stdout.write(step('scorecard', [join(ROOT, 'scripts/scorecard.mjs'), tarball.path]));
} else {
  console.log('scorecard: left out, for node-red-dev is missing (npm run setup:scorer)');
}

/** An empty list of inputs would be an error to tsc. */
function hasEditors() {
  return readdirSync(join(ROOT, 'nodes'), { recursive: true }).some((file) => /(^|\/)editor(\.ts|\/)/.test(file));
}

function tool(script, ...options) {
  return [join(ROOT, 'node_modules', script), ...options];
}

/** Runs one check; one line when all is well, all that it said and the end when not. What it said comes back. */
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

/** Packs what is built as npm would publish it. */
function pack() {
  const command = ['pack', '--json', '--ignore-scripts', '--pack-destination', packed];
  const { stdout } = spawnSync('npm', command, { cwd: ROOT, encoding: 'utf8' });
  const [{ filename, unpackedSize, files }] = JSON.parse(stdout);
  return { path: join(packed, filename), unpackedSize, files: files.map(({ path }) => path) };
}

/** What is wrong with the package that npm would publish; a sentence for each. */
function packageProblems() {
  const { 'node-red': nodeRed } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const pages = Object.keys(nodeRed.nodes).flatMap((type) => editorProblems(type));
  const { unpackedSize, files } = tarball;
  const size = unpackedSize > MAX_UNPACKED_BYTES ? [`${unpackedSize} bytes unpacked, over ${MAX_UNPACKED_BYTES}`] : [];
  // Node-RED's editor waits for it, and for ever if it is not there.
  const missing = files.includes(SHARED_SCRIPT) ? [] : [`${SHARED_SCRIPT} is missing: the editor would not start`];
  const strays = files
    .filter((path) => /\.map$|^dist\/test\/|^dist\/nodes\/.*\.d\.ts$/.test(path))
    .map((path) => `${path} does not belong into the package`);
  return [...pages, ...size, ...missing, ...strays];
}

/** The flow library's scorer reads the type's name from the page, so it must stand there as a literal. */
function editorProblems(type) {
  const page = join(ROOT, 'dist/nodes', type, `${type}.html`);
  if (!existsSync(page)) return [`${type} has no editor page: nodes/${type}/editor.ts is missing`];
  const literal = `RED.nodes.registerType('${type}', {`;
  return readFileSync(page, 'utf8').includes(literal) ? [] : [`${type}: no literal ${literal}`];
}
