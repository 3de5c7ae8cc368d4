/** Flows of older versions: what they saved means what it meant. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as device from '../../nodes/phase0-device/settings';
import { FORM as groupForm } from '../../nodes/phase0-group/form';
import * as metrics from '../../nodes/phase0-metrics/settings';
import * as simulator from '../../nodes/phase0-simulator/settings';
import { FORM as toggleForm } from '../../nodes/phase0-toggle/form';
import * as toggle from '../../nodes/phase0-toggle/settings';
import { latestVersion, parseSaved, propertyOf, upToDate, type Migration, type Saved } from '../../nodes/saved';
import { integer, type Fields } from '../../src/settings/field';

const TYPES: Readonly<Record<string, { fields: Fields; migrations: readonly Migration[] }>> = {
  'phase0-device': device,
  'phase0-metrics': metrics,
  'phase0-simulator': simulator,
  'phase0-toggle': toggle,
};
/** Examples as the first release had them. */
const FIRST_RELEASE = JSON.parse(readFileSync('test/flows/first-release.json', 'utf8')) as Saved[];

/** What came later, and what the first release did in its place. */
const MEANT: Readonly<Record<string, Saved>> = {
  'phase0-device': { connection: 'per-toggle', breakerFailures: 0, breakerResetMs: 10_000 },
  'phase0-metrics': { allowedHosts: '' },
  'phase0-toggle': { target: 'device' },
};

describe('saved settings', () => {
  it('may have a number for a text, from a hand-made flow or an environment variable', () => {
    const parsed = parseSaved(device.fields, device.migrations, { deviceId: 17, name: 4, host: '127.0.0.1' });
    assert.ok(parsed.ok, JSON.stringify(parsed));
    assert.equal(parsed.settings.deviceId, '17');
    assert.equal(parsed.settings.name, '4');
  });

  for (const path of ['metrics', '/a b', '/größe', '/metrics?x', '/metrics#x', '']) {
    it(`refuse the metrics path ${JSON.stringify(path)} in words`, () => {
      const parsed = parseSaved(metrics.fields, metrics.migrations, { path });
      assert.ok(!parsed.ok);
      assert.match(parsed.problems.join(), /^path must be a path of at most 200 characters that begins with \//);
    });
  }

  for (const [type, { fields, migrations }] of Object.entries(TYPES)) {
    const saved = FIRST_RELEASE.find((node) => node.type === type) ?? {};

    it(`of the first release mean the same to ${type}`, () => {
      const parsed = parseSaved(fields, migrations, saved);
      assert.ok(parsed.ok, JSON.stringify(parsed));
      for (const [name, value] of Object.entries(parsed.settings)) {
        const meant = name in saved ? saved[name] : MEANT[type]?.[name];
        assert.equal(String(value), String(meant), name);
      }
    });

    it(`of the first release keep all that ${type} saved, and today's stay as they are`, () => {
      assert.deepEqual({ ...upToDate(migrations, saved), ...saved }, upToDate(migrations, saved));
      const today = { settingsVersion: latestVersion(migrations) };
      assert.deepEqual(upToDate(migrations, today), today);
    });

    it(`of a newer version are refused by ${type}`, () => {
      for (const settingsVersion of [latestVersion(migrations) + 1, 0, 1.5, '2', null]) {
        const parsed = parseSaved(fields, migrations, { ...saved, settingsVersion });
        if (settingsVersion === null) assert.ok(parsed.ok);
        else assert.match(JSON.stringify(parsed), /settingsVersion must be a whole number from 1 to \d, not/);
      }
    });
  }

  for (const [type, form, saved, target] of [
    ['toggle', toggleForm, {}, 'device'],
    ['toggle', toggleForm, { device: 'd', inventory: 'i', fleet: 'f' }, 'device'],
    ['toggle', toggleForm, { device: '', inventory: 'i' }, 'inventory'],
    ['toggle', toggleForm, { fleet: 'f' }, 'fleet'],
    ['toggle', toggleForm, { target: 'device', inventory: 'i' }, 'device'],
    ['group', groupForm, {}, 'inventory'],
    ['group', groupForm, { device: 'd', inventory: 'i', fleet: 'f' }, 'inventory'],
    ['group', groupForm, { device: 'd' }, 'device'],
    ['group', groupForm, { fleet: 'f', inventory: '' }, 'fleet'],
    ['group', groupForm, { target: 'inventory', fleet: 'f' }, 'inventory'],
  ] as const) {
    it(`of a ${type} with ${JSON.stringify(saved)} mean the target ${target}, to the editor and to the runtime`, () => {
      const { fields, migrations, meant } = form;
      const parsed = parseSaved(fields, migrations, { ...meant?.(saved), ...saved });
      assert.ok(parsed.ok, JSON.stringify(parsed));
      assert.equal(parsed.settings.target, target);
      for (const [name, value] of Object.entries(parsed.settings)) assert.equal(propertyOf(form, saved, name), value);
    });
  }

  it('go through each migration that they have not seen, in order', () => {
    const steps: Migration[] = ['a', 'b', 'c'].map((name) => (saved) => ({
      ...saved,
      seen: `${String(saved.seen)}${name}`,
    }));
    for (const [settingsVersion, seen] of [
      [undefined, '-abc'],
      [1, '-abc'],
      [3, '-c'],
      [4, '-'],
    ] as const) {
      assert.equal(upToDate(steps, { settingsVersion, seen: '-' }).seen, seen);
    }
  });

  it('keep a setting whose name changed', () => {
    const fields = { waitMs: integer({ default: 5, min: 0, max: 9 }) };
    const migrations: Migration[] = [({ delay, ...rest }) => ({ waitMs: delay, ...rest })];
    assert.deepEqual(parseSaved(fields, migrations, { delay: '7' }), { ok: true, settings: { waitMs: 7 } });
  });
});
