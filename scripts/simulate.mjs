/** Simulation: builds, then runs the core in simulated worlds. See test/simulation/. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Ctrl-C is for the simulation, which then prints its sum.
process.on('SIGINT', () => undefined);

const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(join(ROOT, 'scripts/build.mjs'));
// One world after the other: threads of V8 would only take the time of other processes.
const flags = ['--single-threaded', '--max-semi-space-size=64', '--min-semi-space-size=32', '--enable-source-maps'];
run(...flags, join(ROOT, 'dist/test/simulation/simulate.js'), ...process.argv.slice(2));
