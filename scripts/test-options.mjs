/** Command line of the test runner: suites and options, and what is wrong with them. */
import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { parseArgs } from 'node:util';

/** The suites in the order in which they run, from milliseconds to minutes. Others follow by name. */
const SUITES = {
  unit: 'pure code: clock, random and connections are injected',
  integration: 'TCP on loopback, against the simulated device',
  connections: 'persistent connections and TLS on loopback',
  cli: 'the shell commands as processes',
  nodes: 'the nodes in Node-RED',
  editor: 'the Node-RED editor in Chromium, Node-RED 4 and 5',
  monitoring: 'Prometheus and Grafana against a real Node-RED',
  fuzz: 'hostile inputs of every kind, drawn by their structure',
  simulation: 'the core in simulated worlds: virtual time, network and devices',
  fleet: 'workers of a fleet on a private RabbitMQ, killed and restarted under load',
  reliability: 'peers that hang, crash or fall silent; deploys under load',
};
const OPTIONS = {
  help: { type: 'boolean', short: 'h', about: 'print this text' },
  verbose: { type: 'boolean', about: 'print each test by name' },
  grep: {
    type: 'string',
    value: '<text>',
    about: 'run only the tests whose full name matches this regular expression',
  },
  html: { type: 'boolean', about: 'write test-reports/report.html, one self-contained file' },
  junit: { type: 'boolean', about: 'write test-reports/<suite>.xml, in JUnit format; two files for editor' },
  coverage: {
    type: 'boolean',
    about: 'print coverage with missing lines, write test-reports/coverage, check the floor',
  },
  performance: { type: 'boolean', about: 'accepted for scripts; test-reports/performance.json is always written' },
};
const TEST_FILE = '.test.ts';

/** A mistake in the command line; the runner prints its message and exits with 2. */
export class UsageError extends Error {}

/** The suites in `root`/test: each folder that holds test files, with their paths relative to test/. */
function findSuites(root) {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .filter((file) => file.endsWith(TEST_FILE) && file.includes(sep))
    .toSorted();
  const order = Object.keys(SUITES);
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  const suites = new Map();
  const nameOf = (file) => file.slice(0, file.indexOf(sep));
  const names = [...new Set(files.map(nameOf))].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  for (const name of names) {
    suites.set(
      name,
      files.filter((file) => nameOf(file) === name),
    );
  }
  return suites;
}

/**
 * Reads the command line. `suites` is what to run: names with test files. `scope` says whether that is everything,
 * the unit suite, or another part; coverage has a floor only for the first two.
 */
export function readCommandLine(args, root) {
  const known = Object.fromEntries(Object.entries(OPTIONS).map(([name, { type, short }]) => [name, { type, short }]));
  for (const option of Object.values(known)) if (option.short === undefined) delete option.short;
  const { values, positionals, tokens } = parseArgs({
    args,
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const { kind, name, rawName, value } of tokens) {
    if (kind !== 'option') continue;
    if (!known[name]) throw new UsageError(`unknown option ${rawName} (see --help)`);
    if (known[name].type === 'string' && !value) throw new UsageError(`option ${rawName} needs a value (see --help)`);
    if (known[name].type === 'boolean' && value !== undefined)
      throw new UsageError(`option ${rawName} takes no value (see --help)`);
  }
  const all = findSuites(root);
  const suites = choose(all, positionals);
  return { options: values, suites, scope: scopeOf(all, suites, values.grep) };
}

/** A word is a suite, or part of a file name: `breaker` finds circuit-breaker.test.ts in whichever suite. */
function choose(all, words) {
  if (words.length === 0) return all;
  const chosen = new Set();
  for (const word of words) {
    const matches = all.get(word) ?? [...all.values()].flat().filter((file) => nameOfTest(file).includes(word));
    if (matches.length === 0)
      throw new UsageError(`unknown suite ${word}: expected ${[...all.keys()].join(', ')}, or part of a file name`);
    for (const file of matches) chosen.add(file);
  }
  const parts = [...all].map(([name, files]) => [name, files.filter((file) => chosen.has(file))]);
  return new Map(parts.filter(([, files]) => files.length > 0));
}

function nameOfTest(file) {
  return basename(file, TEST_FILE);
}

function scopeOf(all, suites, grep) {
  const count = (of) => [...of.values()].flat().length;
  if (grep !== undefined) return 'part';
  if (count(suites) === count(all)) return 'all';
  return suites.size === 1 && suites.get('unit')?.length === all.get('unit')?.length ? 'unit' : 'part';
}

export function usage(root) {
  const suites = [...findSuites(root).keys()].map((name) => [name, SUITES[name] ?? '']);
  const options = Object.entries(OPTIONS).map(([name, { short, value, about }]) => [
    `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
    about,
  ]);
  const table = (rows) => {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`.trimEnd()).join('\n');
  };
  return `Usage: npm test -- [suite | part of a file name]... [options]

Builds, then runs each suite in its own process. Without a suite, runs all of them.
The last line is the count. The exit code is 0 if all tests passed, 1 if one failed, 2 for a wrong command line.

Suites:
${table(suites)}

Options:
${table(options)}

Examples:
  npm test -- unit --coverage
  npm test -- tls breaker              the test files with these words in their names
  npm test -- nodes --grep "msg.reset"
`;
}
