/** Simulation: builds, then runs the core in simulated worlds. See test/simulation/. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(join(ROOT, 'scripts/build.mjs'));
run('--enable-source-maps', join(ROOT, 'dist/test/simulation/simulate.js'), ...process.argv.slice(2));
