/** Editor pages: style sheet, static dialog markup of a node type, and script in one HTML file. */
import { ROOT } from './ensure.mjs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { build } = await import('esbuild');
const require = createRequire(import.meta.url);

/** To be called after tsc: the markup comes from the compiled form of the node type. */
export async function editorPage(type) {
  const { templateOf } = require(join(ROOT, 'dist/nodes/editor/form.js'));
  const { FORM } = require(join(ROOT, 'dist/nodes', type, 'form.js'));
  const style = readFileSync(join(ROOT, 'nodes/editor/editor.css'), 'utf8');
  // Node-RED reads data-template-name from this file to learn which node set provides the type. Without it, the
  // type stays registered after an uninstall, and a second install fails.
  return `<style>
${style}</style>

<script type="text/html" data-template-name="${type}">
${templateOf(FORM)}
</script>

<script type="text/javascript">
${await editorScript(type)}</script>
`;
}

/** A plugin has no dialog, and a style sheet of its own. */
export async function pluginPage(name) {
  return `<style>
${readFileSync(join(ROOT, 'nodes', name, 'editor', `${name}.css`), 'utf8')}</style>

<script type="text/javascript">
${await editorScript(name)}</script>
`;
}

async function editorScript(type) {
  const { outputFiles } = await build({
    // As a file of a CommonJS package, the entry and all its imports would be wrapped in functions.
    stdin: {
      contents: readFileSync(join(ROOT, 'nodes', type, 'editor.ts'), 'utf8'),
      resolveDir: join(ROOT, 'nodes', type),
      sourcefile: 'editor.ts',
      loader: 'ts',
    },
    tsconfig: join(ROOT, 'nodes/tsconfig.json'),
    bundle: true,
    write: false,
    absWorkingDir: ROOT,
    // Paths in the page must not depend on where the packages are.
    preserveSymlinks: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2021',
    charset: 'utf8',
    logLevel: 'warning',
  });
  // A closing tag inside a string would end the script element.
  return outputFiles[0].text.replaceAll('</script', String.raw`<\/script`);
}
