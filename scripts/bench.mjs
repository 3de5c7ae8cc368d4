/** Benchmark runner: builds, then runs test/bench one after the other. Benchmarks print figures and assert nothing. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [pattern = ''] = process.argv.slice(2);
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(join(ROOT, 'scripts/build.mjs'));
run(
  join(ROOT, 'node_modules/mocha/bin/mocha.js'),
  '--reporter=spec',
  '--grep',
  pattern,
  'dist/test/bench/**/*.bench.js',
);
