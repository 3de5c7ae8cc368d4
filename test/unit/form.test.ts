/** The markup of dialogs: each declared field has a row with a label, an input of its kind, and words in the locale. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { templateOf, TOP, type Form } from '../../nodes/editor/form';
import { iconOf } from '../../nodes/editor/icons';
import * as device from '../../nodes/phase0-device/settings';
import * as fleet from '../../nodes/phase0-fleet/settings';
import * as group from '../../nodes/phase0-group/settings';
import * as inventory from '../../nodes/phase0-inventory/settings';
import * as metrics from '../../nodes/phase0-metrics/settings';
import * as simulator from '../../nodes/phase0-simulator/settings';
import * as toggle from '../../nodes/phase0-toggle/settings';
import type { Fields } from '../../src/settings/field';

const NODES = {
  'phase0-device': device,
  'phase0-fleet': fleet,
  'phase0-group': group,
  'phase0-inventory': inventory,
  'phase0-toggle': toggle,
  'phase0-metrics': metrics,
  'phase0-simulator': simulator,
};

/** Fields that have a row; that of a typed input holds its type, too. */
function rowsOf(fields: Fields): string[] {
  return Object.keys(fields).filter((name) => !(name.endsWith('Type') && name.slice(0, -4) in fields));
}

function formOf(type: keyof typeof NODES, more: Partial<Form> = {}): Form {
  const { fields, migrations } = NODES[type];
  return { type, prefix: 'node-input', fields, migrations, sections: { [TOP]: rowsOf(fields) }, ...more };
}

/** The text at `a.b.c` of a locale; keys may have dots of their own. */
function wordsAt(locale: unknown, key: string): unknown {
  return key.split('.').reduce((at: unknown, part) => (at as Record<string, unknown> | undefined)?.[part], locale);
}

for (const type of Object.keys(NODES) as (keyof typeof NODES)[]) {
  describe(`the dialog of ${type}`, () => {
    const { fields } = NODES[type] as { fields: Fields };
    const markup = templateOf(formOf(type));
    const rows = markup.split('<div class="form-row"').slice(1);

    for (const [index, name] of rowsOf(fields).entries()) {
      const field = fields[name];
      const row = rows[index] ?? '';
      const id = `node-input-${name}`;
      it(`asks for ${name}, as the ${field?.kind} that it is`, () => {
        assert.ok(
          row.startsWith(
            ` id="${id}-row"><label for="${id}">${iconOf(name)} <span data-i18n="${type}.label.${name}"></span></label> `,
          ),
          row,
        );
        assert.match(row, new RegExp(`<(input|select)[^>]* id="${id}"`));
        assert.ok(row.includes(`<div class="phase0-problem" id="${id}-problem" role="status"></div>`));
        if (field?.kind === 'flag') assert.ok(row.includes(`<input type="checkbox" id="${id}">`));
        if (field?.kind === 'number') assert.match(row, /inputmode="decimal"/);
        if (field?.kind === 'number' || field?.kind === 'text') {
          assert.ok(row.includes(`aria-describedby="${id}-problem"`));
        }
        const options = Array.from(row.matchAll(/<option value="([^"]*)"/g), ([, value]) => value);
        assert.deepEqual(options, field?.kind === 'choice' ? field.options : []);
        assert.equal(row.includes(`<input type="hidden" id="${id}Type">`), `${name}Type` in fields);
      });
    }

    it('has a text for every key that it uses', () => {
      const locale: unknown = JSON.parse(readFileSync(`nodes/${type}/locales/en-US/${type}.json`, 'utf8'));
      const keys = Array.from(markup.matchAll(/data-i18n="(?:\[placeholder\])?([^"]*)"/g), ([, key]) => key ?? '');
      assert.ok(keys.length >= rows.length);
      for (const key of keys) assert.equal(typeof wordsAt(locale, key), 'string', key);
    });

    it('needs no escaping: generated values contain only letters, digits and a few signs', () => {
      const put = Object.entries(fields).flatMap(([name, { options = [] }]) => [name, ...options]);
      for (const word of put) assert.match(word, /^[\w-]+$/);
    });
  });
}

describe('a dialog', () => {
  it('folds all sections but the first, under a heading', () => {
    const sections = { [TOP]: ['name'], rest: ['host', 'port'] };
    const markup = templateOf(formOf('phase0-metrics', { sections }));
    assert.match(markup, /^<div class="phase0-form"><div class="form-row" id="node-input-name-row">/);
    const heading =
      '<summary><span data-i18n="phase0-metrics.section.rest"></span> ' +
      '<span class="phase0-summary" id="node-input-rest-summary"></span></summary>';
    assert.ok(
      markup.includes(
        `<details id="node-input-rest-section">${heading}<div class="form-row" id="node-input-host-row">`,
      ),
    );
    assert.match(markup, /<\/details><\/div>$/);
    assert.equal(markup.match(/<details/g)?.length, 1);
  });

  it('puts a pair of rows on one line, each with its label and its problem', () => {
    const markup = templateOf(formOf('phase0-metrics', { sections: { [TOP]: [['host', 'port']] } }));
    assert.match(markup, /^<div class="phase0-form"><div class="form-row phase0-pair" id="node-input-host-row"><label/);
    for (const name of ['host', 'port']) {
      assert.ok(markup.includes(`<label for="node-input-${name}">`));
      assert.ok(markup.includes(`id="node-input-${name}-problem"`));
    }
    assert.equal(markup.match(/form-row/g)?.length, 1);
  });

  it('shows an example in the empty inputs that name one', () => {
    const markup = templateOf(formOf('phase0-device', { placeholders: ['host'] }));
    assert.equal(markup.match(/\[placeholder\]/g)?.length, 1);
    assert.match(markup, /id="node-input-host"[^>]* data-i18n="\[placeholder\]phase0-device\.placeholder\.host"/);
  });

  it('has custom rows, and markup below the sections', () => {
    const own = '<div id="own"></div>';
    const below = '<p id="below"></p>';
    const markup = templateOf(
      formOf('phase0-device', {
        prefix: 'node-config-input',
        sections: { [TOP]: ['own', 'tls'] },
        extra: { own },
        below,
      }),
    );
    assert.match(
      markup,
      /^<div class="phase0-form"><div id="own"><\/div><div class="form-row" id="node-config-input-tls-row">/,
    );
    assert.ok(markup.endsWith(`</div>${below}</div>`));
  });
});
