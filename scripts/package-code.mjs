/**
 * Owns the code as it is published: one minified file, and beside it an entry for each that package.json names, a third
 * less than file by file. In the project tests run what tsc wrote; the tests of the packed package run this.
 */
import { ROOT } from './ensure.mjs';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const { build } = await import('esbuild');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
// As deep as the sources that look for package.json from where they are.
const CODE = join(ROOT, 'dist/src/bundle/phase0.js');

/** Replaces the compiled sources in dist/. */
export async function packageCode() {
  const nodes = Object.values(manifest['node-red'].nodes);
  const commands = Object.values(manifest.bin);
  const library = Object.keys(createRequire(import.meta.url)(join(ROOT, manifest.main)));
  const code = await bundle([
    `export * as library from ${sourceOf(manifest.main)};`,
    ...nodes.map((file, index) => `export { default as node${index} } from ${sourceOf(file)};`),
    // Only run when asked for.
    ...commands.map((file, index) => `export const command${index} = () => import(${sourceOf(file)});`),
  ]);
  for (const folder of ['src', 'nodes']) removeScripts(join(ROOT, 'dist', folder));
  write(CODE, code);
  // Named one by one, so that a module that imports them can tell their names without running it.
  entry(
    manifest.main,
    (it) => `const library=${it}.library;${library.map((name) => `exports.${name}=library.${name};`).join('')}`,
  );
  for (const [index, file] of nodes.entries()) entry(file, (it) => `module.exports=${it}.node${index};`);
  for (const [index, file] of commands.entries())
    entry(file, (it) => `${it}.command${index}();`, '#!/usr/bin/env node\n');
}

async function bundle(lines) {
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: ROOT, loader: 'ts' },
    tsconfig: join(ROOT, 'tsconfig.json'),
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    // For stack traces: a bundle of one line would say nothing of where.
    lineLimit: 200,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
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
