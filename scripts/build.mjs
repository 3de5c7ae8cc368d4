/**
 * Owns the build: TypeScript to dist/, each node's editor page, locales and icons beside its runtime file, and to
 * resources/ the script that the pages share.
 */
import { ROOT } from './ensure.mjs';
import { bundleDeclarations } from './declarations.mjs';
import { editorPage, writeShared } from './editor-pages.mjs';
import { packageCode } from './package-code.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const DIST = join(ROOT, 'dist');
const RESOURCES = join(ROOT, 'resources');
const FALLBACK = 'en-US';

for (const folder of [DIST, RESOURCES]) rmSync(folder, { recursive: true, force: true });
// Users pay for comments in what runs, and read them in the declarations.
tsc('--removeComments', '--declaration', 'false');
tsc('--emitDeclarationOnly', '--stripInternal');
if (process.env.npm_lifecycle_event === 'prepack') await packageCode();
await bundleDeclarations();

await writeShared();
// Icons belong to the whole module, whichever node's folder they lie in.
copy(join(ROOT, 'nodes/icons'), join(DIST, 'nodes/phase0-toggle/icons'));
for (const type of Object.keys(manifest['node-red'].nodes)) {
  const source = join(ROOT, 'nodes', type);
  const target = join(DIST, 'nodes', type);
  copyLocales(join(source, 'locales'), join(target, 'locales'));
  if (existsSync(join(source, 'editor.ts'))) {
    writeFileSync(join(target, `${type}.html`), await editorPage(type));
  } else {
    console.warn(`${type}: no editor.ts, so Node-RED will not load it`);
    if (process.env.CI) process.exitCode = 1;
  }
}

function tsc(...options) {
  const command = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT, '--pretty', ...options];
  if (spawnSync(process.execPath, command, { stdio: 'inherit' }).status !== 0) process.exit(1);
}

/** Catalogues without indentation, and without the texts that are as in English, which Node-RED falls back to. */
function copyLocales(from, to) {
  copy(from, to);
  for (const name of readdirSync(to, { recursive: true }).filter((file) => file.endsWith('.json'))) {
    const [language, file] = name.split(sep);
    const texts = readTexts(join(from, name));
    const own = language === FALLBACK ? texts : withoutSame(texts, readTexts(join(from, FALLBACK, file)));
    writeFileSync(join(to, name), JSON.stringify(own));
  }
}

function readTexts(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function withoutSame(texts, others) {
  const own = Object.entries(texts)
    .filter(([key, text]) => text !== others[key])
    .map(([key, text]) => [key, typeof text === 'string' ? text : withoutSame(text, others[key])]);
  return Object.fromEntries(own);
}

function copy(from, to) {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}
