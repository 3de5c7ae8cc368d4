/** The editor in Chromium: the nodes stand in the palette, and their dialogs open and judge what is typed, without an error. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { openPage, type OpenPage } from '../support/chromium';
import { startNodeRed, type FlowNode, type NodeRed, type NodeRedOptions } from '../support/node-red';
import { requires } from '../support/requirements';

const SHARED_SCRIPT = '/resources/node-red-contrib-phase0/editor.js';

/** Settings that came later. */
const LATER = ['connection', 'tls', 'breakerFailures', 'breakerResetMs'];

function asSavedAtFirst(node: FlowNode): FlowNode {
  return Object.fromEntries(Object.entries(node).filter(([name]) => !LATER.includes(name))) as FlowNode;
}

/** The tests of one editor; screenshots go to `test-reports/<pictures>`. */
function editorTests(options: NodeRedOptions, pictures: string): void {
  const executablePath = requires('chromium');
  let nodeRed: NodeRed;
  let opened: OpenPage;
  let page: Page;
  const flow = (JSON.parse(readFileSync('examples/01-first-toggle.json', 'utf8')) as FlowNode[]).map(asSavedAtFirst);

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    nodeRed = await startNodeRed({ ...options, flows: flow });
    opened = await openPage(executablePath, { width: 1400, height: 800 });
    ({ page } = opened);
    await page.goto(nodeRed.url);
    await page.waitForSelector('#red-ui-palette-phase0 .red-ui-palette-node, [data-palette-type^="phase0-"]');
  });
  after(async () => {
    await opened?.browser.close();
    await nodeRed?.stop();
  });

  const openDialog = async (type: string) => {
    const node = flow.find((each) => each.type === type);
    await page.dblclick(`[id="${node?.id}"] rect.red-ui-flow-node`);
    await page.waitForSelector('#node-dialog-ok', { state: 'visible' });
  };
  const cancelDialog = async () => {
    await page.click('#node-dialog-cancel');
    await page.waitForSelector('#node-dialog-ok', { state: 'hidden' });
  };

  it('gets the script that the pages share', async () => {
    const response = await nodeRed.request('GET', SHARED_SCRIPT);
    assert.match(response.headers.get('content-type') ?? '', /javascript/);
    assert.match(await response.text(), /^"use strict";var phase0=/);
  });

  it('shows the three nodes in the palette', async () => {
    for (const type of ['phase0-toggle', 'phase0-metrics', 'phase0-simulator']) {
      assert.equal(await page.locator(`[data-palette-type="${type}"]`).count(), 1, type);
    }
    await page.screenshot({ path: `${pictures}/flow.png` });
  });

  for (const type of ['phase0-toggle', 'phase0-simulator']) {
    it(`opens the dialog of ${type} with every label in words`, async () => {
      await openDialog(type);
      const labels = await page.locator('#dialog-form label').allInnerTexts();
      assert.ok(labels.length >= 5);
      for (const label of labels) assert.doesNotMatch(label, /phase0-.*\./);
      await page.screenshot({ path: `${pictures}/${type}.png` });
      await cancelDialog();
    });
  }

  it('marks a wrong port of a phase0-device, and says what it must be', async () => {
    await openDialog('phase0-toggle');
    await page.click('#node-input-btn-device-edit');
    const port = page.locator('#node-config-input-port');
    await port.waitFor({ state: 'visible' });
    await port.fill('70000');
    await port.blur();
    await page.waitForSelector('#node-config-input-port.input-error');
    await port.hover();
    await page.getByText('port must be a whole number from 1 to 65535, not "70000"').waitFor();
    await page.screenshot({ path: `${pictures}/phase0-device.png` });
    await port.fill('9000');
    await port.blur();
    await page.waitForSelector('#node-config-input-port:not(.input-error)');
    await page.click('#node-config-dialog-cancel');
    await port.waitFor({ state: 'hidden' });
    await cancelDialog();
  });

  it('shows the defaults of settings that an older flow lacks, and finds them right', async () => {
    await openDialog('phase0-toggle');
    await page.click('#node-input-btn-device-edit');
    await page.locator('#node-config-input-connection').waitFor({ state: 'visible' });
    for (const [name, value] of [
      ['connection', 'per-toggle'],
      ['breakerFailures', '0'],
      ['breakerResetMs', '10000'],
    ] as const) {
      assert.equal(await page.inputValue(`#node-config-input-${name}`), value);
    }
    assert.equal(await page.locator('#node-config-dialog-edit-form .input-error').count(), 0);
    await page.click('#node-config-dialog-cancel');
    await page.locator('#node-config-input-connection').waitFor({ state: 'hidden' });
    await cancelDialog();
  });

  it('throws no error of ours', () => assert.deepEqual(opened.problems, []));
}

describe('the editor', function () {
  this.timeout(60_000);
  editorTests({}, 'test-reports');
});

describe('the editor of Node-RED 5, with the packed package', function () {
  this.timeout(120_000);
  requires('node24');
  editorTests({ generation: 5, packed: true }, 'test-reports/node-red-5');
});
