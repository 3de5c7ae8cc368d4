/** The direction of imports: a message walks straight down and straight back, so imports point down only. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** From top to bottom; an import goes to a lower row, or stays in its own room. Rooms of one row don't know each other. */
const ROWS: readonly Readonly<Record<string, RegExp>>[] = [
  { nodes: /^nodes\// },
  { entries: /^src\/(index\.ts|cli\/)/ },
  { observers: /^src\/observers\//, simulator: /^src\/simulator\// },
  { device: /^src\/device\.ts$/ },
  { lane: /^src\/lane\.ts$/ },
  { toggler: /^src\/toggler\.ts$/ },
  {
    parts:
      /^src\/(protocol\/.*|connection|dial|security|exchange|per-toggle-transport|kept\/.*|breaker|retry|clock|packet-event|verdict|observe)\.ts$/,
  },
  { words: /^src\/(settings|field)\.ts$/ },
  { errors: /^src\/errors\.ts$/ },
];

/** The simulated device shares the wire with the client, and nothing else. */
const CLIENT_ONLY =
  /^src\/(device|lane|toggler|breaker|connection|dial|security|exchange|per-toggle-transport|kept\/.*)\.ts$/;

const BROWSER_SAFE =
  /^(src\/(field|settings|errors|simulator\/settings)\.ts|nodes\/[^/]+\/(settings|editor|editor\/.*|trial-line)\.ts|nodes\/saved\.ts|nodes\/editor\/.*)$/;

/** File → what it imports: paths of files of ours, names of packages and builtins as they stand. */
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

function roomOf(file: string): { row: number; room: string } | undefined {
  for (const [row, rooms] of ROWS.entries()) {
    const room = Object.keys(rooms).find((name) => rooms[name]?.test(file));
    if (room) return { row, room };
  }
  return undefined;
}

const isOurs = (name: string) => /^(src|nodes)\//.test(name);
const isNodeRed = (name: string) => /^(@types\/node-red.*|node-red|@node-red\/.*)$/.test(name);

function badArrows(imports: Imports): string[] {
  return arrows(imports, (from, to) => {
    if (!isOurs(to)) return isNodeRed(to) && from.startsWith('src/');
    const [above, below] = [roomOf(from), roomOf(to)];
    if (!above || !below) return true;
    if (above.room === 'simulator' && CLIENT_ONLY.test(to)) return true;
    return above.room !== below.room && below.row <= above.row;
  });
}

/** What the browser can't have, reached from a file that it gets; types count, for they hide mistakes. */
function notForBrowsers(imports: Imports): string[] {
  const seen = new Set([...imports.keys()].filter((file) => BROWSER_SAFE.test(file)));
  for (const file of seen) for (const name of imports.get(file) ?? []) if (isOurs(name)) seen.add(name);
  const reached = new Map([...imports].filter(([file]) => seen.has(file)));
  return arrows(reached, (_from, to) => isBuiltin(to) || isNodeRed(to));
}

function cycles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (way.includes(file) || done.has(file)) return;
    for (const name of imports.get(file) ?? []) walk(name, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return found;
}

function arrows(imports: Imports, isBad: (from: string, to: string) => boolean): string[] {
  return [...imports].flatMap(([from, names]) => names.filter((to) => isBad(from, to)).map((to) => `${from} → ${to}`));
}

describe('architecture', () => {
  const imports = readImports();

  it('gives every file a room', () => {
    const homeless = [...imports.keys()].filter((file) => !roomOf(file));
    assert.deepEqual(homeless, [], 'name the room in ROWS');
  });

  it('imports downwards only, and Node-RED never inside src/', () => {
    assert.deepEqual(badArrows(imports), []);
  });

  it('has no import cycle', () => {
    assert.deepEqual(cycles(imports), []);
  });

  it('reaches no Node.js from a browser-safe file', () => {
    assert.deepEqual(notForBrowsers(imports), []);
  });

  it('imports only what exists', () => {
    assert.deepEqual(
      arrows(imports, (_from, to) => isOurs(to) && !imports.has(to)),
      [],
    );
  });
});

describe('architecture: the check itself', () => {
  const bad: readonly (readonly [from: string, to: string])[] = [
    ['src/lane.ts', 'src/device.ts'],
    ['src/errors.ts', 'src/field.ts'],
    ['src/device.ts', 'src/observers/metrics.ts'],
    ['src/observers/metrics.ts', 'src/simulator/modes.ts'],
    ['src/simulator/modes.ts', 'src/exchange.ts'],
    ['src/device.ts', 'nodes/red.ts'],
    ['src/device.ts', '@node-red/util'],
    ['src/device.ts', 'src/utils.ts'],
  ];
  for (const [from, to] of bad) {
    it(`finds ${from} → ${to}`, () => assert.deepEqual(badArrows(new Map([[from, [to]]])), [`${from} → ${to}`]));
  }

  const good: readonly (readonly [from: string, to: string])[] = [
    ['nodes/metrics.ts', 'src/observers/metrics.ts'],
    ['src/toggler.ts', 'src/errors.ts'],
    ['src/exchange.ts', 'src/connection.ts'],
    ['src/simulator/modes.ts', 'src/protocol/toggle.ts'],
  ];
  for (const [from, to] of good) {
    it(`allows ${from} → ${to}`, () => assert.deepEqual(badArrows(new Map([[from, [to]]])), []));
  }

  it('finds a builtin behind another file', () => {
    const imports = new Map([
      ['src/settings.ts', ['src/clock.ts']],
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
