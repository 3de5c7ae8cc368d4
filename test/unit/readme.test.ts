/** The tables and links of the README and of docs/ agree with the source. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fields as device } from '../../nodes/phase0-device/settings';
import { fields as fleet } from '../../nodes/phase0-fleet/settings';
import { fields as group } from '../../nodes/phase0-group/settings';
import { fields as inventory } from '../../nodes/phase0-inventory/settings';
import { fields as metrics } from '../../nodes/phase0-metrics/settings';
import { fields as simulator } from '../../nodes/phase0-simulator/settings';
import { fields as toggle } from '../../nodes/phase0-toggle/settings';
import type { Fields } from '../../src/settings/field';
import { Metrics } from '../../src/observers/metrics';

const readme = readFileSync('README.md', 'utf8');
const monitoring = readFileSync('docs/monitoring.md', 'utf8');

/** Rows of the tables under a heading, cells trimmed. */
function rowsUnder(heading: string, text = readme): string[][] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const lines = own.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const anchorsOf = (file: string) =>
  Array.from(readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

const code = (value: unknown) => (value === '' ? '' : `\`${String(value)}\``);

/** Settings that only the editor knows: other nodes, and rows. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  'phase0-device': ['tls'],
  'phase0-inventory': ['devices', 'tls'],
  'phase0-fleet': ['tls'],
  'phase0-toggle': ['device', 'inventory', 'fleet'],
  'phase0-group': ['device', 'inventory', 'fleet'],
  'phase0-simulator': ['inventory', 'tls'],
};

describe('README', () => {
  const nodes: Record<string, Fields> = {
    'phase0-device': device,
    'phase0-inventory': inventory,
    'phase0-fleet': fleet,
    'phase0-toggle': toggle,
    'phase0-group': group,
    'phase0-metrics': metrics,
    'phase0-simulator': simulator,
  };
  for (const [type, fields] of Object.entries(nodes)) {
    it(`has every setting of ${type}, with its default, what it accepts and what it means`, () => {
      const rows = new Map(rowsUnder(type).map((row) => [row[0], row]));
      for (const [name, field] of Object.entries(fields)) {
        const row = rows.get(`\`${name}\``) ?? [];
        assert.deepEqual(row.slice(0, 3), [`\`${name}\``, code(field.default), field.accepts]);
        assert.match(row[3] ?? '', /^\S.+[.]$/, name);
      }
      const listed = [...rows].flatMap(([name, row]) => (row.length === 4 ? [name] : []));
      const known = [...Object.keys(fields), ...(CHOSEN[type] ?? [])];
      assert.deepEqual(new Set(listed), new Set(known.map((name) => `\`${name}\``)));
    });
  }

  it('links to every reason that the help of a toggle explains', () => {
    const help = readFileSync('nodes/phase0-toggle/locales/en-US/phase0-toggle.html', 'utf8');
    const [, table = ''] = /\nreason \| .+\n.+\n((?:.+\n)+)/.exec(help) ?? [];
    const explained = Array.from(table.matchAll(/^(\w+) \|/gm), ([, reason]) => `\`${reason}\``);
    const listed = Array.from(
      readFileSync('docs/verdicts.md', 'utf8').matchAll(/^\| (`\w+`) +\|/gm),
      ([, reason]) => reason,
    );
    assert.equal(listed.length, 20);
    assert.deepEqual(listed, explained);
  });

  it('links to every metric, with its type', async () => {
    const types = [...(await new Metrics().text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    const listed = rowsUnder('The metrics', monitoring);
    assert.deepEqual(
      listed.map(([name, type]) => `${name} ${type}`).toSorted(),
      types.map(([, name, type]) => `\`${name}\` ${type}`).toSorted(),
    );
  });

  it('links to every metric of a worker, with its type', async () => {
    const all = new Metrics();
    all.workerObserver([]);
    const types = [...(await all.text()).matchAll(/^# TYPE (tcp_comm_fleet_\S+) (\S+)$/gm)];
    assert.deepEqual(
      rowsUnder('Workers', monitoring).map(([name, type]) => `${name} ${type}`),
      types.map(([, name, type]) => `\`${name}\` ${type}`),
    );
  });

  it('has no broken link to a page, picture or heading', () => {
    for (const file of [
      'README.md',
      ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
    ]) {
      const text = readFileSync(file, 'utf8');
      for (const [, path, anchor] of text.matchAll(/(?:\]\(|src=")(?!https?:)([^)#"]*)#?([\w-]*)[)"]/g)) {
        const target = path ? join(dirname(file), path) : file;
        assert.ok(existsSync(target), `${file}: ${target}`);
        if (anchor) assert.ok(anchorsOf(target).includes(anchor), `${file}: ${target}#${anchor}`);
      }
    }
  });

  it('shows the two commands', () => {
    for (const command of ['npm start', 'npm test']) assert.ok(readme.includes(`\n${command}\n`));
  });
});
