/** The dialogs: flows of older versions, labels, keyboard, and what is saved. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Fields } from '../../src/settings/field';
import * as device from '../../nodes/phase0-device/settings';
import * as metrics from '../../nodes/phase0-metrics/settings';
import * as simulator from '../../nodes/phase0-simulator/settings';
import * as toggle from '../../nodes/phase0-toggle/settings';
import { latestVersion, type Migration } from '../../nodes/saved';
import type { FlowNode } from '../support/node-red';
import { inEachEditor } from '../support/editor-scene';
import { freePortsFor, onPorts } from '../support/example-flows';
import { TEST_PANEL } from '../support/test-panel';

const NODES: Readonly<Record<string, { fields: Fields; migrations: readonly Migration[] }>> = {
  'phase0-device': device,
  'phase0-toggle': toggle,
  'phase0-metrics': metrics,
  'phase0-simulator': simulator,
};

inEachEditor('the dialogs', (scene) => {
  let flow = JSON.parse(readFileSync('test/flows/first-release.json', 'utf8')) as FlowNode[];
  const first = (type: string): FlowNode => flow.find((node) => node.type === type) ?? { id: '', type };
  const page = () => scene().opened.page;
  before(async () => {
    flow = onPorts(flow, await freePortsFor(flow));
    await scene().show(flow);
  });

  /** Opens a node of the type; of a device, through its toggle. */
  const open = async (type: string) => {
    const { editor } = scene();
    const { id, z } = first(type === 'phase0-device' ? 'phase0-toggle' : type);
    if (z) await page().evaluate(`RED.workspaces.show(${JSON.stringify(z)})`);
    await editor.open(id);
    if (type === 'phase0-device') await editor.opens(() => page().click('#node-input-btn-device-edit'));
  };
  const close = async (type: string, button: 'ok' | 'cancel') => {
    await scene().editor.close(button);
    if (type === 'phase0-device') await scene().editor.close(button);
  };

  it('are in the palette, except for the device', async () => {
    for (const type of Object.keys(NODES)) {
      assert.equal(await page().locator(`[data-palette-type="${type}"]`).count(), type === 'phase0-device' ? 0 : 1);
    }
  });

  for (const [type, { fields, migrations }] of Object.entries(NODES)) {
    it(`${type}: an older flow shows every default, nothing wrong, every label in words, and saves its version`, async () => {
      await open(type);
      await scene().editor.unfold();
      const prefix = type === 'phase0-device' ? 'node-config-input' : 'node-input';
      for (const [name, field] of Object.entries(fields)) {
        const input = page().locator(`#${prefix}-${name}`);
        const expected = first(type)[name] ?? field.default;
        if (field.kind === 'flag') assert.equal(await input.isChecked(), expected, name);
        else assert.equal(await input.inputValue(), String(expected), name);
      }
      assert.equal(await page().locator('.phase0-form .input-error').count(), 0);
      const words = await page().locator('.phase0-form').locator('label, summary, option, button, b').allTextContents();
      assert.ok(words.length >= 5);
      for (const word of words) assert.doesNotMatch(word, /phase0-\w+\.\w/);
      await close(type, 'ok');
      assert.equal((await scene().editor.exported(first(type).id)).settingsVersion, latestVersion(migrations));
    });
  }

  it('phase0-metrics: shows what its endpoint needs only while it has one', async () => {
    await open('phase0-metrics');
    const shown = async () => {
      const names = ['host', 'port', 'path', 'allowedHosts', 'processMetrics'];
      const visible = await Promise.all(names.map((name) => page().isVisible(`#node-input-${name}`)));
      return names.filter((_name, index) => visible[index]);
    };
    await page().setChecked('#node-input-listen', true);
    assert.deepEqual(await shown(), ['host', 'port', 'path', 'allowedHosts', 'processMetrics']);
    await page().setChecked('#node-input-listen', false);
    assert.deepEqual(await shown(), ['processMetrics']);
    await close('phase0-metrics', 'cancel');
  });

  it('go by the keyboard: from the device id to the Test, and sections open by Enter and Space', async () => {
    await open('phase0-device');
    const section = (name: string) => `node-config-input-${name}-section`;
    const sections = ['connection', 'retry', 'queue', 'security', 'log'].map(section);
    const isOpen = (name: string) => page().evaluate(`document.getElementById('${section(name)}').open`);
    // Those in which something is unusual are open; folded, each is one stop.
    const unfolded = page().locator('.phase0-form details[open] > summary');
    while ((await unfolded.count()) > 0) await unfolded.first().click();
    await page().focus('#node-config-input-deviceId');
    const stops: unknown[] = [];
    const focused = `document.activeElement.id || document.activeElement.parentElement.id`;
    for (let count = 0; count < 11; count += 1) {
      stops.push(await page().evaluate(focused));
      await page().keyboard.press('Tab');
    }
    const inputs = ['deviceId', 'host', 'port', 'name'].map((name) => `node-config-input-${name}`);
    assert.deepEqual(stops, [...inputs, ...sections, TEST_PANEL.on, TEST_PANEL.off]);
    for (const key of ['Enter', 'Space']) {
      await page().focus(`#${section('retry')} > summary`);
      await page().keyboard.press(key);
      assert.equal(await isOpen('retry'), key === 'Enter');
    }
    await close('phase0-device', 'cancel');
  });
});
