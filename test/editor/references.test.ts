/** Dialogs of flows that hold `${ENV_VAR}` where a dialog has a list, a checkbox or a typed input. */
import assert from 'node:assert/strict';
import * as device from '../../nodes/phase0-device/settings';
import * as group from '../../nodes/phase0-group/settings';
import * as inventory from '../../nodes/phase0-inventory/settings';
import * as metrics from '../../nodes/phase0-metrics/settings';
import * as simulator from '../../nodes/phase0-simulator/settings';
import * as toggle from '../../nodes/phase0-toggle/settings';
import type { Fields } from '../../src/settings/field';
import { inEachEditor } from '../support/editor-scene';
import { useSimulator } from '../support/fixtures';
import { DEVICE, lampFlow, METRICS, SIMULATOR, TAB, TOGGLE } from '../support/lamp-flow';
import { TEST_PANEL } from '../support/test-panel';

const GROUP = 'a000000000000019';
const INVENTORY = 'd000000000000019';

/** Every node type with a choice or a flag, the properties that are references, and the prefix of its inputs. */
const NODES = {
  [DEVICE]: { ...referencesOf(device.fields), prefix: 'node-config-input', type: 'phase0-device' },
  [INVENTORY]: { ...referencesOf(inventory.fields), prefix: 'node-config-input', type: 'phase0-inventory' },
  [TOGGLE]: { ...referencesOf(toggle.fields), prefix: 'node-input', type: 'phase0-toggle' },
  [GROUP]: { ...referencesOf(group.fields), prefix: 'node-input', type: 'phase0-group' },
  [METRICS]: { ...referencesOf(metrics.fields), prefix: 'node-input', type: 'phase0-metrics' },
  [SIMULATOR]: { ...referencesOf(simulator.fields), prefix: 'node-input', type: 'phase0-simulator' },
};

/** The variables of the device, as Node-RED's own environment has them. */
const VARIABLES = {
  REF_CONNECTION: 'persistent',
  REF_REPLY: 'framed',
  REF_QUEUEMODE: 'latest',
  REF_PACKETLOG: 'false',
};

function referencesOf(fields: Fields): { fields: Fields; references: Record<string, string> } {
  const picked = Object.entries(fields).filter(([, { kind }]) => kind === 'choice' || kind === 'flag');
  const references = Object.fromEntries(picked.map(([name]) => [name, `\${REF_${name.toUpperCase()}}`]));
  return { fields, references };
}

inEachEditor('dialogs with references', (scene) => {
  const simulated = useSimulator({ reply: 'framed' });
  const page = () => scene().opened.page;
  const flow = (): object[] => {
    const more = [
      { id: GROUP, type: 'phase0-group', z: TAB, x: 500, y: 100, wires: [[], [], []] },
      { id: INVENTORY, type: 'phase0-inventory', devices: [] },
      {
        id: 'a000000000000029',
        type: 'global-config',
        env: Object.entries(VARIABLES).map(([name, value]) => ({ name, value, type: 'str' })),
      },
    ];
    const nodes = lampFlow(1, more) as { id: string }[];
    return nodes.map((node) => ({ ...node, ...(node.id in NODES && NODES[node.id as keyof typeof NODES].references) }));
  };
  before(() => scene().show(flow()));

  const open = async (id: string) => {
    const { prefix, type } = NODES[id as keyof typeof NODES];
    if (prefix === 'node-input') await scene().editor.open(id);
    else await scene().editor.opens(() => page().evaluate(`RED.editor.editConfig('', '${type}', '${id}')`));
  };
  const input = (name: string) => page().locator(`#node-config-input-${name}`);
  /** What the Test of a device asks for. */
  const requestOfTest = async (): Promise<unknown> => {
    const [request] = await Promise.all([
      page().waitForRequest(/phase0-device\/test/),
      page().click(`#${TEST_PANEL.on}`),
    ]);
    return request.postDataJSON();
  };

  for (const [id, { type, prefix, fields, references }] of Object.entries(NODES)) {
    it(`${type}: shows each reference, finds nothing wrong, and keeps it on Done`, async () => {
      const saved = await scene().editor.exported(id);
      await open(id);
      const summaries = await page().locator('.phase0-form .phase0-summary').allTextContents();
      for (const summary of summaries) assert.doesNotMatch(summary, /phase0-\w+\.|null/);
      await scene().editor.unfold();
      for (const [name, reference] of Object.entries(references)) {
        assert.equal(await page().locator(`#${prefix}-${name}`).inputValue(), reference, name);
        const row = page().locator(`#${prefix}-${name.replace(/Type$/, '')}-row`);
        if (fields[name]?.kind === 'flag') {
          const box = row.getByRole('checkbox');
          assert.equal(await row.locator('input:indeterminate').count(), 1, name);
          assert.equal(await row.locator('code').innerText(), reference);
          assert.equal(await row.locator('label').getAttribute('for'), await box.getAttribute('id'));
        } else if (name.endsWith('Type')) {
          assert.equal(await row.locator('.red-ui-typedInput-type-label').innerText(), reference);
        } else {
          assert.equal(await row.locator('select option:checked').innerText(), reference);
        }
      }
      const problems = await page().locator('.phase0-form .phase0-problem').allTextContents();
      assert.equal(problems.join(''), '');
      assert.equal(await page().locator('.phase0-form .input-error').count(), 0);
      await scene().editor.close('ok');
      const { settingsVersion: _version, ...after } = await scene().editor.exported(id);
      for (const name of Object.keys(references)) assert.equal(after[name], saved[name], name);
    });
  }

  it('show the rows that may apply', async () => {
    const shown = async (id: string, names: readonly string[]) => {
      await open(id);
      for (const name of names) assert.ok(await page().locator(`#node-input-${name}-row`).isVisible(), name);
      await scene().editor.close('cancel');
    };
    await shown(METRICS, ['host', 'path']);
    await shown(SIMULATOR, ['delayMs', 'failureRate', 'seed']);
    await shown(TOGGLE, ['device', 'inventory', 'fleet']);
  });

  it('test what a deploy would do: the runtime gets the references', async () => {
    await open(DEVICE);
    await input('port').fill(String(simulated().port));
    const { settings } = (await requestOfTest()) as { settings: Record<string, unknown> };
    await page().locator(`#${TEST_PANEL.says}`, { hasText: 'confirmed' }).waitFor();
    for (const [name, reference] of Object.entries(NODES[DEVICE].references)) assert.equal(settings[name], reference);
    await scene().editor.close('cancel');
  });

  it('save what the user chooses instead', async () => {
    await open(DEVICE);
    await scene().editor.unfold();
    await input('reply').selectOption('any');
    await page().locator('label[for^="node-config-input-packetLog"]').click();
    assert.equal(await input('packetLog').isChecked(), true);
    assert.equal(await page().locator('#node-config-input-packetLog-row input:indeterminate').count(), 0);
    assert.equal(await page().locator('#node-config-input-packetLog-row code').count(), 0);
    await input('packetLog').click();
    await page().locator('#node-config-input-log-section > summary').click();
    assert.match(await page().locator('#node-config-input-log-summary').innerText(), /–/);
    await scene().editor.close('ok');
    const { reply, packetLog, connection } = await scene().editor.exported(DEVICE);
    assert.deepEqual([reply, packetLog, connection], ['any', false, '${REF_CONNECTION}']);
  });

  it('keep a config node that a variable names, and the Test names it, too', async () => {
    const named = { [DEVICE]: { tls: '${REF_TLS}' }, [TOGGLE]: { device: '${REF_DEVICE}' } } as const;
    const nodes = lampFlow(1) as { id: string }[];
    await scene().show(nodes.map((node) => ({ ...node, ...named[node.id as keyof typeof named] })));
    await scene().editor.open(TOGGLE);
    assert.equal(await page().locator('#node-input-device option:checked').innerText(), '${REF_DEVICE}');
    await scene().editor.close('ok');
    assert.equal((await scene().editor.exported(TOGGLE)).device, '${REF_DEVICE}');
    await open(DEVICE);
    const { tls } = (await requestOfTest()) as { tls: unknown };
    assert.deepEqual(tls, { id: '${REF_TLS}' });
    await page().locator(`#${TEST_PANEL.says}`, { hasText: 'tls names a tls-config node' }).waitFor();
    await scene().editor.close('ok');
    assert.equal((await scene().editor.exported(DEVICE)).tls, '${REF_TLS}');
  });

  it('show what a flow holds that is no choice and no reference, and a flag that is text', async () => {
    const wrong = { connection: 'sometimes', packetLog: 'maybe', reply: ' framed ' };
    await scene().show([
      ...lampFlow(1).map((node) => ({ ...node, ...((node as { id: string }).id === DEVICE && wrong) })),
      { id: 'c000000000000019', type: 'phase0-metrics', z: TAB, x: 500, y: 280, listen: 'false', wires: [[]] },
    ]);
    await open(DEVICE);
    assert.equal(await input('connection').locator('option:checked').innerText(), 'sometimes');
    assert.equal(await input('reply').inputValue(), 'framed');
    assert.equal(await page().locator('#node-config-input-packetLog-row code').innerText(), 'maybe');
    assert.match(
      await page().locator('#node-config-input-packetLog-problem').innerText(),
      /must be true or false, not "maybe"/,
    );
    await scene().editor.close('ok');
    const { connection, packetLog, reply } = await scene().editor.exported(DEVICE);
    assert.deepEqual({ connection, packetLog, reply }, { ...wrong, reply: 'framed' });
    await scene().editor.open('c000000000000019');
    assert.equal(await page().locator('#node-input-listen').isChecked(), false);
    await scene().editor.close('ok');
    assert.equal((await scene().editor.exported('c000000000000019')).listen, false);
  });
});
