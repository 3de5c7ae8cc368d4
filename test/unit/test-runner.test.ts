/** The test runner's command line: --help, mistakes, and how it chooses test files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** What scripts/test-options.mjs makes of a command line. */
interface CommandLine {
  readonly suites: ReadonlyMap<string, readonly string[]>;
  readonly scope: 'all' | 'unit' | 'part';
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** In a process of its own: this test is CommonJS, and the script an ES module. */
function read(...args: string[]): CommandLine {
  const code = `
    import { readCommandLine } from './scripts/test-options.mjs';
    const { suites, scope } = readCommandLine(${JSON.stringify(args)}, process.cwd());
    console.log(JSON.stringify({ suites: [...suites], scope }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  const { suites, scope } = JSON.parse(stdout) as { suites: [string, string[]][]; scope: CommandLine['scope'] };
  return { suites: new Map(suites), scope };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly object[];
}

/** Each generation begins only when the other one has, and 4 prints only when 5 has. */
const GENERATIONS_TEST = `
  const { appendFileSync, existsSync } = require('node:fs');
  const { PHASE0_GENERATION: generation } = process.env;
  const other = { 4: '5', 5: '4' }[generation];
  const tell = (word) => appendFileSync(__dirname + '/' + word, '');
  const hear = (word) => new Promise(function look(heard) {
    if (existsSync(__dirname + '/' + word)) heard();
    else setTimeout(look, 20, heard);
  });
  it('runs beside the other', async () => {
    tell('began-' + generation);
    await hear('began-' + other);
    if (generation === '4') await hear('printed-5');
    console.log('generation ' + generation);
    tell('printed-' + generation);
  });
  if (generation === '5') it('fails', () => { throw new Error('on purpose'); });
`;

/** The suite `editor`, of the test files in the folder, which gets the result as well. */
function runEditorSuite(work: string) {
  const root = process.cwd();
  const settings = { root, name: 'editor', options: {}, work, reports: work, env: { PATH: process.env.PATH } };
  const testFiles = [relative(resolve('dist/test'), join(work, 'generations.test.js'))];
  const code = `
    import { writeFileSync } from 'node:fs';
    import { runSuite } from './scripts/test-suite.mjs';
    const suite = await runSuite(${JSON.stringify({ ...settings, testFiles })});
    writeFileSync(${JSON.stringify(join(work, 'suite.json'))}, JSON.stringify(suite));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

describe('npm test', () => {
  for (const option of ['--help', '-h']) {
    it(`${option} explains suites and options, and runs nothing`, () => {
      const { status, stdout, stderr } = run(option);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^Usage: npm test -- /);
      const words =
        'unit integration cli nodes editor monitoring reliability --grep --html --junit --coverage --verbose';
      for (const word of words.split(' ')) assert.ok(stdout.includes(`  ${word}`), word);
    });
  }

  for (const [args, message] of [
    [['--colour'], 'unknown option --colour (see --help)\n'],
    [['unit', '-x'], 'unknown option -x (see --help)\n'],
    [['--grep'], 'option --grep needs a value (see --help)\n'],
    [['--html=yes'], 'option --html takes no value (see --help)\n'],
  ] as const) {
    it(`${args.join(' ')} is one line, and exit code 2`, () => {
      assert.deepEqual(run(...args), { status: 2, stdout: '', stderr: message });
    });
  }

  it('an unknown suite is one line that names the suites, and exit code 2', () => {
    const { status, stdout, stderr } = run('integratoin');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^unknown suite integratoin: expected unit, integration, .*part of a file name\n$/);
  });

  it('runs everything by default, the quick suites first', () => {
    const { suites, scope } = read();
    assert.equal(scope, 'all');
    assert.deepEqual([...suites.keys()].slice(0, 2), ['unit', 'integration']);
    assert.ok([...suites.keys()].includes('editor'));
  });

  it('takes a suite, or part of a file name', () => {
    assert.deepEqual([...read('unit').suites.keys()], ['unit']);
    const { suites, scope } = read('metrics-server');
    assert.equal(scope, 'part');
    assert.deepEqual([...suites.values()].flat(), ['integration/metrics-server.test.ts']);
    assert.ok([...read('tls').suites.keys()].length > 1);
  });

  it('runs the generations of the editor suite at the same time, and prints and counts them as one', () => {
    const work = mkdtempSync(join(tmpdir(), 'phase0-runner-'));
    try {
      writeFileSync(join(work, 'generations.test.js'), GENERATIONS_TEST);
      const { status, stdout, stderr } = runEditorSuite(work);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^generation 4\ngeneration 5\n[^]*Error: on purpose[^]*\neditor: 2 passed, 1 failed \(/);
      const { passed, failed, tests } = JSON.parse(readFileSync(join(work, 'suite.json'), 'utf8')) as Counts;
      assert.deepEqual([passed, failed, tests.length], [2, 1, 3]);
    } finally {
      rmSync(work, { recursive: true });
    }
  });

  it('checks a coverage floor only when everything ran, or the unit suite did', () => {
    assert.equal(read('unit').scope, 'unit');
    assert.equal(read('unit', '--grep', 'x').scope, 'part');
    assert.equal(read('nodes').scope, 'part');
    assert.equal(read('unit', 'nodes').scope, 'part');
  });
});
