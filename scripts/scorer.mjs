/**
 * Owns where the flow library's scorer is, node-red-dev: outside the project, for it brings hundreds of old packages
 * along. Run by itself, this installs it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// test/support/requirements.ts looks in the same place.
export const CACHE = process.env.PHASE0_CACHE || join(homedir(), '.cache/node-red-contrib-phase0');
const home = join(CACHE, 'scorer');

export const SCORER = join(home, 'node_modules/node-red-dev/bin/run');

if (process.argv[1] === import.meta.filename && !existsSync(SCORER)) {
  console.log("Installing the flow library's scorer …");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--prefix', home, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { status } = spawnSync('npm', [...install, '--ignore-scripts', 'node-red-dev@0.1.6'], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0 || !existsSync(SCORER)) {
    console.error('node-red-dev could not be installed; see above.');
    process.exit(1);
  }
}
