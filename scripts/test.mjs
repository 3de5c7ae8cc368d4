/**
 * Test runner: builds, runs each suite of dist/test in its own process, in sequence, and sums up the results.
 * test-suite.mjs runs a suite, some of them as two processes.
 * The last line is the count. Reports go to test-reports/.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportCoverage } from './test-coverage.mjs';
import { htmlReport } from './test-html.mjs';
import { readCommandLine, usage, UsageError } from './test-options.mjs';
import { missingPrograms } from './test-programs.mjs';
import { read, runSuite } from './test-suite.mjs';

const LATENCY_LIMITS_MS = { p95: 300, p99: 800 };

const { options, suites: chosen, scope } = commandLine();
// Only now: this installs the dependencies if they are missing, which a wrong option must not wait for.
const { ROOT } = await import('./ensure.mjs');

const reports = join(ROOT, 'test-reports');
const work = join(reports, '.run');
const files = {
  latency: join(work, 'latency'),
  missing: join(work, 'missing'),
  coverage: join(work, 'coverage'),
};

const built = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const suites = [];
const env = {
  ...process.env,
  PHASE0_LATENCY_FILE: files.latency,
  PHASE0_MISSING_FILE: files.missing,
  ...(options.coverage ? { NODE_V8_COVERAGE: files.coverage } : {}),
};
for (const [name, testFiles] of chosen)
  suites.push(await runSuite({ root: ROOT, name, testFiles, options, work, reports, env }));

const total = (count) => suites.reduce((sum, suite) => sum + suite[count], 0);
const timings = {
  toggleLatencyMs: latencies(),
  suites: suites.map(({ tests: _tests, ...summary }) => summary),
};
writeFileSync(join(reports, 'performance.json'), `${JSON.stringify(timings, null, 2)}\n`);
if (chosen.has('integration')) printLatencies(timings.toggleLatencyMs);
const problems = options.coverage
  ? reportCoverage({ root: ROOT, rawDir: files.coverage, reportsDir: join(reports, 'coverage'), scope })
  : [];
for (const line of missingPrograms(lines(files.missing))) console.log(line);

const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
const summary = `${total('passed')} passed, ${total('failed')} failed${skipped}`;
if (options.html) {
  const report = join(reports, 'report.html');
  writeFileSync(report, htmlReport(suites, summary, new Date()));
  console.log(`HTML report: ${report}`);
}
if (options.coverage) console.log(`coverage report: ${join(reports, 'coverage/index.html')}`);
rmSync(work, { recursive: true, force: true });
for (const problem of problems) console.error(problem);
console.log(summary);
process.exitCode = total('failed') > 0 || total('passed') === 0 || problems.length > 0 ? 1 : 0;

function commandLine() {
  const root = join(import.meta.dirname, '..');
  try {
    const line = readCommandLine(process.argv.slice(2), root);
    if (!line.options.help) return line;
    process.stdout.write(usage(root));
    return process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return process.exit(2);
  }
}

function lines(file) {
  return read(file).split('\n').filter(Boolean);
}

/** Percentiles of the successful toggles that tests recorded, nearest rank. */
function latencies() {
  const sorted = lines(files.latency)
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
    if (percentiles[name] > limit) console.warn(`warning: ${name} is above ${limit} ms`);
  }
}
