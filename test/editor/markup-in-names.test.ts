/** Markup in names and settings, as a flow from elsewhere may have it: the editor shows it as text, and runs nothing. */
import assert from 'node:assert/strict';
import { SIMULATOR, TAB, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';

/** An image that cannot be loaded runs its script. */
const MARKUP = '<img src=x onerror=window.hacked=true>';
const DEVICE = 'd000000000000019';
const INVENTORY = 'd000000000000020';

const FLOW: readonly object[] = [
  { id: TAB, type: 'tab', label: 'names' },
  { id: DEVICE, type: 'phase0-device', name: 'device', deviceId: MARKUP, host: '127.0.0.1', port: MARKUP },
  {
    id: INVENTORY,
    type: 'phase0-inventory',
    name: 'inventory',
    source: 'table',
    devices: [{ device_id: 'a', host: MARKUP }],
  },
  { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 340, y: 100, name: MARKUP, device: DEVICE, wires: [[], [], []] },
  { id: SIMULATOR, type: 'phase0-simulator', z: TAB, x: 340, y: 200, name: MARKUP, port: '0', wires: [[]] },
];

inEachEditor('markup in names and settings', (scene) => {
  const page = () => scene().opened.page;
  before(() => scene().show(FLOW));
  const images = () => page().locator('img[onerror]').count();

  for (const id of [TOGGLE, SIMULATOR]) {
    it(`is text in what the button of ${id === TOGGLE ? 'a toggle' : 'a simulator'} says`, async () => {
      await scene().editor.pressAndHear(id, MARKUP);
      assert.equal(await images(), 0);
    });
  }

  it('is text in what is wrong with a config node, in the list of them', async () => {
    await page().evaluate(`RED.actions.invoke('core:show-config-tab')`);
    const entries = page().locator('.red-ui-palette-node-config-invalid');
    for (const name of ['device', 'inventory']) {
      const badge = entries.filter({ hasText: name }).locator('.red-ui-flow-node-error');
      await badge.hover();
      await page().locator('.red-ui-popover', { hasText: '‹img src=x' }).waitFor();
      assert.equal(await images(), 0);
      await page().mouse.move(0, 0);
      await page().locator('.red-ui-popover', { hasText: '‹img src=x' }).waitFor({ state: 'detached' });
    }
  });

  it('is shown as it is below the row of a dialog', async () => {
    await scene().editor.opens(() => page().evaluate(`RED.editor.editConfig('', 'phase0-device', '${DEVICE}')`));
    const problem = page().locator('#node-config-input-port-problem');
    assert.match(String(await problem.textContent()), /not "<img src=x/);
    assert.equal(await images(), 0);
    await scene().editor.close('cancel');
  });
});
