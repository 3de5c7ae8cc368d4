/** The direction of imports: a message travels straight down and straight back, so imports point down only. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix, resolve } from 'node:path';
import { NODE_TYPES } from '../support/node-types';

const ROOT = resolve(__dirname, '../../..');

/** A folder (its own files, not those of folders in it) or a single file, and what it may import besides itself. */
interface Row {
  readonly place: string;
  readonly imports: readonly string[];
  /** Packages and modules of Node.js that it may import; none if absent. */
  readonly packages?: (name: string) => boolean;
}

const isNodeRed = (name: string) => /^(@types\/node-red.*|node-red|@node-red\/.*)$/.test(name);
const isBuiltinOrNodeRed = (name: string) => isBuiltin(name) || isNodeRed(name);

/** What everything above may use. */
const BASE = [
  'src/outcomes.ts',
  'src/cause-names.ts',
  'src/causes.ts',
  'src/printable.ts',
  'src/stop-signal.ts',
  'src/clock.ts',
  'src/retry.ts',
  'src/verdict.ts',
  'src/observer.ts',
  'src/composed-observer.ts',
  'src/worker-observer.ts',
  'src/call-safely.ts',
  'src/overflow.ts',
  'src/transient.ts',
] as const;
const CORE = [
  'src/trace/',
  'src/protocol/layout.ts',
  'src/fleet/',
  'src/fleet/amqp/',
  'src/observers/',
  'src/simulator/',
  'src/inventory/',
  'src/device/',
  'src/transport/',
  'src/protocol/',
  'src/settings/',
  ...BASE,
] as const;
/** What another node's folder may know of a phase0-device node. */
const DEVICE_CONTRACT = 'nodes/phase0-device/device-node.ts';
/** What the device test writes, for every dialog that uses its route. */
const DEVICE_TEST_EVENT = 'nodes/phase0-device/device-test-event.ts';
/** What it may know of a phase0-inventory node. */
const INVENTORY_CONTRACT = 'nodes/phase0-inventory/inventory-node.ts';
/** Answers of routes that switch a device. */
const EVENT_LINES = 'nodes/event-lines.ts';
/** What adds the routes of the packet trace. */
const TRACE_ROUTES = 'nodes/trace/routes.ts';
/** What it may know of a phase0-fleet node. */
const FLEET_CONTRACT = 'nodes/phase0-fleet/fleet-node.ts';

/** What the statuses of other nodes can say about an inventory. */
const INVENTORY_TEXTS = 'nodes/phase0-inventory/status-texts.ts';
/** The config node that a toggle or group node switches by. */
const CHOSEN_TARGET = 'nodes/chosen-target.ts';

/**
 * Every place that holds files, and the places that it may import from besides itself. An import that no row names is an
 * error, so that a new direction is a decision.
 */
const ROWS: readonly Row[] = [
  { place: 'src/outcomes.ts', imports: [] },
  { place: 'src/cause-names.ts', imports: ['src/outcomes.ts'] },
  { place: 'src/causes.ts', imports: ['src/outcomes.ts'] },
  { place: 'src/printable.ts', imports: [] },
  { place: 'src/overflow.ts', imports: [] },
  { place: 'src/transient.ts', imports: [] },
  { place: 'src/nearest.ts', imports: [] },
  { place: 'src/regular-file.ts', imports: [], packages: (name) => name === 'node:fs' || name === 'node:fs/promises' },
  { place: 'src/call-safely.ts', imports: [] },
  { place: 'src/stop-signal.ts', imports: ['src/outcomes.ts'] },
  { place: 'src/clock.ts', imports: ['src/stop-signal.ts'] },
  { place: 'src/retry.ts', imports: ['src/outcomes.ts'] },
  { place: 'src/verdict.ts', imports: ['src/outcomes.ts', 'src/causes.ts', 'src/printable.ts'] },
  { place: 'src/observer.ts', imports: ['src/outcomes.ts', 'src/verdict.ts'] },
  {
    place: 'src/composed-observer.ts',
    imports: ['src/observer.ts', 'src/outcomes.ts', 'src/verdict.ts', 'src/call-safely.ts'],
  },
  { place: 'src/worker-observer.ts', imports: ['src/outcomes.ts'] },
  { place: 'src/settings/', imports: ['src/printable.ts'] },
  {
    place: 'src/protocol/',
    imports: ['src/protocol/layout.ts', 'src/outcomes.ts', 'src/printable.ts'],
    packages: (name) => name === 'node:buffer' || name === 'node:crypto',
  },
  { place: 'src/transport/', imports: ['src/protocol/', ...BASE], packages: isBuiltin },
  { place: 'src/transport/persistent/', imports: ['src/transport/', 'src/protocol/', ...BASE] },
  {
    place: 'src/device/',
    imports: ['src/transport/', 'src/transport/persistent/', 'src/protocol/', 'src/settings/', ...BASE],
  },
  {
    place: 'src/observers/',
    imports: BASE,
    packages: (name) => isBuiltin(name) || name === 'prom-client' || name === 'negotiator',
  },
  {
    place: 'src/trace/',
    imports: ['src/protocol/layout.ts', ...BASE],
    packages: (name) => name === 'node:crypto' || name === 'node:net',
  },
  { place: 'src/protocol/layout.ts', imports: [] },
  { place: 'src/simulator/', imports: ['src/protocol/', 'src/settings/', ...BASE], packages: isBuiltin },
  {
    place: 'src/inventory/',
    imports: [
      'src/device/',
      'src/transport/',
      'src/transport/persistent/',
      'src/settings/',
      'src/nearest.ts',
      'src/regular-file.ts',
      ...BASE,
    ],
    packages: (name) => name === 'papaparse' || name === 'node:fs' || name === 'node:fs/promises',
  },
  {
    place: 'src/fleet/',
    imports: ['src/fleet/amqp/', 'src/device/', 'src/transport/', 'src/protocol/', 'src/settings/', ...BASE],
  },
  {
    place: 'src/fleet/amqp/',
    imports: ['src/transport/', ...BASE],
    packages: (name) => isBuiltin(name) || name === 'rabbitmq-client',
  },
  { place: 'src/cli/', imports: ['src/nearest.ts', ...CORE], packages: isBuiltin },
  { place: 'src/index.ts', imports: CORE },
  { place: 'nodes/', imports: ['src/regular-file.ts', ...CORE], packages: isBuiltinOrNodeRed },
  { place: 'nodes/editor/', imports: ['nodes/', 'src/settings/'] },
  ...NODE_TYPES.flatMap((type): Row[] => [
    {
      place: `nodes/${type}/`,
      imports: [
        'nodes/',
        'nodes/editor/',
        CHOSEN_TARGET,
        DEVICE_CONTRACT,
        INVENTORY_CONTRACT,
        FLEET_CONTRACT,
        EVENT_LINES,
        TRACE_ROUTES,
        INVENTORY_TEXTS,
        ...CORE,
      ],
      packages: isBuiltinOrNodeRed,
    },
    {
      place: `nodes/${type}/editor/`,
      imports: [
        `nodes/${type}/`,
        'nodes/editor/',
        INVENTORY_TEXTS,
        DEVICE_TEST_EVENT,
        'src/inventory/',
        'src/settings/',
        'src/retry.ts',
        'src/printable.ts',
      ],
      packages: (name) => type === 'phase0-inventory' && name === 'papaparse',
    },
  ]),
  { place: 'nodes/phase0-sidebar/', imports: [] },
  {
    place: 'nodes/phase0-sidebar/editor/',
    imports: ['nodes/', 'nodes/editor/', DEVICE_TEST_EVENT, 'src/trace/', 'src/outcomes.ts', 'src/printable.ts'],
    packages: (name) =>
      ['lit-html', 'lit-html/directives/repeat.js', 'd3-scale', '@tanstack/virtual-core'].includes(name),
  },
  { place: DEVICE_CONTRACT, imports: ['nodes/', 'nodes/phase0-device/', ...CORE], packages: isBuiltinOrNodeRed },
  { place: DEVICE_TEST_EVENT, imports: CORE },
  { place: EVENT_LINES, imports: ['nodes/', DEVICE_TEST_EVENT, ...CORE] },
  {
    place: 'nodes/trace/',
    imports: ['nodes/', DEVICE_CONTRACT, INVENTORY_CONTRACT, FLEET_CONTRACT, EVENT_LINES, ...CORE],
    packages: isBuiltin,
  },
  { place: TRACE_ROUTES, imports: ['nodes/', 'nodes/trace/', ...CORE] },
  { place: INVENTORY_TEXTS, imports: ['nodes/', 'src/inventory/'] },
  { place: CHOSEN_TARGET, imports: ['nodes/', DEVICE_CONTRACT, INVENTORY_CONTRACT, FLEET_CONTRACT] },
  { place: INVENTORY_CONTRACT, imports: ['nodes/', 'nodes/phase0-inventory/', ...CORE], packages: isBuiltinOrNodeRed },
  { place: FLEET_CONTRACT, imports: ['nodes/'] },
];

/** The files of a node's folder that belong to its dialog: they run in the browser, and import its dialog's folder. */
const DIALOG = /^nodes\/[^/]+\/(editor|form)\.ts$/;

const BROWSER_SAFE =
  /^(src\/(outcomes|cause-names|causes|printable|verdict|observer|worker-observer)\.ts|src\/protocol\/layout\.ts|src\/trace\/(answers|attempt-bytes|base64|dissect|dissect-payload|json-scan|search-text|shown-settings|spark)\.ts|src\/settings\/.*|src\/inventory\/(columns|faults|check-rows|csv|json|read-bytes)\.ts|nodes\/[^/]+\/(settings|form|editor|editor\/.*|device-test-event|broker-test-answer|broker-url|status-texts)\.ts|nodes\/(saved|phrases|targets|validation-texts)\.ts|nodes\/editor\/.*)$/;

/** File → what it imports: paths of files of ours, names of packages and builtins unchanged. */
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

/** The row of a file: its own, else that of its folder. */
function rowOf(file: string): Row | undefined {
  return ROWS.find(({ place }) => place === file) ?? ROWS.find(({ place }) => place === `${posix.dirname(file)}/`);
}

const isOurs = (name: string) => /^(src|nodes)\//.test(name);

function badArrows(imports: Imports): string[] {
  return arrows(imports, (from, to) => {
    const [above, below] = [rowOf(from), rowOf(to)];
    if (above && !isOurs(to)) return !above.packages?.(to);
    if (!above || !below) return true;
    const ownDialog = DIALOG.test(from) && to.startsWith(`${posix.dirname(from)}/editor/`);
    const ownContract =
      [DEVICE_CONTRACT, DEVICE_TEST_EVENT].includes(below.place) && from.startsWith('nodes/phase0-device/');
    return above !== below && !ownDialog && !ownContract && !above.imports.includes(below.place);
  });
}

/** Imports that a browser cannot load, reached from a browser-safe file. Type imports count, because they hide mistakes. */
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

  it('has a row for every file', () => {
    const unknown = [...imports.keys()].filter((file) => !rowOf(file));
    assert.deepEqual(unknown, [], 'add the place to ROWS');
  });

  it('has no import that ROWS do not name', () => {
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
    ['src/protocol/frame.ts', 'src/transport/transport.ts'],
    ['src/clock.ts', 'src/transport/persistent/connector.ts'],
    ['nodes/red.ts', 'nodes/phase0-toggle/requests.ts'],
    ['src/protocol/reply-stream.ts', 'src/settings/device.ts'],
    ['src/transport/transport.ts', 'src/transport/persistent/session.ts'],
    ['src/device/lane.ts', 'src/observers/metrics.ts'],
    ['src/outcomes.ts', 'src/settings/field.ts'],
    ['src/observers/metrics.ts', 'src/simulator/modes.ts'],
    ['src/simulator/modes.ts', 'src/transport/transport.ts'],
    ['src/device/device.ts', 'nodes/red.ts'],
    ['src/device/device.ts', '@node-red/util'],
    ['src/cli/toggle.ts', '@node-red/util'],
    ['src/settings/field.ts', 'node:util'],
    ['src/protocol/frame.ts', 'node:net'],
    ['src/transport/persistent/transport.ts', 'node:net'],
    ['src/device/lane.ts', 'prom-client'],
    ['src/verdict.ts', 'src/observer.ts'],
    ['src/observers/metrics.ts', 'src/device/device.ts'],
    ['src/device/device.ts', 'src/utils.ts'],
    ['src/device/lane.ts', 'src/inventory/inventory.ts'],
    ['src/inventory/inventory.ts', 'src/observers/metrics.ts'],
    ['src/inventory/csv.ts', 'node:net'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-device/state-store.ts'],
    ['nodes/phase0-metrics/phase0-metrics.ts', 'nodes/phase0-toggle/requests.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-toggle/editor/picker.ts'],
    ['nodes/phase0-sidebar/editor/words.ts', 'src/device/device.ts'],
    ['nodes/phase0-toggle/editor/picker.ts', 'lit-html'],
  ];
  for (const [from, to] of bad) {
    it(`finds ${from} → ${to}`, () => assert.deepEqual(badArrows(new Map([[from, [to]]])), [`${from} → ${to}`]));
  }

  const good: readonly (readonly [from: string, to: string])[] = [
    ['nodes/metrics.ts', 'src/observers/metrics.ts'],
    ['src/device/attempts.ts', 'src/outcomes.ts'],
    ['src/protocol/toggle.ts', 'node:crypto'],
    ['src/observers/metrics.ts', 'prom-client'],
    ['src/transport/persistent/session.ts', 'src/transport/socket.ts'],
    ['src/simulator/modes.ts', 'src/protocol/toggle.ts'],
    ['nodes/phase0-toggle/requests.ts', 'nodes/phase0-device/device-node.ts'],
    ['nodes/phase0-device/editor.ts', 'nodes/phase0-device/editor/device-test-panel.ts'],
  ];
  for (const [from, to] of good) {
    it(`allows ${from} → ${to}`, () => assert.deepEqual(badArrows(new Map([[from, [to]]])), []));
  }

  it('finds a builtin behind another file', () => {
    const imports = new Map([
      ['src/settings/device.ts', ['src/clock.ts']],
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
