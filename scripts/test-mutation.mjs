/**
 * Mutation testing: changes the built core in one place at a time, and counts the changes that a test notices.
 * `npm run test:mutation -- [--share <0 to 1>] [--steps <toggles>] [--jobs <processes>] [--survivors] [word of a file]...`
 * Each place is judged by the unit tests that execute it, and then by some simulated toggles.
 * Survivors that are argued are in test/mutation.json; --survivors judges only those of the last run.
 */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Judge } from './mutation-judge.mjs';
import { grouped, markArgued, nameOf, placesOf } from './mutation-places.mjs';
import { survey } from './mutation-survey.mjs';

const LEAST_SHARE = 0.9;
/** Toggles of the simulation that judges what the unit tests let pass. */
const DEFAULT_STEPS = 6000;
const UNIT_TIMEOUT_MS = 6_000;
const SIMULATION_TIMEOUT_MS = 60_000;
const PROGRESS_EACH = 100;
const REPORT = join(ROOT, 'test-reports/mutation.json');
const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    share: { type: 'string' },
    steps: { type: 'string' },
    jobs: { type: 'string' },
    survivors: { type: 'boolean' },
  },
});
const share = Number(values.share ?? 1);
const steps = Number(values.steps ?? DEFAULT_STEPS);
const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exit(1);

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'phase0-mutation-')));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
cpSync(join(ROOT, 'test/wire'), join(copy, 'test/wire'), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const places = placesOf(join(copy, 'dist'));
markArgued(places, JSON.parse(readFileSync(join(ROOT, 'test/mutation.json'), 'utf8')).argued);
const last = values.survivors ? new Set(JSON.parse(readFileSync(REPORT, 'utf8')).survivors) : undefined;
const chosen = chosenPlaces();
const failure = await survey(copy, chosen, steps);
if (failure !== undefined) {
  console.error(`a test fails without any mutation: ${failure}`);
  process.exit(1);
}
const queue = chosen.filter(({ isArgued }) => !isArgued);
await Promise.all(Array.from({ length: Number(values.jobs ?? 1) }, judgeAll));
process.exitCode = report() >= LEAST_SHARE ? 0 : 1;

function chosenPlaces() {
  return (
    places
      .filter(({ file }) => words.length === 0 || words.some((word) => file.includes(word)))
      .filter((place) => last?.has(nameOf(place)) ?? true)
      // The same ones each time, from all over the files.
      .filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share))
  );
}

async function judgeAll() {
  const judge = new Judge(copy);
  for (let place = queue.shift(); place; place = queue.shift()) {
    place.noticedBy = await noticedBy(judge, place);
    place.isJudged = true;
    if (queue.length % PROGRESS_EACH === 0) report();
    if (place.noticedBy !== undefined) continue;
    console.log(`${place.rounds.length > 0 ? 'SURVIVED' : 'NOT EXECUTED'} ${nameOf(place)}`);
  }
  judge.end();
}

async function noticedBy(judge, { file, mutated, rounds }) {
  for (const { tests, steps: toggles = 0 } of rounds) {
    const brief = tests.map(({ file: testFile, title, duration }) => ({ file: testFile, title, duration }));
    const durationMs = tests.reduce((sum, { duration }) => sum + duration, 0);
    const timeoutMs = toggles > 0 ? SIMULATION_TIMEOUT_MS : UNIT_TIMEOUT_MS + 5 * durationMs;
    const input = { path: `src/${file}`, source: mutated, tests: brief, steps: toggles };
    const notice = await judge.judge(input, timeoutMs);
    if (notice !== undefined) return notice;
  }
  return undefined;
}

/** Prints a line for each folder, and returns the share of what is killed or argued. */
function report() {
  const judged = chosen.filter(({ isArgued, isJudged }) => isArgued || isJudged);
  for (const [folder, each] of Object.entries(grouped(judged, ({ file }) => dirname(file)))) {
    console.log(`${folder === '.' ? 'retry' : folder}: ${sumOf(each).text}`);
  }
  const survivors = judged.filter(({ isArgued, noticedBy: by }) => !isArgued && by === undefined).map(nameOf);
  const killed = Object.fromEntries(
    judged.filter((each) => each.noticedBy).map((each) => [nameOf(each), each.noticedBy]),
  );
  // Those of the last run that this one has not judged are left as they were.
  const names = new Set(judged.map((place) => nameOf(place)));
  const untouched = [...(last ?? [])].filter((name) => !names.has(name));
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, `${JSON.stringify({ survivors: [...survivors, ...untouched], killed }, null, 2)}\n`);
  const { text, score } = sumOf(judged);
  console.log(`all: ${text}`);
  return score;
}

function sumOf(some) {
  const argued = some.filter(({ isArgued }) => isArgued).length;
  const killed = some.filter(({ noticedBy: by }) => by !== undefined).length;
  const score = (killed + argued) / some.length;
  return { score, text: `${killed} of ${some.length} killed, ${argued} argued: ${(100 * score).toFixed(1)} %` };
}
