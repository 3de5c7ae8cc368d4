/**
 * Owns the code as it is published: one minified file, and beside it an entry for each that package.json names, a third
 * less than file by file. In the project tests run what tsc wrote; the tests of the packed package run this.
 */
import { ROOT } from './ensure.mjs';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const { build } = await import('esbuild');
const { minify } = await import('terser');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
// As deep as the sources that look for package.json from where they are.
const CODE = join(ROOT, 'dist/src/bundle/phase0.js');

/** Replaces the compiled sources in dist/. */
export async function packageCode() {
  const nodes = Object.values(manifest['node-red'].nodes);
  const library = Object.keys(createRequire(import.meta.url)(join(ROOT, manifest.main)));
  const code = await bundle([
    `export * as library from ${sourceOf(manifest.main)};`,
    ...nodes.map((file, index) => `export { default as node${index} } from ${sourceOf(file)};`),
    "export { commands } from './src/cli/commands.ts';",
  ]);
  for (const folder of ['src', 'nodes']) removeScripts(join(ROOT, 'dist', folder));
  write(CODE, code);
  // Never run, but read by a module that imports the library: so it can tell the names.
  entry(manifest.main, (it) => `module.exports=${it}.library;0&&(module.exports={${library.join()}});`);
  for (const [index, file] of nodes.entries()) entry(file, (it) => `module.exports=${it}.node${index};`);
  for (const [name, file] of Object.entries(manifest.bin))
    entry(file, (it) => `${it}.commands["${name}"]();`, '#!/usr/bin/env node\n');
}

async function bundle(lines) {
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: ROOT, loader: 'ts' },
    plugins: [{ name: 'nodes', setup: exportByName }],
    // The project's own would have each module say that it is strict, which the file says once.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    banner: { js: '"use strict";' },
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    mangleProps: new RegExp(`^(${privateNames().join('|')})$`),
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2022,
    toplevel: true,
    // An arrow can't be made with `new`; but that is done to classes alone, and to nodes, which use `this`.
    compress: { passes: 3, unsafe_arrows: true },
    // For stack traces: a file of one line would say nothing of where.
    format: { max_line_len: 500 },
  });
  return code;
}

/** Node-RED wants a node's file to be a function; inside one file, `export =` would wrap all that the nodes import. */
function exportByName({ onLoad }) {
  onLoad({ filter: /nodes\/phase0-\w+\/phase0-\w+\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replace('export =', 'export default'),
    loader: 'ts',
  }));
}

/** Names of private members, which can be short: those that stand nowhere in the sources but in their class. */
function privateNames() {
  const declaration = /private (?:readonly |async |get )*(\w+)/g;
  const files = ['src', 'nodes'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((name) => join(ROOT, folder, name)),
  );
  const code = files
    .filter((file) => file.endsWith('.ts') && !/\beditor\b/.test(relative(ROOT, file)))
    .map((file) => readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, ''))
    .join('\n');
  const names = new Set(Array.from(code.matchAll(declaration), ([, name]) => name));
  const rest = code.replaceAll(declaration, '');
  return [...names].filter((name) => !new RegExp(`(?<!this\\.)\\b${name}\\b`).test(rest));
}

function sourceOf(file) {
  return JSON.stringify(`./${relative('dist', file).replace(/\.js$/, '.ts')}`);
}

function entry(file, codeFrom, before = '') {
  const target = join(ROOT, file);
  const way = relative(dirname(target), CODE);
  write(
    target,
    `${before}"use strict";${codeFrom(`require(${JSON.stringify(way.startsWith('.') ? way : `./${way}`)})`)}\n`,
  );
}

function removeScripts(folder) {
  for (const name of readdirSync(folder, { recursive: true })) if (name.endsWith('.js')) rmSync(join(folder, name));
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
