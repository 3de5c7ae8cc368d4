/** Owns the build: TypeScript to dist/, and each node's editor page, locales and icons beside its runtime file. */
import { ROOT } from './ensure.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { build } = await import('esbuild');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
// Users pay for comments in what runs, and read them in the declarations.
tsc('--removeComments', '--declaration', 'false');
tsc('--emitDeclarationOnly');

// Icons belong to the whole module, whichever node's folder they lie in.
copy(join(ROOT, 'nodes/icons'), join(ROOT, 'dist/nodes/phase0-toggle/icons'));
for (const type of Object.keys(manifest['node-red'].nodes)) {
  const source = join(ROOT, 'nodes', type);
  const target = join(ROOT, 'dist/nodes', type);
  copy(join(source, 'locales'), join(target, 'locales'));
  const help = join(target, 'locales/en-US', `${type}.html`);
  writeFileSync(help, unindented(readFileSync(help, 'utf8')));
  if (existsSync(join(source, 'editor.ts'))) {
    writeFileSync(join(target, `${type}.html`), await editorPage(type, source));
  } else {
    console.warn(`${type}: no editor.ts, so Node-RED will not load it`);
    if (process.env.CI) process.exitCode = 1;
  }
}

function tsc(...options) {
  const command = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT, '--pretty', ...options];
  if (spawnSync(process.execPath, command, { stdio: 'inherit' }).status !== 0) process.exit(1);
}

/** A browser does not need the indentation that an author does. */
function unindented(html) {
  return html.replaceAll(/^ +/gm, '');
}

function copy(from, to) {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

/** The template with the bundled script after it. The flow library's scorer reads the type from `registerType('…', {`. */
async function editorPage(type, source) {
  const bundle = await build({
    entryPoints: [join(source, 'editor.ts')],
    tsconfig: join(ROOT, 'nodes/tsconfig.json'),
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const script = bundle.outputFiles[0].text
    .replaceAll('</script', String.raw`<\/script`)
    .replace(`registerType("${type}",{`, `registerType('${type}', {`);
  const template = join(source, 'editor.html');
  const html = existsSync(template) ? `${unindented(readFileSync(template, 'utf8')).trimEnd()}\n\n` : '';
  return `${html}<script type="text/javascript">\n${script}</script>\n`;
}
