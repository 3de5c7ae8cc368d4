/** Markup in names and settings, as a flow from elsewhere may have it: the editor shows it as text, and runs nothing. */
import assert from 'node:assert/strict';
import { SIMULATOR, TAB, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';

/** An image that cannot be loaded runs its script. */
const MARKUP = '<img src="x" onerror="window.hacked = true">';
const DEVICE = 'd000000000000019';

const FLOW: readonly object[] = [
  { id: TAB, type: 'tab', label: 'names' },
  { id: DEVICE, type: 'phase0-device', deviceId: MARKUP, host: '127.0.0.1', port: '9' },
  { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 340, y: 100, name: MARKUP, device: DEVICE, wires: [[], [], []] },
  { id: SIMULATOR, type: 'phase0-simulator', z: TAB, x: 340, y: 200, name: MARKUP, port: '0', wires: [[]] },
];

inEachEditor('markup in names and settings', (scene) => {
  const page = () => scene().opened.page;
  const images = () => page().locator('img[src="x"]').count();

  for (const id of [TOGGLE, SIMULATOR]) {
    it(`is text in what the button of ${id === TOGGLE ? 'a toggle' : 'a simulator'} says`, async () => {
      await scene().show(FLOW);
      await scene().editor.press(id);
      await page()
        .locator('.red-ui-notification', { hasText: id === TOGGLE ? 'triggered' : 'mode' })
        .waitFor();
      assert.equal(await images(), 0);
      await page().locator('.red-ui-notification', { hasText: MARKUP }).waitFor();
    });
  }
});
