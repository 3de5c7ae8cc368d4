/** Owns the demo: a Node-RED on loopback with these nodes and the first example, kept in .demo/. */
import './build.mjs';
import { ROOT } from './ensure.mjs';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'node-red-contrib-phase0';
const port = Number(process.env.PORT || 1880);
const demo = join(ROOT, '.demo');
const flows = join(demo, 'flows.json');
const settings = {
  uiHost: '127.0.0.1',
  uiPort: port,
  flowFile: 'flows.json',
  credentialSecret: false,
  telemetry: { enabled: false },
  editorTheme: { tours: false, palette: { catalogues: [] } },
};

mkdirSync(join(demo, 'node_modules'), { recursive: true });
rmSync(join(demo, 'node_modules', NAME), { force: true });
symlinkSync(ROOT, join(demo, 'node_modules', NAME), 'dir');
writeFileSync(join(demo, 'package.json'), JSON.stringify({ private: true, dependencies: { [NAME]: 'file:..' } }));
writeFileSync(join(demo, 'settings.js'), `module.exports = ${JSON.stringify(settings, null, 2)};\n`);
const examples = join(ROOT, 'examples');
const [first] = existsSync(examples)
  ? readdirSync(examples)
      .filter((file) => file.endsWith('.json'))
      .toSorted()
  : [];
if (first && !existsSync(flows)) copyFileSync(join(examples, first), flows);

console.log(`Node-RED starts on http://127.0.0.1:${port}/ (PORT=… for another port, Ctrl-C ends it)`);
const child = spawn(process.execPath, [join(ROOT, 'node_modules/node-red/red.js'), '--userDir', demo], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
