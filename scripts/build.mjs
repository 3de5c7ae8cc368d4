/**
 * Owns the build: TypeScript to dist/, each node's editor page, locales and icons beside its runtime file, and to
 * resources/ the script that the pages share.
 */
import { ROOT } from './ensure.mjs';
import { packageCode } from './package-code.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';

const { build, transform } = await import('esbuild');
const { rollup } = await import('rollup');
const { dts } = await import('rollup-plugin-dts');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const DIST = join(ROOT, 'dist');
const RESOURCES = join(ROOT, 'resources');

for (const folder of [DIST, RESOURCES]) rmSync(folder, { recursive: true, force: true });
// Users pay for comments in what runs, and read them in the declarations.
tsc('--removeComments', '--declaration', 'false');
tsc('--emitDeclarationOnly');
if (process.env.npm_lifecycle_event === 'prepack') await packageCode();
await bundleDeclarations();

// Every page runs the shared script anew, which sets the same global again and does no harm.
const shared = await bundle('editor/shared.ts', { globalName: 'phase0' });
const sharedNames = Object.keys(runInNewContext(`${shared};phase0`));
mkdirSync(RESOURCES);
writeFileSync(join(RESOURCES, 'editor.js'), shared);
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

/** Six languages: without their indentation the catalogues are a fifth smaller. */
function copyLocales(from, to) {
  copy(from, to);
  for (const name of readdirSync(to, { recursive: true }).filter((file) => file.endsWith('.json'))) {
    const file = join(to, name);
    writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
  }
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

/** What the pages share, and the page's own after it. Node-RED waits for the one before it runs the other. */
async function editorPage(type) {
  const script = (await bundle(`${type}/editor.ts`, { plugins: [{ name: 'shared', setup: takeFromShared }] }))
    .replaceAll('</script', String.raw`<\/script`)
    // The flow library's scorer reads the type from `registerType('…', {`.
    .replace(`registerType("${type}",{`, `registerType('${type}', {`);
  const from = `resources/${manifest.name}/editor`;
  const load = `<link rel="stylesheet" href="${from}.css">\n<script src="${from}.js"></script>\n`;
  return `${load}<script type="text/javascript">\n${script}</script>\n`;
}

/** Lets a page take from the global what its source imports from the modules that nodes/editor/shared.ts names. */
function takeFromShared({ onResolve, onLoad }) {
  const sharedModules = readFileSync(join(ROOT, 'nodes/editor/shared.ts'), 'utf8').matchAll(/\/([\w-]+)';$/gm);
  const names = Array.from(sharedModules, ([, name]) => name).join('|');
  onResolve({ filter: new RegExp(`/(${names})$`) }, () => ({ path: 'editor.js', namespace: 'shared' }));
  onLoad({ filter: /^/, namespace: 'shared' }, () => ({
    contents: `export const { ${sharedNames.join()} } = phase0;`,
  }));
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
    format: 'iife',
    target: 'es2021',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  });
  return outputFiles[0].text;
}
