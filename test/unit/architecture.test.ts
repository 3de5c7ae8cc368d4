/** Direction of imports: one row per folder, and every import that is in no row is an error. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

interface Row {
  readonly name: string;
  readonly files: RegExp;
  /** Rows that it may import from. It must name itself to import its own files. */
  readonly imports: readonly string[];
  /** Packages and modules of Node.js that it may import; none if absent. */
  readonly packages?: (name: string) => boolean;
}

const isNodeRed = (name: string) => /^(@types\/node-red.*|node-red|@node-red\/.*)$/.test(name);

/** What has no I/O, and any row below may use. */
const BASE = ['outcomes', 'settings', 'retry', 'clock', 'verdict', 'observer', 'printable', 'call-safely'];

/** From bottom to top. */
const ROWS: readonly Row[] = [
  { name: 'outcomes', files: /^src\/outcomes\.ts$/, imports: [] },
  { name: 'printable', files: /^src\/printable\.ts$/, imports: [] },
  { name: 'call-safely', files: /^src\/call-safely\.ts$/, imports: [] },
  { name: 'clock', files: /^src\/clock\.ts$/, imports: [] },
  { name: 'retry', files: /^src\/retry\.ts$/, imports: ['outcomes'] },
  { name: 'settings', files: /^src\/settings\//, imports: ['settings', 'outcomes', 'printable'] },
  { name: 'verdict', files: /^src\/verdict\.ts$/, imports: ['outcomes', 'printable'] },
  { name: 'observer', files: /^src\/observer\.ts$/, imports: ['outcomes', 'verdict', 'call-safely'] },
  {
    name: 'protocol',
    files: /^src\/protocol\//,
    imports: ['protocol', 'outcomes', 'printable'],
    packages: (name) => name === 'node:crypto',
  },
  {
    name: 'transport',
    files: /^src\/transport\/[^/]+$/,
    imports: ['transport', 'protocol', ...BASE],
    packages: isBuiltin,
  },
  {
    name: 'transport/persistent',
    files: /^src\/transport\/persistent\//,
    imports: ['transport/persistent', 'transport', 'protocol', ...BASE],
  },
  {
    name: 'device',
    files: /^src\/device\//,
    imports: ['device', 'transport/persistent', 'transport', 'protocol', ...BASE],
  },
  {
    name: 'observers',
    files: /^src\/observers\//,
    imports: ['observers', ...BASE],
    packages: (name) => isBuiltin(name) || ['prom-client', 'negotiator'].includes(name),
  },
  {
    // The simulated device shares the wire with the client, and nothing else.
    name: 'simulator',
    files: /^src\/simulator\//,
    imports: ['simulator', 'protocol', 'settings', 'outcomes', 'clock', 'printable'],
    packages: isBuiltin,
  },
  {
    name: 'cli',
    files: /^src\/cli\//,
    imports: ['cli', 'observers', 'simulator', 'device', 'transport', 'protocol', ...BASE],
    packages: isBuiltin,
  },
  {
    name: 'index',
    files: /^src\/index\.ts$/,
    imports: ['observers', 'simulator', 'device', 'transport', 'protocol', ...BASE],
  },
  {
    name: 'nodes',
    files: /^nodes\/[^/]+$/,
    imports: ['nodes', 'observers', 'simulator', 'device', 'transport', ...BASE],
    packages: (name) => isBuiltin(name) || isNodeRed(name),
  },
  { name: 'nodes/editor', files: /^nodes\/editor\//, imports: ['nodes/editor', 'nodes', 'settings', 'outcomes'] },
  {
    // Of another node type, only its contract: see isForeignInternal.
    name: 'node type',
    files: /^nodes\/phase0-[^/]+\//,
    imports: ['node type', 'nodes/editor', 'nodes', 'observers', 'simulator', 'device', 'transport', ...BASE],
    packages: (name) => isBuiltin(name) || isNodeRed(name),
  },
];

/** What a node type publishes for other node types. */
const CONTRACTS: ReadonlySet<string> = new Set(['nodes/phase0-device/device-node.ts']);

const BROWSER_SAFE =
  /^(src\/(settings\/.*|outcomes|printable|verdict)\.ts|nodes\/phase0-[^/]+\/(settings|form|editor|editor\/.*)\.ts|nodes\/saved\.ts|nodes\/editor\/.*)$/;

/** File → what it imports: paths for files of this project, names for packages and modules of Node.js. */
type Imports = ReadonlyMap<string, readonly string[]>;

function importsOf(file: string, source: string): string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const names = [...code.matchAll(/\b(?:from|import|require\(|import\()\s*['"]([^'"]+)['"]/g)].map(
    ([, name]) => name ?? '',
  );
  return names.map((name) =>
    name.startsWith('.') ? `${posix.join(posix.dirname(file), name).replace(/\.(js|ts)$/, '')}.ts` : name,
  );
}

function readImports(): Imports {
  const files = ['src', 'nodes'].flatMap((folder) =>
    readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => posix.join(folder, file)),
  );
  const sources = files.filter((file) => file.endsWith('.ts'));
  return new Map(sources.map((file) => [file, importsOf(file, readFileSync(resolve(ROOT, file), 'utf8'))]));
}

const isOwn = (name: string) => /^(src|nodes)\//.test(name);

const rowOf = (file: string) => ROWS.find(({ files }) => files.test(file));

const nodeTypeOf = (file: string) => /^nodes\/(phase0-[^/]+)\//.exec(file)?.[1];

function isForeignInternal(from: string, to: string): boolean {
  const nodeType = nodeTypeOf(to);
  return nodeType !== undefined && nodeTypeOf(from) !== nodeType && !CONTRACTS.has(to);
}

/** Imports that are in no row. */
function forbidden(imports: Imports): string[] {
  return arrows(imports, (from, to) => {
    const row = rowOf(from);
    if (!row) return true;
    if (!isOwn(to)) return !row.packages?.(to);
    const target = rowOf(to);
    return !target || !row.imports.includes(target.name) || isForeignInternal(from, to);
  });
}

/** Modules of Node.js and Node-RED that a browser-safe file reaches; type imports count, since they hide mistakes. */
function notForBrowsers(imports: Imports): string[] {
  const seen = new Set([...imports.keys()].filter((file) => BROWSER_SAFE.test(file)));
  for (const file of seen) for (const name of imports.get(file) ?? []) if (isOwn(name)) seen.add(name);
  const reached = new Map([...imports].filter(([file]) => seen.has(file)));
  return arrows(reached, (_from, to) => isBuiltin(to) || isNodeRed(to));
}

function cycles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const name of imports.get(file) ?? []) visit(name, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

function arrows(imports: Imports, isBad: (from: string, to: string) => boolean): string[] {
  return [...imports].flatMap(([from, names]) => names.filter((to) => isBad(from, to)).map((to) => `${from} → ${to}`));
}

describe('architecture', () => {
  const imports = readImports();

  it('has exactly one row for every file', () => {
    const rows = (file: string) => ROWS.filter(({ files }) => files.test(file)).length;
    assert.deepEqual(
      [...imports.keys()].filter((file) => rows(file) !== 1),
      [],
      'add a row to ROWS',
    );
  });

  it('has no import that is in no row', () => {
    assert.deepEqual(forbidden(imports), []);
  });

  it('has no import cycle', () => {
    assert.deepEqual(cycles(imports), []);
  });

  it('reaches no Node.js module from a browser-safe file', () => {
    assert.deepEqual(notForBrowsers(imports), []);
  });

  it('imports only files that exist', () => {
    assert.deepEqual(
      arrows(imports, (_from, to) => isOwn(to) && !imports.has(to)),
      [],
    );
  });
});

describe('architecture: the test itself', () => {
  const bad: readonly (readonly [from: string, to: string])[] = [
    ['src/protocol/frame.ts', 'src/transport/transport.ts'],
    ['src/clock.ts', 'src/transport/persistent/connector.ts'],
    ['nodes/red.ts', 'nodes/phase0-toggle/requests.ts'],
    ['src/protocol/reply-stream.ts', 'src/settings/device.ts'],
    ['src/outcomes.ts', 'src/settings/field.ts'],
    ['src/settings/field.ts', 'src/clock.ts'],
    ['src/printable.ts', 'src/outcomes.ts'],
    ['src/verdict.ts', 'src/observer.ts'],
    ['src/retry.ts', 'src/clock.ts'],
    ['src/transport/transport.ts', 'src/transport/persistent/session.ts'],
    ['src/transport/persistent/transport.ts', 'src/device/lane.ts'],
    ['src/device/lane.ts', 'src/observers/metrics.ts'],
    ['src/observers/metrics.ts', 'src/simulator/modes.ts'],
    ['src/observers/metrics.ts', 'src/device/device.ts'],
    ['src/simulator/modes.ts', 'src/observers/metrics.ts'],
    ['src/simulator/modes.ts', 'src/device/device.ts'],
    ['src/simulator/modes.ts', 'src/transport/socket.ts'],
    ['src/device/device.ts', 'src/index.ts'],
    ['src/index.ts', 'src/cli/toggle.ts'],
    ['src/device/device.ts', 'nodes/red.ts'],
    ['src/device/device.ts', '@node-red/util'],
    ['src/settings/field.ts', 'node:util'],
    ['src/protocol/frame.ts', 'node:net'],
    ['src/device/lane.ts', 'prom-client'],
    ['src/device/device.ts', 'src/utils.ts'],
    ['src/utils.ts', 'src/outcomes.ts'],
    ['nodes/editor/form.ts', 'nodes/phase0-device/settings.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-device/device-test.ts'],
    ['nodes/phase0-device/device-node.ts', 'nodes/phase0-toggle/requests.ts'],
    ['nodes/phase0-device/device-node.ts', 'src/cli/toggle.ts'],
  ];
  for (const [from, to] of bad) {
    it(`finds ${from} → ${to}`, () => assert.deepEqual(forbidden(new Map([[from, [to]]])), [`${from} → ${to}`]));
  }

  const good: readonly (readonly [from: string, to: string])[] = [
    ['src/observer.ts', 'src/verdict.ts'],
    ['src/protocol/toggle.ts', 'node:crypto'],
    ['src/transport/persistent/transport.ts', 'src/transport/connection.ts'],
    ['src/device/attempts.ts', 'src/outcomes.ts'],
    ['src/simulator/modes.ts', 'src/protocol/toggle.ts'],
    ['nodes/metrics.ts', 'src/observers/metrics.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/red.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-toggle/message.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-device/device-node.ts'],
  ];
  for (const [from, to] of good) {
    it(`allows ${from} → ${to}`, () => assert.deepEqual(forbidden(new Map([[from, [to]]])), []));
  }

  it('finds a Node.js module behind another file', () => {
    const imports = new Map([
      ['src/settings/field.ts', ['src/clock.ts']],
      ['src/clock.ts', ['node:timers']],
    ]);
    assert.deepEqual(notForBrowsers(imports), ['src/clock.ts → node:timers']);
  });

  it('finds a cycle', () => {
    const imports = new Map([
      ['src/a.ts', ['src/b.ts']],
      ['src/b.ts', ['src/a.ts']],
    ]);
    assert.deepEqual(cycles(imports), ['src/a.ts → src/b.ts → src/a.ts']);
  });

  it('reads every kind of import, and no comment', () => {
    const source = `
      // import a from './a';
      import type { B } from './b';
      import {
        c,
      } from '../c';
      import 'side-effect';
      export * from './d.js';
      const e = require('node:e'), f = import('f');`;
    const expected = ['src/x/b.ts', 'src/c.ts', 'side-effect', 'src/x/d.ts', 'node:e', 'f'];
    assert.deepEqual(importsOf('src/x/y.ts', source), expected);
  });
});
