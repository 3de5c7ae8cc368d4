/** Fuzzing: builds, then draws hostile inputs. See test/fuzz/. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run(join(ROOT, 'scripts/build.mjs'));
const fuzz = join(ROOT, 'dist/test/fuzz/fuzz.js');
run('--expose-gc', '--enable-source-maps', fuzz, ...process.argv.slice(2));
