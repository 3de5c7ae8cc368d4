/** Mocha reporter of one suite: prints failures, writes a result file for scripts/test.mjs, and JUnit on request. */
const { writeFileSync } = require('node:fs');
const { stripVTControlCharacters } = require('node:util');
const Mocha = require('mocha');

const { Base, Spec, XUnit } = Mocha.reporters;
const LEAK_GRACE_MS = 5000;
const SLOWEST = 5;

// Mocha passes an unhandled rejection to other listeners, but there are none. Throwing it fails the current test.
process.on('unhandledRejection', (reason) => {
  throw reason;
});

module.exports = class SuiteReporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    const { result, current, verbose, junit } = JSON.parse(process.env.PHASE0_REPORT ?? '{}');
    const inner = [];
    const add = (Reporter, reporterOptions) => inner.push(new Reporter(runner, { ...options, reporterOptions }));
    if (verbose || !result) add(Spec, {});
    if (junit) add(XUnit, { output: junit });
    this.inner = inner;

    const tests = [];
    runner.on('test', (test) => current && writeFileSync(current, test.fullTitle()));
    const record = (test, state, error) =>
      tests.push({ title: test.fullTitle(), state, durationMs: test.duration ?? 0, ...(error && { error }) });
    runner.on('pass', (test) => record(test, 'passed'));
    runner.on('pending', (test) => record(test, 'skipped'));
    // A hook that fails is reported here too, and counted by mocha as a failure.
    runner.on('fail', (test, error) => record(test, 'failed', stripVTControlCharacters(String(error.stack ?? error))));
    runner.once('end', () => {
      const { passes: passed, failures: failed, pending: skipped, duration: durationMs } = this.stats;
      const byDuration = tests.toSorted((a, b) => b.durationMs - a.durationMs);
      const slowest = byDuration.slice(0, SLOWEST).map(({ title, durationMs: ms }) => ({ title, ms }));
      if (result) writeFileSync(result, JSON.stringify({ passed, failed, skipped, durationMs, slowest, tests }));
      if (!verbose && result && failed > 0) Base.list(this.failures);
      if (current) writeFileSync(current, 'none: all of them had ended, but the process did not');
      watchForLeaks();
    });
  }

  /** Mocha waits here for reporters that write files. */
  done(failures, end) {
    const [first, ...rest] = this.inner.filter((reporter) => reporter.done);
    if (!first) return end(failures);
    const next = (remaining) => () => {
      const [reporter, ...others] = remaining;
      if (reporter) reporter.done(failures, next(others));
      else end(failures);
    };
    first.done(failures, next(rest));
  }
};

/** A process that does not end by itself holds something open: name it. The timer itself does not keep it alive. */
function watchForLeaks() {
  setTimeout(() => {
    const handles = process._getActiveHandles().filter((handle) => ![0, 1, 2].includes(handle.fd));
    console.error(`the tests ended, but these keep the process alive: ${handles.map(nameOf).join(', ') || timers()}`);
    // Mocha sets the exit code in its own exit listener; this one runs after it.
    process.on('exit', () => (process.exitCode = 1));
    process.exit();
  }, LEAK_GRACE_MS).unref();
}

function nameOf(handle) {
  const kind = handle.constructor.name;
  if (handle.spawnargs) return `${kind} ${handle.pid} (${handle.spawnargs.join(' ').slice(0, 120)})`;
  if (handle.remotePort) return `${kind} ${handle.localPort} → ${handle.remotePort}`;
  if (typeof handle.address === 'function') return `${kind} on port ${handle.address()?.port ?? 'unknown'}`;
  return kind;
}

function timers() {
  return process.getActiveResourcesInfo().join(', ');
}
