/**
 * Owns the build: TypeScript to dist/, each node's editor page, locales and icons beside its runtime file, and to
 * resources/ the script that the pages share.
 */
import { ROOT } from './ensure.mjs';
import { packageCode } from './package-code.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const { build, transform } = await import('esbuild');
const { rollup } = await import('rollup');
const { dts } = await import('rollup-plugin-dts');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const DIST = join(ROOT, 'dist');
const RESOURCES = join(ROOT, 'resources');
const FALLBACK = 'en-US';
const IMPORT = /import\{([^}]*)\}from"phase0";/g;

for (const folder of [DIST, RESOURCES]) rmSync(folder, { recursive: true, force: true });
// Users pay for comments in what runs, and read them in the declarations.
tsc('--removeComments', '--declaration', 'false');
tsc('--emitDeclarationOnly');
if (process.env.npm_lifecycle_event === 'prepack') await packageCode();
await bundleDeclarations();

// Every page runs the shared script anew, which sets the same global again and does no harm.
mkdirSync(RESOURCES);
const shared = await bundle('editor/shared.ts', {});
const [, sharedNames] = /export\{(.*)\}/.exec(shared);
writeFileSync(join(RESOURCES, 'editor.js'), sharedScript());
const styles = await transform(readFileSync(join(ROOT, 'nodes/editor/editor.css'), 'utf8'), {
  loader: 'css',
  minify: true,
});
writeFileSync(join(RESOURCES, 'editor.css'), styles.code);

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

/** One file of declarations: what index.ts names and what that needs, without private members and files' own comments. */
async function bundleDeclarations() {
  const input = join(DIST, 'src/index.d.ts');
  const declarations = await rollup({ input, plugins: [dts()], external: /^node:/ });
  const { output } = await declarations.generate({ format: 'es' });
  for (const name of readdirSync(DIST, { recursive: true })) if (name.endsWith('.d.ts')) rmSync(join(DIST, name));
  const text = output[0].code
    .replaceAll(/^\/\*\*((?!\*\/)[^])*\*\/\n(?=\n|\/\*\*)/gm, '')
    .replaceAll(/( +\/\*\*((?!\*\/)[^])*\*\/\n)? +private (?!constructor).*\n/g, '')
    .replaceAll(/^( +)\1/gm, '$1')
    .replaceAll(/\n{3,}/g, '\n\n');
  writeFileSync(input, text);
}

/** What nodes/editor/shared.ts exports, as a global. */
function sharedScript() {
  const script = shared.replace(/export\{.*\}/, `return{${sharedNames.replaceAll(/(\w+) as (\w+)/g, '$2:$1')}}`);
  return `"use strict";var phase0=(()=>{${script}})();\n`;
}

/** What the pages share, and the page's own after it. Node-RED waits for the one before it runs the other. */
async function editorPage(type) {
  const module = await bundle(`${type}/editor.ts`, { plugins: [{ name: 'shared', setup: leaveShared }] });
  const taken = Array.from(module.matchAll(IMPORT), ([, names]) => names.replaceAll(' as ', ':')).join();
  for (const [name] of taken.matchAll(/\w+(?=:)/g)) {
    if (!new RegExp(`\\b${name}\\b`).test(sharedNames)) throw new Error(`${type}: editor/shared.ts has no ${name}`);
  }
  const script = `const{${taken}}=phase0;${module.replaceAll(IMPORT, '')}`
    .replaceAll('</script', String.raw`<\/script`)
    // The flow library's scorer reads the type from `registerType('…', {`.
    .replace(`registerType("${type}",{`, `registerType('${type}', {`);
  const from = `resources/${manifest.name}/editor`;
  const load = `<link rel="stylesheet" href="${from}.css">\n<script src="${from}.js"></script>\n`;
  return `${load}<script type="text/javascript">\n"use strict";(()=>{${script}})();\n</script>\n`;
}

/** Leaves in a page the imports of what its source takes from the modules that nodes/editor/shared.ts names. */
function leaveShared({ onResolve }) {
  const sharedModules = readFileSync(join(ROOT, 'nodes/editor/shared.ts'), 'utf8').matchAll(/\/([\w-]+)';$/gm);
  const names = Array.from(sharedModules, ([, name]) => name).join('|');
  onResolve({ filter: new RegExp(`/(${names})$`) }, () => ({ path: 'phase0', external: true, sideEffects: false }));
}

/** One script for the browser. Given as text, for as a file of a CommonJS package it would be wrapped like one. */
async function bundle(file, options) {
  const { outputFiles } = await build({
    stdin: {
      contents: readFileSync(join(ROOT, 'nodes', file), 'utf8'),
      resolveDir: join(ROOT, 'nodes', dirname(file)),
      sourcefile: file,
      loader: 'ts',
    },
    tsconfig: join(ROOT, 'nodes/tsconfig.json'),
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2021',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  });
  return outputFiles[0].text;
}
