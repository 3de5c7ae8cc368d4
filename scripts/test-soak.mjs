/** Soak: builds, then switches for long in one process. See test/soak/. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(join(ROOT, 'scripts/build.mjs'));
const soak = join(ROOT, 'dist/test/soak/soak.js');
run('--expose-gc', '--enable-source-maps', soak, ...process.argv.slice(2));
