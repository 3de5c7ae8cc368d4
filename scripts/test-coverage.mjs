/** Coverage report of a test run: files with their missing lines, and the floor that a run must reach. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Percentages that a run of every suite must reach, over src/ and nodes/ together. */
const FLOOR = { lines: 97, branches: 92, functions: 95 };
/** Branches that the unit suite alone must reach in these folders, in percent. */
const UNIT_BRANCH_FLOORS = { 'src/transport': 95, 'src/device': 95 };
/** Runs in the browser, where this does not measure. */
const BROWSER_ONLY = ['nodes/editor/**', 'nodes/*/editor/**', 'nodes/*/editor.ts'];

/**
 * Prints the report and writes it to `reportsDir` as HTML; files that no test loaded count as not covered.
 * Resolves to what is below the floor of `scope`, a sentence each.
 */
export function reportCoverage({ root, rawDir, reportsDir, scope }) {
  const excluded = [...BROWSER_ONLY, ...withoutCode(root)];
  const command = [
    join(root, 'node_modules/c8/bin/c8.js'),
    'report',
    '--all',
    '--exclude-after-remap',
    `--temp-directory=${rawDir}`,
    `--reports-dir=${reportsDir}`,
    ...['src/**/*.ts', 'nodes/**/*.ts'].flatMap((glob) => ['--include', glob]),
    ...['**/*.d.ts', 'dist/**', 'test/**', ...excluded].flatMap((glob) => ['--exclude', glob]),
    ...['text', 'html', 'json-summary'].flatMap((reporter) => ['--reporter', reporter]),
  ];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) return ['the coverage report failed'];
  const { total, ...files } = JSON.parse(readFileSync(join(reportsDir, 'coverage-summary.json'), 'utf8'));
  if (scope === 'all') return belowFloor(total);
  return scope === 'unit' ? belowUnitFloors(root, files) : [];
}

function belowFloor(total) {
  return Object.entries(FLOOR)
    .filter(([kind, floor]) => total[kind].pct < floor)
    .map(([kind, floor]) => `coverage of ${kind} is ${total[kind].pct} %, below the floor of ${floor} %`);
}

function belowUnitFloors(root, files) {
  const problems = [];
  for (const [folder, floor] of Object.entries(UNIT_BRANCH_FLOORS)) {
    const inFolder = Object.entries(files).filter(([file]) =>
      relative(root, file).split(sep).join('/').startsWith(`${folder}/`),
    );
    const sum = (count) => inFolder.reduce((total, [, { branches }]) => total + branches[count], 0);
    const percent = inFolder.length === 0 ? 0 : Math.floor((10_000 * sum('covered')) / Math.max(1, sum('total'))) / 100;
    console.log(`branch coverage of ${folder} from unit tests: ${percent} % (${sum('covered')}/${sum('total')})`);
    // Branches of a file that was never loaded are not known, so it would hardly count.
    const unloaded = inFolder.filter(([, { lines }]) => lines.covered === 0).map(([file]) => relative(root, file));
    if (unloaded.length > 0) problems.push(`no unit test loads ${unloaded.join(', ')}`);
    if (percent < floor) problems.push(`branch coverage of ${folder} from unit tests is below the floor of ${floor} %`);
  }
  return problems;
}

/** Files that hold types only: the compiler leaves nothing of them, so that nothing can be covered. */
function withoutCode(root) {
  return ['src', 'nodes'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file).split(sep).join('/'))
      .filter((file) => !hasCode(join(root, 'dist', file.replace(/\.ts$/, '.js')))),
  );
}

function hasCode(compiled) {
  if (!existsSync(compiled)) return false;
  const code = readFileSync(compiled, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replace(/"use strict";/, '')
    .replace(/Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);/, '');
  return code.trim() !== '';
}
