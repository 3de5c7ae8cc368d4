/** One suite of the test runner: the process that runs it, or the processes of its parts side by side, as one result. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TIMEOUT_MS = 30 * 60_000;
const SLOWEST = 5;
const NOTHING = { passed: 0, failed: 0, skipped: 0, durationMs: 0, slowest: [], tests: [] };
/** Suites with tests for each generation of Node-RED, long enough for a process for each: test/support/generations.ts. */
const IN_TWO_PARTS = ['editor'];

/** Text of a file; empty without one. */
export function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/**
 * Runs the test files of a suite, and prints what they print. `work` is a folder for its files; `env` is for the
 * processes. Resolves to the counts and the tests.
 */
export async function runSuite({ root, name, testFiles, options, work, reports, env }) {
  // The first one is seen as it goes; the other follows in one piece, so that they are not mixed.
  const parts = IN_TWO_PARTS.includes(name)
    ? [
        { title: `${name}-4`, env: { ...env, PHASE0_GENERATION: '4' } },
        { title: `${name}-5`, env: { ...env, PHASE0_GENERATION: '5' }, log: join(work, `${name}-5.log`) },
      ]
    : [{ title: name, env }];
  const runs = parts.map((part) => runPart({ root, testFiles, options, work, reports, ...part }));
  const results = [];
  for (const [index, { log }] of parts.entries()) {
    results.push(await runs[index]);
    if (log) process.stdout.write(read(log));
  }
  const suite = { name, ...merged(results) };
  const counts = [`${suite.passed} passed`, suite.failed && `${suite.failed} failed`];
  if (suite.skipped) counts.push(`${suite.skipped} skipped`);
  console.log(`${name}: ${counts.filter(Boolean).join(', ')} (${(suite.durationMs / 1000).toFixed(1)} s)`);
  return suite;
}

async function runPart({ root, title, log, testFiles, options, work, reports, env }) {
  const [result, current] = [join(work, `${title}.json`), join(work, `${title}.current`)];
  const mocha = [
    '--enable-source-maps',
    join(root, 'node_modules/mocha/bin/mocha.js'),
    `--reporter=${join(root, 'scripts/test-reporter.cjs')}`,
    ...(options.grep ? ['--grep', options.grep] : []),
    // A terminal is at the end of the log, too.
    ...(log && process.stdout.isTTY ? ['--color'] : []),
    ...testFiles.map((file) => join('dist/test', file.replace(/\.ts$/, '.js'))),
  ];
  const report = {
    result,
    current,
    verbose: options.verbose,
    ...(options.junit ? { junit: join(reports, `${title}.xml`) } : {}),
  };
  const output = log ? openSync(log, 'a') : 'inherit';
  const child = spawn(process.execPath, mocha, {
    cwd: root,
    env: { ...env, PHASE0_REPORT: JSON.stringify(report) },
    stdio: ['ignore', output, output],
  });
  if (log) closeSync(output);
  const problems = [];
  const timeout = setTimeout(() => {
    const minutes = TIMEOUT_MS / 60_000;
    problems.push(`${title}: did not end within ${minutes} minutes; the last test that began: ${read(current)}`);
    child.kill('SIGKILL');
  }, TIMEOUT_MS);
  const code = await new Promise((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? signal));
  });
  clearTimeout(timeout);
  const counts = { ...NOTHING, ...JSON.parse(read(result) || '{}') };
  if (code !== 0 && counts.failed === 0) {
    problems.push(`${title}: the test process ended with ${code}`);
    counts.failed = 1;
  }
  for (const problem of problems) console.error(problem);
  return counts;
}

/** The parts ran at the same time: the suite took as long as the longest of them. */
function merged(results) {
  const total = (count) => results.reduce((sum, result) => sum + result[count], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    durationMs: Math.max(...results.map(({ durationMs }) => durationMs)),
    slowest: results
      .flatMap(({ slowest }) => slowest)
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST),
    tests: results.flatMap(({ tests }) => tests),
  };
}
