/**
 * Build: one tsc pass writes dist/, then each node gets its editor page, locales and icons. Tests, `npm pack` and users
 * get the same files.
 */
import { ROOT } from './ensure.mjs';
import { editorPage } from './editor-page.mjs';
import { removeInternalDeclarations } from './internal-declarations.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT, '--pretty'];
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1);
removeInternalDeclarations(join(DIST, 'src'));

for (const type of Object.keys(manifest['node-red'].nodes)) {
  const target = join(DIST, 'nodes', type);
  cpSync(join(ROOT, 'nodes', type, 'locales'), join(target, 'locales'), { recursive: true });
  writeFileSync(join(target, `${type}.html`), await editorPage(type));
}
// Node-RED collects the icons of a module from the folders of all its nodes, so one copy serves them all.
cpSync(join(ROOT, 'nodes/icons'), join(DIST, 'nodes/phase0-toggle/icons'), { recursive: true });
