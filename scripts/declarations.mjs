/** Owns the declarations as they are published: one file, of what the library names and what that needs. */
import { ROOT } from './ensure.mjs';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { rollup } = await import('rollup');
const { dts } = await import('rollup-plugin-dts');
const DIST = join(ROOT, 'dist');
const COMMENT = String.raw`\/\*\*(?:(?!\*\/)[^])*\*\/\n`;
// A function, a class, a method, a getter.
const CALLABLE = String.raw` *(?:declare (?:function|class)|(?:get )?\w+\??(?:<[^>]*>)?\()`;

/** Replaces those in dist/. Comments stay on what can be called; the package has little room (docs/adr/0008-size-of-the-package.md). */
export async function bundleDeclarations() {
  const input = join(DIST, 'src/index.d.ts');
  const bundle = await rollup({ input, plugins: [dts()], external: /^node:/ });
  const { output } = await bundle.generate({ format: 'es' });
  for (const name of readdirSync(DIST, { recursive: true })) if (name.endsWith('.d.ts')) rmSync(join(DIST, name));
  const text = output[0].code
    .replaceAll(new RegExp(`^ *${COMMENT}(?!${CALLABLE})`, 'gm'), '')
    .replaceAll(/ +private (?!constructor).*\n/g, '')
    .replaceAll(/^( +)\1/gm, '$1')
    .replaceAll(/\n{3,}/g, '\n\n');
  writeFileSync(input, text);
}
