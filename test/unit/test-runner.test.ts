/** The test runner's command line: --help, mistakes, and how it chooses test files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

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

  it('checks a coverage floor only when everything ran, or the unit suite did', () => {
    assert.equal(read('unit').scope, 'unit');
    assert.equal(read('unit', '--grep', 'x').scope, 'part');
    assert.equal(read('nodes').scope, 'part');
    assert.equal(read('unit', 'nodes').scope, 'part');
  });
});
