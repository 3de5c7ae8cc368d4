/** Every language is complete: no key missing or stale, the same placeholders, the same structure of the help. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { templateOf } from '../../nodes/editor/form';
import { FORM as deviceForm } from '../../nodes/phase0-device/form';
import { FORM as fleetForm } from '../../nodes/phase0-fleet/form';
import { FORM as groupForm } from '../../nodes/phase0-group/form';
import { FORM as inventoryForm } from '../../nodes/phase0-inventory/form';
import { FORM as metricsForm } from '../../nodes/phase0-metrics/form';
import { FORM as simulatorForm } from '../../nodes/phase0-simulator/form';
import { FORM as toggleForm } from '../../nodes/phase0-toggle/form';
import * as device from '../../nodes/phase0-device/settings';
import * as fleet from '../../nodes/phase0-fleet/settings';
import * as groupSettings from '../../nodes/phase0-group/settings';
import * as inventory from '../../nodes/phase0-inventory/settings';
import * as metrics from '../../nodes/phase0-metrics/settings';
import * as simulator from '../../nodes/phase0-simulator/settings';
import * as toggle from '../../nodes/phase0-toggle/settings';

/** Plugins have texts only: no settings, no dialog and no help. */
const PLUGINS = ['phase0-sidebar'];
const LANGUAGES = ['en-US', 'de', 'fr', 'es', 'ja', 'zh-CN'];
const TYPES = {
  'phase0-device': device,
  'phase0-fleet': fleet,
  'phase0-group': groupSettings,
  'phase0-inventory': inventory,
  'phase0-metrics': metrics,
  'phase0-simulator': simulator,
  'phase0-toggle': toggle,
};

const FORMS = {
  'phase0-device': deviceForm,
  'phase0-fleet': fleetForm,
  'phase0-group': groupForm,
  'phase0-inventory': inventoryForm,
  'phase0-metrics': metricsForm,
  'phase0-simulator': simulatorForm,
  'phase0-toggle': toggleForm,
};

type Texts = { readonly [key: string]: string | Texts };

const fileOf = (type: string, language: string, ending: string) =>
  `nodes/${type}/locales/${language}/${type}.${ending}`;

/** Key → text, the keys in full. */
function textsOf(type: string, language: string): Map<string, string> {
  const flat = (texts: Texts, before: string): [string, string][] =>
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${before}${key}`, value]] : flat(value, `${before}${key}.`),
    );
  return new Map(flat(JSON.parse(readFileSync(fileOf(type, language, 'json'), 'utf8')) as Texts, ''));
}

const helpOf = (type: string, language: string) => readFileSync(fileOf(type, language, 'html'), 'utf8');
const placeholdersOf = (text = '') => (text.match(/__\w+__/g) ?? []).toSorted();
const lines = (text: string, pattern: RegExp) => text.split('\n').flatMap((line) => pattern.exec(line)?.[1] ?? []);

/** What must be equal in every language: headings, definitions, rows, code. */
const skeletonOf = (help: string) => ({
  headings: lines(help, /^(#+) /),
  definitions: lines(help, /^: (\*?\w+\*? \([^)]*\)) : ./),
  // The heads of tables are words.
  rows: lines(help.replaceAll(/^.+(?=\n---)/gm, ''), /^([\w-]+ \|) ./),
  code: (help.match(/`[^`]+`/g) ?? []).toSorted(),
});

function isForm(type: string): type is keyof typeof FORMS {
  return type in FORMS;
}

/** The sources of a node's runtime and of its page. */
function sourcesOf(type: string): string {
  const files = readdirSync(`nodes/${type}`, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.map((file) => readFileSync(`nodes/${type}/${file}`, 'utf8')).join('\n');
}

describe('locales', () => {
  it('exist for each node, each plugin and each language, and for no other', () => {
    for (const type of [...Object.keys(TYPES), ...PLUGINS]) {
      assert.deepEqual(readdirSync(`nodes/${type}/locales`).toSorted(), LANGUAGES.toSorted());
    }
  });

  for (const type of [...Object.keys(TYPES), ...PLUGINS]) {
    for (const language of LANGUAGES.filter((each) => each !== 'en-US')) {
      it(`${type} has the same texts in ${language} as in English`, () => {
        const [english, other] = [textsOf(type, 'en-US'), textsOf(type, language)];
        assert.deepEqual([...other.keys()].toSorted(), [...english.keys()].toSorted());
        for (const [key, text] of english) {
          assert.notEqual(other.get(key)?.trim(), '', key);
          assert.deepEqual(placeholdersOf(other.get(key)), placeholdersOf(text), key);
        }
      });
    }
  }

  for (const [type, { fields }] of Object.entries(TYPES)) {
    for (const language of LANGUAGES.filter((each) => each !== 'en-US')) {
      it(`${type} has its help in ${language}, structured like the English one`, () => {
        assert.ok(existsSync(fileOf(type, language, 'html')));
        assert.deepEqual(skeletonOf(helpOf(type, language)), skeletonOf(helpOf(type, 'en-US')));
      });
    }

    for (const language of LANGUAGES) {
      it(`${type} explains each setting in ${language}, with its default`, () => {
        const texts = textsOf(type, language);
        const help = helpOf(type, language).split('\n');
        for (const [name, field] of Object.entries(fields).filter(([key]) => key !== 'name' && !key.endsWith('Type'))) {
          const line = help.find((each) => each.includes(`**${texts.get(`${type}.label.${name}`)}**`)) ?? '';
          assert.notEqual(line, '', name);
          if (typeof field.default === 'number') assert.match(line, new RegExp(`\\b${field.default}\\b`), name);
        }
      });
    }

    it(`${type} has help in the standard form`, () => {
      const help = helpOf(type, 'en-US');
      assert.match(help, new RegExp(`^<script type="text/markdown" data-help-name="${type}">\n`));
      const headings = lines(help, /^### (.+)/);
      const all = ['phase0-device', 'phase0-inventory', 'phase0-fleet'].includes(type)
        ? ['Details', 'References']
        : ['Inputs', 'Outputs', 'Details', 'References'];
      assert.deepEqual(headings, all);
    });
  }
});

describe('locales: keys', () => {
  for (const type of [...(Object.keys(FORMS) as (keyof typeof FORMS)[]), ...PLUGINS]) {
    const texts = textsOf(type, 'en-US');
    const source = sourcesOf(type);
    const template = isForm(type) ? templateOf(FORMS[type]) : '';
    const ofForm = [...template.matchAll(/data-i18n="(?:\[placeholder\])?([^"]+)"/g)].map(([, key = '']) => key);

    if (isForm(type)) {
      it(`${type} has a text for every row, option, unit and section of its dialog`, () => {
        assert.ok(ofForm.length > 5);
        assert.deepEqual(
          ofForm.filter((key) => !texts.has(key)),
          [],
        );
      });
    } else {
      it(`${type} has a text for every key that it says`, () => {
        const keys = [...source.matchAll(/\bsay\('([\w.]+)'/g)].map(([, key = '']) => `${type}.${key}`);
        assert.ok(keys.length > 20);
        assert.deepEqual(
          keys.filter((key) => !texts.has(key)),
          [],
        );
      });
    }

    it(`${type} has no unused texts`, () => {
      const isUsed = (key: string) => {
        // translations.test.ts compares these with the English texts that they translate.
        if (ofForm.includes(key) || /^[\w-]+\.(cause|validation|status|verdict)\./.test(key)) return true;
        // Keys are written in full, from their last part, or made of a group and a code.
        const [, group = '', last = ''] = /^[\w-]+\.(?:(.+)\.)?([\w-]+)$/.exec(key) ?? [];
        const quoted = new RegExp(`['"\`.](${last})['"\`]`).test(source);
        return quoted || source.includes(`${key}'`) || new RegExp(`${group}\\.\\$\\{`).test(source);
      };
      assert.deepEqual(
        [...texts.keys()].filter((key) => !isUsed(key)),
        [],
      );
    });
  }
});
