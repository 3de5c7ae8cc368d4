/** Owns what one ring's mocha process says: failures, a result file for scripts/test.mjs, HTML and JUnit on request. */
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

const { Base, Spec, XUnit } = Mocha.reporters;
const LEAK_GRACE_MS = 5000;
const SLOWEST = 5;

// Mocha hands them back to whoever listens, and nobody else does; thrown, they fail the test that runs.
process.on('unhandledRejection', (reason) => {
  throw reason;
});

module.exports = class RingReporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    const { result, current, verbose, html, name, junit } = JSON.parse(process.env.PHASE0_REPORT ?? '{}');
    const inner = [];
    const add = (Reporter, reporterOptions) => inner.push(new Reporter(runner, { ...options, reporterOptions }));
    if (verbose || !result) add(Spec, {});
    if (junit) add(XUnit, { output: junit });
    if (html)
      add(require('mochawesome'), {
        reportDir: html,
        reportFilename: name,
        json: false,
        quiet: true,
        consoleReporter: 'none',
      });
    this.inner = inner;

    const tests = [];
    runner.on('test', (test) => current && writeFileSync(current, test.fullTitle()));
    runner.on('test end', (test) => tests.push({ title: test.fullTitle(), ms: test.duration ?? 0 }));
    runner.once('end', () => {
      const { passes: passed, failures: failed, pending: skipped, duration: durationMs } = this.stats;
      const slowest = tests.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
      if (result) writeFileSync(result, JSON.stringify({ passed, failed, skipped, durationMs, slowest }));
      if (!verbose && result && failed > 0) Base.list(this.failures);
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

/** A process that does not end by itself holds something open: name it. The timer alone keeps nobody alive. */
function watchForLeaks() {
  setTimeout(() => {
    const handles = process._getActiveHandles().filter((handle) => ![0, 1, 2].includes(handle.fd));
    console.error(`the tests ended, but these keep the process alive: ${handles.map(nameOf).join(', ') || timers()}`);
    // Mocha sets the exit code in an exit listener of its own; this one comes after it.
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
