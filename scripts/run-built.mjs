/** Builds, then runs a compiled program of the tests with the arguments of this process, which ends as that one does. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `program`: below dist/. `flags` are those of Node.js. */
export function runBuilt(program, ...flags) {
  run(join(ROOT, 'scripts/build.mjs'));
  run(...flags, '--enable-source-maps', join(ROOT, 'dist', program), ...process.argv.slice(2));
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
