/** The library as its users get it: the programs of the README and its pages, compiled against the package's own types, and run. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeviceSimulator } from '../../src/simulator/device-simulator';

const ROOT = process.cwd();
const programOf = (file: string) => /\n```ts\n([^]*?)```/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
const PROGRAM = programOf('docs/library.md');

describe('the library', function () {
  this.timeout(30_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'phase0-library-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/node-red-contrib-phase0'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const compile = (program: string) => {
    writeFileSync(join(folder, 'program.ts'), program);
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const options = ['--strict', '--module', 'node20', '--target', 'es2023', ...types];
    return node(join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'program.ts');
  };

  it('runs the program of the README', async () => {
    const simulator = new DeviceSimulator({ port: 0 });
    const { port } = await simulator.start();
    assert.equal(compile(programOf('README.md').replace('port: 9000', `port: ${port}`)).status, 0);
    const { stdout } = await promisify(execFile)(process.execPath, ['program.js'], { cwd: folder });
    await simulator.close();
    assert.equal(stdout, 'confirmed after 1 attempt\n');
    assert.equal(simulator.states.get('lamp-1'), true);
  });

  it('runs the program of docs/library.md', () => {
    const compiled = compile(PROGRAM);
    assert.equal(compiled.status, 0, compiled.stdout);
    const { status, stdout, stderr } = node('program.js');
    assert.deepEqual([status, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.slice(0, -1).map((line) => (JSON.parse(line) as { message: string }).message),
      ['Packet tcp_packet send success', 'Packet tcp_packet recv success'],
    );
    assert.equal(lines.at(-1), 'confirmed after 1 attempt, reason: none');
  });

  it('runs the program of docs/many-devices.md', async () => {
    const simulator = new DeviceSimulator({ port: 0 });
    const { port } = await simulator.start();
    writeFileSync(
      join(folder, 'hall.csv'),
      `device_id,host,port,tags\na,127.0.0.1,${port},hall\nb,127.0.0.1,${port},\n`,
    );
    const compiled = compile(programOf('docs/many-devices.md'));
    assert.equal(compiled.status, 0, compiled.stdout);
    const { stdout } = await promisify(execFile)(process.execPath, ['program.js'], { cwd: folder });
    await simulator.close();
    assert.equal(stdout, 'all: 1 of 1\n');
    assert.deepEqual([...simulator.states], [['a', true]]);
  });

  it('has types that find a mistake', () => {
    const { status, stdout } = compile(PROGRAM.replace('state: true', "state: 'on'"));
    assert.notEqual(status, 0);
    assert.match(stdout, /program\.ts\(\d+,\d+\): error TS2322/);
  });

  for (const [how, script] of [
    ['require', "console.log(typeof require('node-red-contrib-phase0').Device)"],
    ['import', "import('node-red-contrib-phase0').then(({ Device }) => console.log(typeof Device))"],
  ] as const) {
    it(`can be had by ${how}`, () => assert.equal(node('-e', script).stdout, 'function\n'));
  }
});
