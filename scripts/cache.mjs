/**
 * Cache directory outside the project for programs that tests and checks need. Inside the project, the `node` of an npm
 * package would shadow the real one in every npm script, and hundreds of old packages would join the dependency tree.
 * Uses only builtins.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// test/support/requirements.ts looks in the same place.
export const CACHE = process.env.PHASE0_CACHE || join(homedir(), '.cache/node-red-contrib-phase0');

/** Installs `packages` into a folder of their own, unless all `parts` exist. */
export function ensureInstalled({ what, folder, packages, parts, options = [] }) {
  const home = join(CACHE, folder);
  const isWhole = () => parts.every((part) => existsSync(join(home, 'node_modules', part)));
  if (isWhole()) return;
  console.log(`Installing ${what} …`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const quietly = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', '--prefix', home, ...quietly, ...options, ...packages], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0 && isWhole()) return;
  console.error(`${what} could not be installed; see above.`);
  process.exit(1);
}
