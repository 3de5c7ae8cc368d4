/**
 * Mutation testing: changes the built core in one place at a time, and counts the changes that a test notices.
 * `npm run test:mutation -- [--share <0 to 1>] [word of a file]...`; survivors that are argued are in test/mutation.json.
 */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutationsOf } from './mutations.mjs';

const FOLDERS = ['protocol', 'device', 'transport', 'transport/persistent'];
const LEAST_SHARE = 0.9;
const UNIT_TIMEOUT_MS = 60_000;
const SIMULATION_TIMEOUT_MS = 180_000;
/** Toggles of the simulation that judges what the unit tests let pass. */
const STEPS = 6000;

const { values, positionals: words } = parseArgs({ allowPositionals: true, options: { share: { type: 'string' } } });
const share = Number(values.share ?? 1);
const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
const { argued } = JSON.parse(readFileSync(join(ROOT, 'test/mutation.json'), 'utf8'));

const copy = mkdtempSync(join(tmpdir(), 'phase0-mutation-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
cpSync(join(ROOT, 'test/wire'), join(copy, 'test/wire'), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const files = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(copy, 'dist/src', folder)).flatMap((name) => (name.endsWith('.js') ? [`${folder}/${name}`] : [])),
  ),
  'retry.js',
].filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
/** Those of the core's own parts; others would take longer, and judge the same. */
const allTests = readdirSync(join(copy, 'dist/test/unit')).filter((name) =>
  /^(attempts|circuit|confirmed|connection-turns|device-contract|direct|group|inventory-reload|known|lane|name-lookup|node-socket|per-toggle|persistent|reply|retry|socket|stop|verdict|waiting|wire).*\.test\.js$/.test(
    name,
  ),
);

if (!passesUnit(allTests) || !passesSimulation()) {
  console.error('a test fails without any mutation');
  process.exit(1);
}
let [all, killed, excused] = [0, 0, 0];
for (const file of files) {
  const path = join(copy, 'dist/src', file);
  const source = readFileSync(path, 'utf8');
  const every = mutationsOf(source);
  // Real sockets take their time, and say nothing of what is not theirs.
  const tests = allTests.filter((name) => /socket|tls|lookup/.test(file) || !/node-socket|lookup/.test(name));
  // The same ones each time, from all over the file.
  const chosen = every.filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share));
  for (const { start, end, replacement, what } of chosen) {
    const line = source.slice(source.lastIndexOf('\n', start) + 1, source.indexOf('\n', start)).trim();
    all += 1;
    if (argued.some((each) => each.file === file && each.line === line && each.what === what)) {
      excused += 1;
      continue;
    }
    writeFileSync(path, source.slice(0, start) + replacement + source.slice(end));
    const isKilled = !passesUnit(tests) || !passesSimulation();
    if (isKilled) killed += 1;
    else console.log(`SURVIVED ${file}: ${what} in: ${line}`);
  }
  writeFileSync(path, source);
  console.log(
    `${file}: ${chosen.length} of ${every.length} mutations; so far ${killed} killed, ${excused} argued, of ${all}`,
  );
}
const score = (killed + excused) / all;
console.log(`${killed} of ${all} mutations killed, ${excused} argued: ${(100 * score).toFixed(1)} %`);
process.exitCode = score >= LEAST_SHARE ? 0 : 1;

function passesUnit(tests) {
  const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
  return passes(
    UNIT_TIMEOUT_MS,
    mocha,
    '--bail',
    '--exit',
    '--timeout=30000',
    ...tests.map((name) => join('dist/test/unit', name)),
  );
}

function passesSimulation() {
  const script = join(copy, 'dist/test/simulation/simulate.js');
  return passes(SIMULATION_TIMEOUT_MS, script, '--steps', String(STEPS), '--brief');
}

/** What does not end is noticed, too. */
function passes(timeout, ...args) {
  return spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore', timeout }).status === 0;
}
