/** Flow library scorecard of a packed package, given by its path: every check must pass and every page must be read. */
import { ROOT } from './ensure.mjs';
import { CACHE } from './cache.mjs';
import { SCORER } from './scorer.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHECKS = ['P01', 'P03', 'P04', 'P05', 'P06', 'P07', 'P08', 'N01', 'N02', 'D01', 'D02', 'D03'];
const NOT_GREEN = 'is not green';
const TIMEOUT_MS = 120_000;

if (!existsSync(SCORER)) {
  console.log('node-red-dev is missing (npm run setup:scorer)');
  process.exit(1);
}
const [tarball] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'phase0-scorecard-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const unpacked = spawnSync('tar', ['-xzf', tarball, '-C', folder], { stdio: 'inherit' });
if (unpacked.status !== 0) process.exit(1);

const path = join(folder, 'package');
const card = join(folder, 'card.json');
const answers = join(ROOT, 'scripts/scorer-answers.cjs');
const command = ['--require', answers, SCORER, 'validate', '--path', path, '--output', card];
const { status, stdout, stderr } = spawnSync(process.execPath, command, {
  encoding: 'utf8',
  env: { ...process.env, PHASE0_CACHE: CACHE },
  timeout: TIMEOUT_MS,
});
const lines = `${stdout}\n${stderr}`.split('\n');
const score = existsSync(card) ? JSON.parse(readFileSync(card, 'utf8')) : {};
const { bugs, repository } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

/** Accepted findings: not caused by the source, or not fixable in it. */
const EXCUSED = [
  // The project has no public address.
  ...(bugs || repository ? [] : ['P03']),
  // The flow library prefers scoped names, but accepts node-red-contrib ones.
  'P04 New Packages should use a scoped name',
  // A newer release or an unreachable registry is reported, but does not fail the check.
  'D03',
];

const problems = [
  ...(status === 0 ? [] : [`the scorer ended with ${status}`, ...lines]),
  ...CHECKS.filter((check) => score[check]?.test !== true).map((check) => `${check} ${NOT_GREEN}`),
  ...lines.filter((line) => /Warning: /.test(line)).map((line) => line.replace(/^.*Warning: /, '')),
  // The scorecard skips a page that the scorer cannot read.
  ...lines.filter((line) => line.startsWith('Unable to parse')),
];
const excused = problems.filter((problem) => EXCUSED.some((excuse) => problem.startsWith(excuse)));
const serious = problems.filter((problem) => !excused.includes(problem));
for (const problem of serious) console.log(problem);
for (const problem of excused) if (!problem.endsWith(NOT_GREEN)) console.log(`excused: ${problem}`);
process.exitCode = serious.length > 0 ? 1 : 0;
