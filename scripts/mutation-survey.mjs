/** Which tests judge a place of the mutation testing: those that execute it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from './mutation-judge.mjs';
import { grouped } from './mutation-places.mjs';

/** Unit tests of the core's own parts; others would take longer, and judge the same. */
const UNIT =
  /^(acting|answered|attempt|begun|circuit|confirmed|connection-turns|device-contract|direct|group|guarded|inventory-reload|known|lane|movable|name-lookup|node-socket|outstanding|pending|per-toggle|persistent|reply|retry|socket|stop|verdict|waiting|wire|write-batch).*\.test\.js$/;
/** What only real sockets show is judged by real connections, too. */
const OF_SOCKETS = /transport\/([a-z]+-socket|socket-[a-z]+|tls|name-lookup)\.js$/;
const CONNECTIONS = /^(persistent|tls)\.test\.js$/;
/** So many tests of a place run alone at first. */
const FIRST_TESTS = 20;
/** Tests that take longer, of memory above all, would take most of the time, and judge the same. */
const SLOW_TEST_MS = 2500;
const SLOW_CONNECTION_MS = 400;
const TIMEOUT_MS = 300_000;

/**
 * Gives each place the rounds that judge it: tests that execute little else are first, as they say most about it; the
 * simulation is last. Returns what fails without any mutation.
 */
export async function survey(copy, places, steps) {
  const offsets = grouped(places, ({ file }) => `src/${file}`);
  const testFiles = [
    ...testsIn(copy, 'unit', UNIT),
    ...(places.some(({ file }) => OF_SOCKETS.test(file)) ? testsIn(copy, 'connections', CONNECTIONS) : []),
  ];
  const judge = new Judge(copy);
  const starts = Object.entries(offsets).map(([file, each]) => [file, each.map(({ start }) => start)]);
  const input = { steps, testFiles, offsets: Object.fromEntries(starts) };
  const { answer, problem } = await judge.ask('survey', input, TIMEOUT_MS);
  judge.end();
  const failure = problem ?? answer.failure;
  if (failure !== undefined) return failure;
  const breadth = ({ executed }) => Object.values(executed).reduce((sum, indices) => sum + indices.length, 0);
  const tests = answer.tests
    .map((test) => ({ ...test, breadth: breadth(test) }))
    .toSorted((a, b) => a.breadth - b.breadth);
  for (const [file, each] of Object.entries(offsets)) {
    const judging = tests.filter((test) => mayJudge(test, file));
    for (const [index, place] of each.entries()) {
      const has = (executed) => executed[file]?.includes(index) ?? false;
      place.rounds = roundsOf(
        judging.filter(({ executed }) => has(executed)),
        // What runs when the tests are loaded can concern any of them.
        has(answer.onLoad) ? judging : [],
        has(answer.onLoad) || has(answer.bySimulation) ? steps : 0,
      );
    }
  }
  return undefined;
}

function testsIn(copy, suite, pattern) {
  const folder = join(copy, 'dist/test', suite);
  return readdirSync(folder).flatMap((name) => (pattern.test(name) ? [join(folder, name)] : []));
}

function mayJudge({ file: testFile, duration }, file) {
  if (testFile.includes('connections')) return OF_SOCKETS.test(file) && duration <= SLOW_CONNECTION_MS;
  return duration <= SLOW_TEST_MS;
}

function roundsOf(executing, others, steps) {
  return [
    ...(executing.length > FIRST_TESTS ? [{ tests: executing.slice(0, FIRST_TESTS) }] : []),
    ...(executing.length > 0 ? [{ tests: executing }] : others.length > 0 ? [{ tests: others }] : []),
    ...(steps > 0 ? [{ tests: [], steps }] : []),
  ];
}
