/** Dependency check: installs them when they are missing or older than the lockfile. Uses only builtins, as it runs first. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

const lockfile = join(ROOT, 'package-lock.json');
// npm writes this file last, so it marks a complete install.
const installed = join(ROOT, 'node_modules', '.package-lock.json');

// The npm that runs this script. On its PATH, the npm that Node-RED depends on comes first once it is installed.
const running = process.env.npm_execpath ?? '';
const [program, ...before] = running.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  console.log('Installing dependencies (npm ci) …');
  const { status } = spawnSync(program, [...before, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    console.error('npm ci failed; see above.');
    process.exit(status ?? 1);
  }
}
