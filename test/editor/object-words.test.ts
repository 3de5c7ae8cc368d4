/** Device ids and tags that every JavaScript object has as a property: they are names like any other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { inEachEditor } from '../support/editor-scene';
import { PLANT, plantFlow } from '../support/plant-flow';
import { SidebarPage } from '../support/sidebar-page';

const WORDS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf'];
const GROUP = 'e100000000000060';

inEachEditor('words of JavaScript as device ids and tags', (scene) => {
  const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
  const page = () => scene().opened.page;
  let sidebar: SidebarPage;

  before(async () => {
    await simulator.start();
    const rows = WORDS.map((word) => ({ device_id: word, host: '127.0.0.1', port: simulator.port, tags: word }));
    const group = {
      id: GROUP,
      type: 'phase0-group',
      z: PLANT.tab,
      x: 500,
      y: 200,
      name: '__proto__',
      inventory: PLANT.inventory,
      wires: [[], [], []],
    };
    await scene().nodeRed.deploy([...plantFlow(rows, WORDS), group]);
  });
  after(() => simulator.close());

  it('the editor loads, and objects have no properties that they should not have', async () => {
    await scene().editor.load();
    assert.deepEqual(
      await page().evaluate('(() => { const all = []; for (const each in {}) all.push(each); return all })()'),
      [],
    );
  });

  it('the sidebar lists, filters, switches and traces them', async () => {
    sidebar = new SidebarPage(page());
    await sidebar.open();
    await sidebar.counts('6 of 6 devices, 0 in trouble');
    await scene().nodeRed.inject(PLANT.inject);
    for (const word of WORDS) {
      await page().selectOption('#phase0-filter-tag', word);
      await sidebar.counts('1 of 6 devices, 0 in trouble');
      const line = sidebar.line(0).filter({ hasText: word });
      await line.locator('.phase0-words', { hasText: /^on$/ }).waitFor();
      await line.click();
      await page().click('.phase0-actions [data-action="off"]');
      await page()
        .locator('[data-part="progress"]', { hasText: /^Off: confirmed · / })
        .waitFor();
      await page().locator('.phase0-latest button').nth(1).click();
      await page().locator('.phase0-timeline').waitFor();
      await page().keyboard.press('Escape');
      await page().keyboard.press('Escape');
    }
    await page().selectOption('#phase0-filter-tag', '');
  });

  it('an export has the toggles of each', async () => {
    await page().click('#phase0-tab-trace');
    await page()
      .locator('#phase0-toggle-count', { hasText: new RegExp(`^${2 * WORDS.length} toggles$`) })
      .waitFor();
    const lines = readFileSync(await sidebar.export('jsonl'), 'utf8')
      .trim()
      .split('\n');
    const ids = new Set(lines.map((line) => (JSON.parse(line) as ToggleTimeline).deviceId));
    assert.deepEqual([...ids].toSorted(), WORDS.toSorted());
    await page().click('#phase0-tab-devices');
  });

  it('the dialog of the inventory shows them, and a change is deployed', async () => {
    const { editor } = scene();
    await editor.open(PLANT.toggle);
    await editor.opens(() => page().click('#node-input-btn-inventory-edit'));
    await page().locator('input[data-column="device_id"]').first().waitFor();
    const shown = await page().evaluate<string[]>(
      `[...document.querySelectorAll('input[data-column="device_id"]')].map(({ value }) => value)`,
    );
    assert.deepEqual(shown, WORDS);
    await editor.close('ok');
    await editor.close('ok');
    assert.deepEqual(
      await page().evaluate('(() => { const all = []; for (const each in {}) all.push(each); return all })()'),
      [],
    );
  });
});
