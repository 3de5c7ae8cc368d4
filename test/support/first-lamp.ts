/** A newcomer's steps from an empty tab to a lamp that is on, by mouse except for what must be typed. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { Editor } from './editor';
import { TEST_PANEL } from './test-panel';

/** Switches the lamp that answers on `port`; a picture of each step goes to `folder`. */
export async function switchFirstLamp(editor: Editor, port: number, folder: string): Promise<void> {
  const { page } = editor;
  const startedAt = performance.now();
  mkdirSync(folder, { recursive: true });
  let step = 0;
  const picture = (name: string) => {
    step += 1;
    return page.screenshot({ path: `${folder}/${String(step).padStart(2, '0')}-${name}.png` });
  };

  const toggle = await editor.drag('phase0-toggle', 360, 120);
  await picture('dropped');
  await editor.open(toggle);
  await picture('toggle-dialog');
  await editor.opens(() => editor.dialog.locator('#node-input-btn-device-add').click());
  assert.doesNotMatch(await page.innerText('body'), /undefined/);
  await picture('new-device');

  await page.fill('#node-config-input-deviceId', 'lamp-1');
  await page.fill('#node-config-input-host', '127.0.0.1');
  const wrongAndRight = page.locator('#node-config-input-port');
  const problem = page.locator('#node-config-input-port-problem');
  await wrongAndRight.clear();
  await wrongAndRight.pressSequentially('70000');
  await problem.filter({ hasText: /^Port must be a whole number from 1 to 65535, not "70000"$/ }).waitFor();
  await picture('wrong-port');
  await wrongAndRight.fill(String(port));
  await problem.filter({ hasText: /^$/ }).waitFor({ state: 'attached' });

  await page.click(`#${TEST_PANEL.on}`);
  await page.locator(`#${TEST_PANEL.says}`, { hasText: /^confirmed: the device did it · \d+ ms/ }).waitFor();
  assert.match(await page.innerText(`#${TEST_PANEL.trace} li`), /^success · \d+ ms$/);
  await page.locator(`#${TEST_PANEL.trace}`).scrollIntoViewIfNeeded();
  await picture('tested');
  await editor.close();
  await editor.choose('#node-input-state', 'on');
  await picture('state-on');
  await editor.close();

  const inject = await editor.drag('inject', 120, 120);
  const debug = await editor.drag('debug', 620, 120);
  await editor.wire(inject, 0, toggle);
  await editor.wire(toggle, 0, debug);
  await picture('wired');
  await editor.deploy();
  await picture('deployed');
  await openDebugSidebar(editor);
  await editor.press(inject);
  await editor.shows(toggle, /^on · \d+ ms$/, 'green');
  const output = page.locator(`.red-ui-debug-msg-node-${debug}`, { hasText: 'msg.payload : boolean' });
  await output.filter({ hasText: /true$/ }).waitFor();
  await picture('switched');
  console.log(`      from an empty tab to a lamp that is on: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** In Node-RED 4 it is a tab beside others; in 5 it is already open. */
async function openDebugSidebar({ page }: Editor): Promise<void> {
  const sidebar = page.locator('.red-ui-debug-content').first();
  if (!(await sidebar.isVisible())) await page.click('#red-ui-tab-debug-link-button');
  await sidebar.waitFor();
}
