/**
 * Build: one tsc pass writes dist/, then each node and plugin gets its editor page and locales, and the icons are copied. Tests, `npm pack` and users
 * get the same files.
 */
import { ROOT } from './ensure.mjs';
import { editorPage, pluginPage } from './editor-page.mjs';
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

const { nodes, plugins } = manifest['node-red'];
for (const type of Object.keys(nodes)) await addPage(type, editorPage);
for (const plugin of Object.keys(plugins)) await addPage(plugin, pluginPage);
// Node-RED collects the icons of a module from the folders of all its nodes, so one copy serves them all.
cpSync(join(ROOT, 'nodes/icons'), join(DIST, 'nodes/phase0-toggle/icons'), { recursive: true });

async function addPage(name, makePage) {
  const target = join(DIST, 'nodes', name);
  cpSync(join(ROOT, 'nodes', name, 'locales'), join(target, 'locales'), { recursive: true });
  writeFileSync(join(target, `${name}.html`), await makePage(name));
}
