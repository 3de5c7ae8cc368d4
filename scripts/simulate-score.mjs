/**
 * Score of the simulation: plants bugs one by one in a copy of the build, and counts those that it finds.
 * `npm run simulate:score -- [--steps <toggles>] [word of a file or a bug]...`
 */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { transformSync } from 'esbuild';

/** Toggles for each bug; what they do not show is missed. */
const DEFAULT_STEPS = 30_000;
const LEAST_SHARE = 0.95;
const TIMEOUT_MS = 300_000;

const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
const { PLANTED_BUGS } = createRequire(import.meta.url)(join(ROOT, 'dist/test/simulation/planted-bugs.js'));
const { values, positionals: words } = parseArgs({ allowPositionals: true, options: { steps: { type: 'string' } } });
const bugs = PLANTED_BUGS.filter(({ file, what }) => words.every((word) => `${file} ${what}`.includes(word)));

const copy = mkdtempSync(join(tmpdir(), 'phase0-score-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

if (simulate().status !== 0) {
  console.error('the simulation breaks a law without any bug: npm run simulate');
  process.exit(1);
}
const missed = bugs.filter((bug) => !isFound(bug));
const found = bugs.length - missed.length;
console.log(`${found} of ${bugs.length} planted bugs found`);
for (const { file, what } of missed) console.log(`missed: ${file}: ${what}`);
process.exitCode = found >= LEAST_SHARE * bugs.length ? 0 : 1;

function isFound(bug) {
  const { file, what } = bug;
  const built = join(copy, 'dist', file.replace(/\.ts$/, '.js'));
  const original = readFileSync(built);
  writeFileSync(built, withBug(bug));
  const { status: code, stdout, stderr } = simulate();
  writeFileSync(built, original);
  const law = /^LAW (.*)$/m.exec(stdout)?.[1];
  const isHit = law !== undefined || code === null;
  // It is neither found nor missed: what was planted does not run.
  if (!isHit && code !== 0) throw new Error(`${file}: ${what}: the simulation failed without a law:\n${stderr}`);
  console.log(`${isHit ? 'found ' : 'MISSED'} ${file}: ${what}${isHit ? ` (${law ?? 'does not end'})` : ''}`);
  return isHit;
}

function withBug({ file, text, replacement }) {
  const source = readFileSync(join(ROOT, file), 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file} must have once: ${text}`);
  // A function: the replacement may hold a $.
  const changed = source.replace(text, () => replacement);
  // As tsc does it: fields are set after the parameters of the constructor.
  const tsconfigRaw = { compilerOptions: { useDefineForClassFields: false } };
  return transformSync(changed, { loader: 'ts', format: 'cjs', platform: 'node', target: 'es2022', tsconfigRaw }).code;
}

/** Without the report, which shrinks the story first. */
function simulate() {
  const script = join(copy, 'dist/test/simulation/simulate.js');
  const args = [script, '--steps', values.steps ?? String(DEFAULT_STEPS), '--brief'];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: TIMEOUT_MS });
}
