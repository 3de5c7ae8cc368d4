/**
 * Process of the mutation testing: runs the unit tests and the simulation of a build in this process, with one source
 * replaced by a mutation. It loads the core and its tests anew each time, and everything else only once.
 */
import Mocha from 'mocha';
import fastCheck from 'fast-check';
import Module, { createRequire } from 'node:module';
import inspector from 'node:inspector/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LEAST_TIMEOUT_MS = 2000;
/** A machine that does much else must not fail what is not changed. */
const SURVEY_TIMEOUT_MS = 60_000;

const [copy] = process.argv.slice(2);
const dist = join(copy, 'dist');
const require = createRequire(join(dist, 'index.js'));
const mutated = { path: '', source: '' };
process.chdir(copy);
process.on('disconnect', () => process.exit());
// What breaks between two tests is noticed, too; the one who asked sees this process end.
process.on('unhandledRejection', (error) => {
  throw error;
});
// The same examples each time; a mutation needs only one that shows it.
fastCheck.configureGlobal({ seed: 1, endOnFailure: true });

const compile = Module.prototype._compile;
Module.prototype._compile = function compileMutated(content, path, ...rest) {
  return compile.call(this, path === mutated.path ? mutated.source : content, path, ...rest);
};

process.on('message', ({ task, ...input }) => {
  void { survey, judge }[task](input).then((answer) => process.send(answer));
});

/** Which tests, and whether the simulation, execute which of the offsets of each file. */
async function survey({ testFiles, offsets, steps }) {
  const coverage = await startCoverage(offsets);
  const mocha = loadTests(testFiles);
  const onLoad = await coverage.taken();
  const tests = [];
  // Root hooks run after those of the tests, so these count for their test.
  mocha.suite.afterEach(async function takeCoverage() {
    const { file, duration } = this.currentTest;
    tests.push({ file, title: this.currentTest.fullTitle(), duration, executed: await coverage.taken() });
  });
  const failure = await firstFailure(mocha);
  if (failure !== undefined) return { failure };
  const law = await brokenLaw(steps);
  const bySimulation = await coverage.taken();
  await coverage.stop();
  return { failure: law, onLoad, tests, bySimulation };
}

/** What notices the source: one of the tests, or so many toggles of the simulation. */
async function judge({ path, source, tests, steps }) {
  Object.assign(mutated, { path: join(dist, path), source });
  const before = process.getActiveResourcesInfo().length;
  const noticedBy = (await failureOf(tests)) ?? (steps > 0 ? await brokenLaw(steps) : undefined);
  await new Promise((resolve) => setImmediate(resolve));
  // Whatever is left of a mutation could disturb the next one.
  return { noticedBy, isClean: process.getActiveResourcesInfo().length <= before };
}

async function failureOf(tests) {
  const wanted = new Map(tests.map(({ file, title, duration }) => [`${file} ${title}`, duration]));
  if (wanted.size === 0) return undefined;
  try {
    const mocha = loadTests([...new Set(tests.map(({ file }) => file))]);
    keepOnly(mocha.suite, wanted);
    return await firstFailure(mocha);
  } catch (error) {
    return `does not load: ${error?.message}`;
  }
}

function loadTests(files) {
  forget();
  const mocha = new Mocha({ ui: 'bdd', bail: true, timeout: SURVEY_TIMEOUT_MS, reporter: function silent() {} });
  for (const file of files) {
    mocha.suite.emit('pre-require', globalThis, file, mocha);
    require(file);
    mocha.suite.emit('require', {}, file, mocha);
  }
  // As mocha sets it when it loads the files itself.
  for (const file of files) mocha.suite.emit('post-require', globalThis, file, mocha);
  return mocha;
}

function forget() {
  for (const path of Object.keys(require.cache)) if (path.startsWith(dist)) delete require.cache[path];
}

function keepOnly(suite, wanted) {
  suite.tests = suite.tests.filter((test) => {
    const duration = wanted.get(`${test.file} ${test.fullTitle()}`);
    if (duration !== undefined) test.timeout(LEAST_TIMEOUT_MS + 10 * duration);
    return duration !== undefined;
  });
  for (const each of suite.suites) keepOnly(each, wanted);
}

function firstFailure(mocha) {
  return new Promise((resolve) => {
    let failure;
    mocha
      .run(() => {
        mocha.dispose();
        resolve(failure);
      })
      .on('fail', ({ title }, error) => (failure ??= `${title}: ${String(error?.message).split('\n', 1)[0]}`));
  });
}

async function brokenLaw(steps) {
  try {
    forget();
    const { campaign } = require(join(dist, 'test/simulation/campaign.js'));
    const limits = { firstSeed: 1, worlds: Infinity, toggles: steps, deviceHours: Infinity };
    return (await campaign(limits)).law;
  } catch (error) {
    return `the simulation fails: ${error?.message}`;
  }
}

/** What is executed from one time that it is taken to the next. */
async function startCoverage(offsets) {
  const session = new inspector.Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const byUrl = new Map();
  for (const [path, each] of Object.entries(offsets)) {
    for (const url of [join(dist, path), pathToFileURL(join(dist, path)).href]) byUrl.set(url, { path, offsets: each });
  }
  return {
    /** By file, the indices of its offsets. */
    async taken() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const executed = {};
      for (const { url, functions } of result) {
        const file = byUrl.get(url);
        if (file === undefined) continue;
        const ranges = functions.flatMap((each) => each.ranges);
        const indices = file.offsets.flatMap((offset, index) => (isExecuted(ranges, offset) ? [index] : []));
        executed[file.path] = [...new Set([...(executed[file.path] ?? []), ...indices])];
      }
      return executed;
    },
    async stop() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}

/** The smallest range around it says so. */
function isExecuted(ranges, offset) {
  let smallest;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    if (smallest && range.endOffset - range.startOffset > smallest.endOffset - smallest.startOffset) continue;
    smallest = range;
  }
  return smallest !== undefined && smallest.count > 0;
}
