/**
 * Owns a test run: builds, runs each ring of dist/test in a process of its own, one after the other, and adds up.
 * The last line is the count. Reports go to test-reports/.
 */
import { ROOT } from './ensure.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const RINGS = ['unit', 'integration', 'connections', 'cli', 'nodes', 'editor', 'monitoring', 'reliability'];
const RING_CAP_MS = 15 * 60_000;
const LATENCY_LIMITS_MS = { p95: 300, p99: 800 };
const PROGRAMS = {
  chromium: 'apt-get install chromium',
  prometheus: 'apt-get install prometheus',
  node24: 'npm run setup:generation-5',
  script: 'apt-get install bsdutils',
  netns: 'apt-get install iproute2 nftables (and root or user namespaces)',
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: 'boolean', default: false },
    html: { type: 'boolean', default: false },
    junit: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    performance: { type: 'boolean', default: false }, // written always
    grep: { type: 'string' },
  },
});

const reports = join(ROOT, 'test-reports');
const work = join(reports, '.run');
const files = {
  latency: join(work, 'latency'),
  missing: join(work, 'missing'),
  current: join(work, 'current'),
  coverage: join(work, 'coverage'),
};

const built = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const rings = [];
for (const ring of chosenRings()) rings.push(await runRing(ring));

const total = (count) => rings.reduce((sum, ring) => sum + ring[count], 0);
const performance = { toggleLatencyMs: latencies(), rings };
writeFileSync(join(reports, 'performance.json'), `${JSON.stringify(performance, null, 2)}\n`);
if (rings.some(({ name }) => name === 'integration')) printLatencies(performance.toggleLatencyMs);
if (options.coverage) reportCoverage();
printMissing();
rmSync(work, { recursive: true, force: true });

const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
console.log(`${total('passed')} passed, ${total('failed')} failed${skipped}`);
process.exitCode = total('failed') > 0 || total('passed') === 0 ? 1 : 0;

/** The rings asked for, else every folder of dist/test that holds tests, the known ones first. */
function chosenRings() {
  const found = readdirSync(join(ROOT, 'dist/test'), { recursive: true })
    .filter((file) => /\/.*\.test\.js$/.test(file))
    .map((file) => file.split('/')[0]);
  const rank = (ring) => (RINGS.includes(ring) ? RINGS.indexOf(ring) : RINGS.length);
  const all = [...new Set(found)].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const unknown = positionals.find((ring) => !all.includes(ring));
  if (unknown) {
    console.error(`No tests in test/${unknown}; there are ${all.join(', ')}.`);
    process.exit(2);
  }
  return positionals.length > 0 ? positionals : all;
}

async function runRing(name) {
  const result = join(work, `${name}.json`);
  const mocha = [
    '--enable-source-maps',
    join(ROOT, 'node_modules/mocha/bin/mocha.js'),
    `--reporter=${join(ROOT, 'scripts/test-reporter.cjs')}`,
    ...(options.grep ? ['--grep', options.grep] : []),
    `dist/test/${name}/**/*.test.js`,
  ];
  const env = {
    ...process.env,
    PHASE0_LATENCY_FILE: files.latency,
    PHASE0_MISSING_FILE: files.missing,
    PHASE0_REPORT: JSON.stringify({
      result,
      current: files.current,
      verbose: options.verbose,
      ...(options.html ? { html: reports, name } : {}),
      ...(options.junit ? { junit: join(reports, `${name}.xml`) } : {}),
    }),
    ...(options.coverage ? { NODE_V8_COVERAGE: files.coverage } : {}),
  };
  const child = spawn(process.execPath, mocha, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const cap = setTimeout(() => {
    console.error(
      `${name}: no end after ${RING_CAP_MS / 60_000} minutes; the last test to begin was: ${read(files.current)}`,
    );
    child.kill('SIGKILL');
  }, RING_CAP_MS);
  const code = await new Promise((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? signal));
  });
  clearTimeout(cap);
  const ring = { name, passed: 0, failed: 0, skipped: 0, ...JSON.parse(read(result) || '{}') };
  if (code !== 0 && ring.failed === 0) {
    console.error(`${name}: the test process ended with ${code}`);
    ring.failed = 1;
  }
  const { passed, failed, durationMs = 0 } = ring;
  const counts = [`${passed} passed`, failed && `${failed} failed`, ring.skipped && `${ring.skipped} skipped`];
  console.log(`${name}: ${counts.filter(Boolean).join(', ')} (${(durationMs / 1000).toFixed(1)} s)`);
  return ring;
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Percentiles of the successful toggles that tests recorded, nearest rank. */
function latencies() {
  const sorted = read(files.latency)
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .toSorted((a, b) => a - b);
  const percentile = (p) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? null;
  return { count: sorted.length, p50: percentile(50), p95: percentile(95), p99: percentile(99) };
}

function printLatencies({ count, ...percentiles }) {
  if (count === 0) return;
  const shown = Object.entries(percentiles).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`);
  console.log(`latency of ${count} successful toggles: ${shown.join(', ')}`);
  for (const [name, limit] of Object.entries(LATENCY_LIMITS_MS)) {
    if (percentiles[name] > limit) console.warn(`warning: ${name} is past ${limit} ms`);
  }
}

function reportCoverage() {
  const c8 = join(ROOT, 'node_modules/c8/bin/c8.js');
  const scope = ['--include', 'src/**', '--include', 'nodes/**', '--exclude-after-remap'];
  const where = ['--temp-directory', files.coverage, '--reports-dir', join(reports, 'coverage')];
  const kinds = ['--reporter', 'text-summary', '--reporter', 'html'];
  spawnSync(process.execPath, [c8, 'report', ...where, ...scope, ...kinds], { cwd: ROOT, stdio: 'inherit' });
}

/** What was left out for want of a program, and how to get it. */
function printMissing() {
  const lines = read(files.missing)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  for (const [program, remedy] of Object.entries(PROGRAMS)) {
    const suites = new Set(lines.filter((line) => line.program === program).map(({ suite }) => suite));
    if (suites.size > 0) console.log(`left out, for ${program} is missing (${remedy}): ${[...suites].join('; ')}`);
  }
}
