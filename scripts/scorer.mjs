/** Location of node-red-dev, the flow library's scorer. Run as a program, this file installs it. */
import { CACHE, ensureInstalled } from './cache.mjs';
import { join } from 'node:path';

const PART = 'node-red-dev/bin/run';

export const SCORER = join(CACHE, 'scorer/node_modules', PART);

if (process.argv[1] === import.meta.filename) {
  ensureInstalled({
    what: "the flow library's scorer",
    folder: 'scorer',
    packages: ['node-red-dev@0.1.6'],
    parts: [PART],
    options: ['--ignore-scripts'],
  });
}
