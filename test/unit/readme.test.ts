/** The README's tables say what the source says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fields as device } from '../../nodes/phase0-device/settings';
import { fields as metrics } from '../../nodes/phase0-metrics/settings';
import { fields as simulator } from '../../nodes/phase0-simulator/settings';
import { fields as toggle } from '../../nodes/phase0-toggle/settings';
import type { Fields } from '../../src/field';
import { Metrics } from '../../src/observers/metrics';

const readme = readFileSync('README.md', 'utf8');

/** Rows of the tables under a heading, cells trimmed. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const lines = own.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (value: unknown) => (value === '' ? '' : `\`${String(value)}\``);

describe('README', () => {
  const nodes: Record<string, Fields> = {
    'phase0-device': device,
    'phase0-toggle': toggle,
    'phase0-metrics': metrics,
    'phase0-simulator': simulator,
  };
  for (const [type, fields] of Object.entries(nodes)) {
    it(`has every setting of ${type}, with its default and what it accepts`, () => {
      const rows = new Map(rowsUnder(type).map((row) => [row[0], row]));
      for (const [name, field] of Object.entries(fields)) {
        assert.deepEqual(rows.get(`\`${name}\``), [`\`${name}\``, code(field.default), field.accepts]);
      }
    });
  }

  it('has every metric, with its type', async () => {
    const types = [...(await new Metrics().text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    const listed = rowsUnder('phase0-metrics').filter(([name]) => name?.startsWith('`tcp_comm'));
    assert.deepEqual(
      listed.map(([name, type]) => `${name} ${type}`).toSorted(),
      types.map(([, name, type]) => `\`${name}\` ${type}`).toSorted(),
    );
  });

  it('shows the two commands', () => {
    for (const command of ['npm start', 'npm test']) assert.ok(readme.includes(`\n${command}\n`));
  });
});
