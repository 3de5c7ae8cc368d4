/** Owns the editor's side of the nodes: a page for each, and the script and the style sheet that the pages share. */
import { ROOT } from './ensure.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { build, transform } = await import('esbuild');
const { name: PACKAGE } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const RESOURCES = join(ROOT, 'resources');
const IMPORT = /import\{([^}]*)\}from"phase0";/g;

// Every page runs the shared script anew, which sets the same global again and does no harm.
const shared = await bundle('editor/shared.ts', {});
const [, sharedNames] = /export\{(.*)\}/.exec(shared);

/** Writes to resources/ what the pages share. */
export async function writeShared() {
  mkdirSync(RESOURCES);
  writeFileSync(join(RESOURCES, 'editor.js'), sharedScript());
  const source = readFileSync(join(ROOT, 'nodes/editor/editor.css'), 'utf8');
  const { code } = await transform(source, { loader: 'css', minify: true });
  writeFileSync(join(RESOURCES, 'editor.css'), code);
}

/** What nodes/editor/shared.ts exports, as a global. */
function sharedScript() {
  const script = shared.replace(/export\{.*\}/, `return{${sharedNames.replaceAll(/(\w+) as (\w+)/g, '$2:$1')}}`);
  return `"use strict";var phase0=(()=>{${script}})();\n`;
}

/** What the pages share, and the page's own after it. Node-RED waits for the one before it runs the other. */
export async function editorPage(type) {
  const module = await bundle(`${type}/editor.ts`, { plugins: [{ name: 'shared', setup: leaveShared }] });
  const taken = Array.from(module.matchAll(IMPORT), ([, names]) => names.replaceAll(' as ', ':')).join();
  for (const [name] of taken.matchAll(/\w+(?=:)/g)) {
    if (!new RegExp(`\\b${name}\\b`).test(sharedNames)) throw new Error(`${type}: editor/shared.ts has no ${name}`);
  }
  const script = `const{${taken}}=phase0;${module.replaceAll(IMPORT, '')}`
    .replaceAll('</script', String.raw`<\/script`)
    // The flow library's scorer reads the type from `registerType('…', {`.
    .replace(`registerType("${type}",{`, `registerType('${type}', {`);
  const from = `resources/${PACKAGE}/editor`;
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
