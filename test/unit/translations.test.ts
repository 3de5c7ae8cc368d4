/** Causes, statuses and validation messages in each language: whole, with the same placeholders, and English as the runtime's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { filled, keyOf, SHARED, translated, type Phrase } from '../../nodes/phrases';
import * as device from '../../nodes/phase0-device/settings';
import * as fleetSettings from '../../nodes/phase0-fleet/settings';
import * as groupSettings from '../../nodes/phase0-group/settings';
import { STATUS_PHRASES as GROUP_PHRASES, STATUS_TEXTS as GROUP } from '../../nodes/phase0-group/status-texts';
import { endedStatus, progressStatus } from '../../nodes/phase0-group/status';
import * as inventorySettings from '../../nodes/phase0-inventory/settings';
import { INVENTORY_PHRASES, STATUS_TEXTS as INVENTORY } from '../../nodes/phase0-inventory/status-texts';
import * as metricsSettings from '../../nodes/phase0-metrics/settings';
import { STATUS_TEXTS as METRICS } from '../../nodes/phase0-metrics/status-texts';
import * as simulatorSettings from '../../nodes/phase0-simulator/settings';
import { STATUS_TEXTS as SIMULATOR } from '../../nodes/phase0-simulator/status-texts';
import { verdictStatus } from '../../nodes/phase0-toggle/status';
import { STATUS_PHRASES, STATUS_TEXTS as TOGGLE } from '../../nodes/phase0-toggle/status-texts';
import * as toggleSettings from '../../nodes/phase0-toggle/settings';
import { settingStatus } from '../../nodes/setting-status';
import { settingPhrases, VALIDATION_TEXTS } from '../../nodes/validation-texts';
import { rememberedVerdictWords, verdictWords } from '../../nodes/verdict-words';
import type { NodeApi } from '../../nodes/red';
import { CAUSE_NAMES } from '../../src/cause-names';
import { CAUSE_WORDS } from '../../src/causes';
import { CAUSES, DROP_REASONS, FLEET_REASONS, type Cause } from '../../src/outcomes';
import { faultLines } from '../../src/inventory/faults';
import { readInventoryBytes } from '../../src/inventory/read-bytes';
import { parseSettings, problemWith, type Fields } from '../../src/settings/field';
import { FAULTY_INVENTORIES } from '../support/faulty-inventories';
import { INVENTORY_DEFAULTS } from '../support/inventories';
import { describeVerdict, type Verdict } from '../../src/verdict';
import { processorMs } from '../support/processor-time';

const LANGUAGES = ['en-US', 'de', 'fr', 'es', 'ja', 'zh-CN'] as const;
type Texts = { readonly [key: string]: string | Texts };

const localeOf = (type: string, language: string) =>
  (JSON.parse(readFileSync(`nodes/${type}/locales/${language}/${type}.json`, 'utf8')) as Texts)[type] as Texts;

/** As Node-RED finds and fills in a text, by its key in full. */
function sayIn(language: string) {
  return (key: string, values: object = {}): string => {
    const [, type = '', path = ''] = /^node-red-contrib-phase0\/([\w-]+):[\w-]+\.(.+)$/.exec(key) ?? [];
    const text = path
      .split('.')
      .reduce<string | Texts | undefined>((at, part) => (at as Texts | undefined)?.[part], localeOf(type, language));
    assert.equal(typeof text, 'string', `${language}: ${key}`);
    return (text as string).replaceAll(/__(\w+?)__/g, (_, name: string) =>
      String((values as Record<string, unknown>)[name]),
    );
  };
}

const placeholdersOf = (text: string) => (text.match(/__\w+?__/g) ?? []).toSorted();
const flat = (texts: Texts, before = ''): [string, string][] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${before}${key}`, value]] : flat(value, `${before}${key}.`),
  );

const STATUSES = {
  'phase0-inventory': INVENTORY,
  'phase0-toggle': TOGGLE,
  'phase0-group': GROUP,
  'phase0-metrics': METRICS,
  'phase0-simulator': SIMULATOR,
};
/** Listed among the reasons of the help, with more words. */
const DROPPED: ReadonlySet<Cause> = new Set<Cause>([...DROP_REASONS, ...FLEET_REASONS]);
const ENGLISH_CAUSES: Texts = Object.fromEntries(
  CAUSES.map((cause) => [cause, { short: CAUSE_NAMES[cause], ...CAUSE_WORDS[cause] }]),
);
const VERDICT: Verdict = {
  outcome: 'unknown',
  reason: 'timeout',
  deviceId: 'lamp-1',
  msgId: 'm',
  attempts: 2,
  elapsedMs: 1,
  error: 'no reply within 1500 ms',
  cause: 'no_reply',
};

function assertNoEnglish(language: string, text: string): void {
  if (language === 'en-US') return;
  assert.doesNotMatch(
    text,
    / must (be|name) (?!y")| is required|whole number|text of|one of|environment variable|missing/,
  );
}

describe('translations', () => {
  it('have the English texts of the runtime in en-US', () => {
    const shared = localeOf('phase0-device', 'en-US');
    assert.deepEqual(shared.cause, ENGLISH_CAUSES);
    assert.deepEqual(shared.validation, VALIDATION_TEXTS);
    for (const [type, texts] of Object.entries(STATUSES)) assert.deepEqual(localeOf(type, 'en-US').status, texts);
  });

  it('are looked up once for each kind of verdict, and for each address that they name', () => {
    const say = sayIn('de');
    let lookups = 0;
    const RED = {
      _: (...args: Parameters<typeof say>) => {
        lookups += 1;
        return say(...args);
      },
    } as unknown as NodeApi;
    const words = rememberedVerdictWords(RED);
    const [first, second] = [
      { host: 'gateway', port: 9000 },
      { host: 'gateway', port: 9001 },
    ];
    const lookedUpFor = (verdict: Verdict, address: typeof first) => {
      const before = lookups;
      assert.deepEqual(words(verdict, address), verdictWords({ _: say } as unknown as NodeApi, verdict, address));
      return lookups > before;
    };
    assert.equal(lookedUpFor(VERDICT, first), true);
    assert.equal(lookedUpFor({ ...VERDICT, deviceId: 'lamp-2' }, first), false);
    // Config nodes make the address anew for each verdict.
    assert.equal(lookedUpFor(VERDICT, { ...first }), false);
    assert.equal(lookedUpFor({ ...VERDICT, attempts: 1 }, first), true);
    assert.equal(lookedUpFor(VERDICT, second), true);
    assert.equal(lookedUpFor(VERDICT, first), false);
    const dropped: Verdict = { ...VERDICT, outcome: 'dropped', reason: 'invalid_state', cause: 'invalid_state' };
    assert.equal(lookedUpFor(dropped, first), true);
    assert.equal(lookedUpFor(dropped, second), false);
  });

  for (const language of LANGUAGES) {
    const say = sayIn(language);

    it(`${language}: every cause has words and advice, with the placeholders of the English ones`, () => {
      const causes = localeOf('phase0-device', language).cause as Texts;
      assert.deepEqual(Object.keys(causes), [...CAUSES]);
      const english = new Map(flat(ENGLISH_CAUSES));
      for (const [key, text] of flat(causes)) {
        assert.ok(text.trim() !== '', key);
        assert.deepEqual(placeholdersOf(text), placeholdersOf(english.get(key) ?? ''), key);
        if (language !== 'en-US') assert.ok(key === '' || text !== english.get(key), `${key} is English: ${text}`);
        if (key.endsWith('.short')) assert.ok(text.length <= 25, `${key}: ${text}`);
      }
    });

    it(`${language}: the help of the toggle lists every cause that is not a reason, with the words of its status`, () => {
      const help = readFileSync(`nodes/phase0-toggle/locales/${language}/phase0-toggle.html`, 'utf8');
      const rows = new Map([...help.matchAll(/^(\w+) \| (.+)$/gm)].map(([, code = '', words = '']) => [code, words]));
      const causes = localeOf('phase0-device', language).cause as Record<string, { short: string }>;
      for (const cause of CAUSES) {
        assert.ok(rows.has(cause), cause);
        if (!DROPPED.has(cause)) assert.equal(rows.get(cause), causes[cause]?.short);
      }
    });

    it(`${language}: a verdict is described in it`, () => {
      const RED = { _: say } as unknown as NodeApi;
      const text = describeVerdict(VERDICT, verdictWords(RED, VERDICT, { host: 'gateway', port: 9000 }));
      const { what, advice } = (localeOf('phase0-device', language).cause as Record<string, Texts>).no_reply as Record<
        string,
        string
      >;
      assert.ok(
        text.startsWith(`lamp-1: ${what?.replace('__host__', 'gateway').replace('__port__', '9000')} ${advice} (`),
      );
      assert.ok(text.includes('no reply within 1500 ms; '));
    });

    it(`${language}: the status of every cause is translated`, () => {
      const { circuit: _, ...rest } = VERDICT;
      for (const cause of CAUSES.filter((each) => each !== 'invalid_settings' && each !== 'circuit_open')) {
        const { text } = verdictStatus({ ...rest, cause });
        const short = say(`${SHARED}.cause.${cause}.short`);
        const expected = say(`${keyOf('phase0-toggle')}.status.failed`, { reason: short, attempts: 2 });
        assert.equal(translated(text, STATUS_PHRASES, say), expected);
      }
      const on = say(`${keyOf('phase0-toggle')}.status.on`);
      assert.equal(translated('on · 12 ms', STATUS_PHRASES, say), `${on} · 12 ms`);
      assert.ok(translated('on (before restart)', STATUS_PHRASES, say).startsWith(on));
      for (const foreign of ['', 'x', 'on fire', '⚠', ' · ', '\u0000']) {
        assert.equal(translated(foreign, STATUS_PHRASES, say), foreign);
      }
    });

    it(`${language}: the status of several device ids is translated, but no id that reads like a phrase`, () => {
      const at = (key: string, values: object = {}) => say(`${keyOf('phase0-toggle')}.status.${key}`, values);
      const status = (key: keyof typeof TOGGLE, values: object) =>
        filled(TOGGLE[key], values as Record<string, unknown>);
      const english = status('group', { on: 41, count: 50 });
      const group = at('group', { on: '41', count: '50' });
      const reason = say(`${SHARED}.cause.no_reply.short`);
      for (const deviceId of ['lamp-7', 'on', 'no reply', 'port']) {
        assert.equal(
          translated(status('trouble', { state: english, deviceId, reason: 'no reply' }), STATUS_PHRASES, say),
          at('trouble', { state: group, deviceId, reason }),
        );
        assert.equal(
          translated(
            status('troubles', { state: english, deviceId, reason: 'no reply', more: 2 }),
            STATUS_PHRASES,
            say,
          ),
          at('troubles', { state: group, deviceId, reason, more: '2' }),
        );
      }
      assert.equal(
        translated('41 of 50 on (before restart)', STATUS_PHRASES, say),
        at('beforeRestart', { state: group }),
      );
      assert.equal(
        translated('41 of 50 on · not connected', STATUS_PHRASES, say),
        at('stateNotConnected', { state: group }),
      );
      const off = at('off');
      assert.equal(translated('off · not connected', STATUS_PHRASES, say), at('stateNotConnected', { state: off }));
      assert.equal(
        translated('off · 9 ms · connection not kept', STATUS_PHRASES, say),
        at('notKept', { state: off, ms: '9' }),
      );
      for (const key of ['notConnected', 'connected', 'noDevice'] as const)
        assert.equal(translated(TOGGLE[key], STATUS_PHRASES, say), at(key));
    });

    it(`${language}: a status for wrong settings is translated, for one and for several at once`, () => {
      const config = {
        deviceId: '',
        host: 'http://lamp',
        port: '0',
        ioTimeoutMs: '${NONE}',
        reply: 'x; port must be y',
      };
      const parsed = parseSettings(device.fields, config);
      const problems = parsed.ok ? [] : parsed.problems;
      assert.equal(problems.length, 5);
      const shared = (key: string, values: object) => say(`${SHARED}.validation.${key}`, values);
      for (const [index, problem] of problems.entries()) {
        const alone = translated(settingStatus([problem]).text, STATUS_PHRASES, say);
        const several = settingStatus([problem, ...problems.toSpliced(index, 1)]);
        assert.equal(translated(several.text, STATUS_PHRASES, say), shared('several', { count: '5', problem: alone }));
        assertNoEnglish(language, alone);
      }
      const expression = 'state must be a JSONata expression, not "$x(" (Expected ")")';
      const label = say(`${keyOf('phase0-toggle')}.label.state`, {});
      const values = { name: label, accepts: shared('jsonata', {}), value: '"$x(" (Expected ")")' };
      assert.equal(translated(expression, STATUS_PHRASES, say), shared('mustBe', values));
      const { tlsMissing, tlsOther, urlSecrets, urlNotTls } = VALIDATION_TEXTS;
      for (const text of [tlsMissing, filled(tlsOther, { type: 'inject' }), urlSecrets, urlNotTls])
        assertNoEnglish(language, translated(settingStatus([text]).text, STATUS_PHRASES, say));
    });

    it(`${language}: the status of a group is translated, with the ids as they are`, () => {
      const at = (key: string, values: object) => say(`${keyOf('phase0-group')}.status.${key}`, values);
      const shown = (confirmed: number, ids: readonly string[]) => {
        const members = Object.fromEntries(ids.map((deviceId) => [deviceId, { ...VERDICT, deviceId }]));
        const counts = { confirmed, rejected: 0, unknown: ids.length, failed: 0, dropped: 0 };
        const outcome = ids.length > 0 || confirmed === 0 ? 'some' : 'all';
        const verdict = { outcome, total: confirmed + ids.length, ...counts, elapsedMs: 811.6, members } as const;
        return translated(endedStatus({ verdict, asked: ids }).text, GROUP_PHRASES, say);
      };
      const count = (done: number, total: number) => at('count', { done, total });
      const reason = say(`${SHARED}.cause.no_reply.short`);
      assert.equal(translated(progressStatus(12, 60).text, GROUP_PHRASES, say), count(12, 60));
      assert.equal(shown(60, []), at('all', { count: count(60, 60), ms: 812 }));
      assert.equal(shown(59, ['no reply']), at('trouble', { count: count(59, 60), deviceId: 'no reply', reason }));
      assert.equal(
        shown(57, ['lamp-7', 'b', 'c']),
        at('troubles', { count: count(57, 60), deviceId: 'lamp-7', reason, more: 2 }),
      );
      assert.equal(shown(0, ['9', '3']), at('troubles', { count: count(0, 2), deviceId: '9', reason, more: 1 }));
      assert.equal(shown(0, []), at('noMembers', {}));
      for (const key of ['noDevice', 'noInventory', 'noFleet'] as const)
        assert.equal(translated(GROUP[key], GROUP_PHRASES, say), at(key, {}));
    });

    it(`${language}: every fault of an inventory is translated, as are the statuses about it`, () => {
      const readings = FAULTY_INVENTORIES.flatMap(({ content, extension = 'csv' }) => {
        if (typeof content === 'function') return [];
        return [readInventoryBytes(Buffer.from(content), `devices.${extension}`, INVENTORY_DEFAULTS)];
      });
      const faults = readings.flatMap((reading) => (reading.ok ? [] : faultLines(reading)));
      assert.ok(faults.length > 60, String(faults.length));
      const unread = 'the file cannot be read: ENOENT: no such file or directory';
      const about = [
        `the inventory is not valid: ${faults[0]}`,
        `the inventory is not valid: ${unread}`,
        unread,
        'and 12 more',
        'no inventory has been loaded',
        filled(INVENTORY.faults, { count: 3 }),
        filled(INVENTORY.devices, { count: 60 }),
        'there are 10001 rows, and 10000 are allowed',
      ];
      for (const text of [...faults, ...about]) {
        const words = translated(text, INVENTORY_PHRASES, say);
        if (language === 'en-US') assert.equal(words, text);
        else {
          assert.notEqual(words, text);
          assertNoEnglish(language, words);
          assert.doesNotMatch(words, /\b(row|cells|columns|known|did you mean|allowed|must)\b/, words);
        }
      }
    });

    it(`${language}: every message of every field is translated, with its label`, () => {
      const types = {
        'phase0-device': device,
        'phase0-fleet': fleetSettings,
        'phase0-group': groupSettings,
        'phase0-inventory': inventorySettings,
        'phase0-metrics': metricsSettings,
        'phase0-simulator': simulatorSettings,
        'phase0-toggle': toggleSettings,
      };
      let count = 0;
      for (const [type, { fields }] of Object.entries(types) as [string, { fields: Fields }][]) {
        const labels = localeOf(type, language).label as Record<string, string>;
        for (const [name, field] of Object.entries(fields)) {
          for (const value of ['', 'no, not this', '-1', 'x'.repeat(2000), '${LAMP}', 'lamp-${N}', {}]) {
            const problem = problemWith(name, field, value);
            // The type of a typed input has no label: its editor offers only valid ones.
            if (problem === undefined || !(name in labels)) continue;
            count += 1;
            const text = translated(problem, settingPhrases(type, fields), say);
            assert.ok(text.startsWith(labels[name] ?? '?'), text);
            assertNoEnglish(language, text);
          }
        }
      }
      assert.ok(count > 80, String(count));
    });
  }
});

describe('phrases', () => {
  const known: readonly Phrase[] = [
    { english: '__a__ of __b__', key: 'of' },
    { english: '__a__ of __b__ done', key: 'done' },
    { english: 'all', key: 'all' },
  ];
  const say = (key: string, values: object) => `${key}(${Object.values(values).join(',')})`;

  it('are found by the most literal text, and in the values of others', () => {
    assert.equal(translated('1 of 2 done', known, say), 'done(1,2)');
    assert.equal(translated('all of 2', known, say), 'of(all(),2)');
  });

  it('take a value as short as possible, and no empty one', () => {
    assert.equal(translated('1 of 2 of 3', known, say), 'of(1,of(2,3))');
    assert.equal(translated(' of 3', known, say), ' of 3');
  });

  it('take time in proportion to the length of the text', () => {
    const tookMs = processorMs(() => void translated(' of '.repeat(100_000), known, say));
    assert.ok(tookMs < 2000, `${tookMs} ms`);
  });
});
