/** The editor in Chromium: the nodes stand in the palette, and their dialogs open without an error. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

describe('the editor', function () {
  this.timeout(60_000);
  const executablePath = requires('chromium');
  let nodeRed: NodeRed;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const flow = JSON.parse(readFileSync('examples/01-first-toggle.json', 'utf8')) as FlowNode[];

  before(async () => {
    mkdirSync('test-reports', { recursive: true });
    nodeRed = await startNodeRed({ flows: flow });
    browser = await chromium.launch({
      executablePath,
      args: [...QUIET, '--disable-component-update', '--disable-sync'],
    });
    page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(nodeRed.url);
    await page.waitForSelector('#red-ui-palette-phase0 .red-ui-palette-node, [data-palette-type^="phase0-"]');
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  it('shows the three nodes in the palette', async () => {
    for (const type of ['phase0-toggle', 'phase0-metrics', 'phase0-simulator']) {
      assert.equal(await page.locator(`[data-palette-type="${type}"]`).count(), 1, type);
    }
    await page.screenshot({ path: 'test-reports/flow.png' });
  });

  for (const type of ['phase0-toggle', 'phase0-simulator']) {
    it(`opens the dialog of ${type} with every label in words`, async () => {
      const node = flow.find((each) => each.type === type);
      await page.dblclick(`[id="${node?.id}"] rect.red-ui-flow-node`);
      await page.waitForSelector('#node-dialog-ok', { state: 'visible' });
      const labels = await page.locator('#dialog-form label').allInnerTexts();
      assert.ok(labels.length >= 5);
      for (const label of labels) assert.doesNotMatch(label, /phase0-.*\./);
      await page.screenshot({ path: `test-reports/${type}.png` });
      await page.click('#node-dialog-cancel');
      await page.waitForSelector('#node-dialog-ok', { state: 'hidden' });
    });
  }

  it('throws no error of ours', () => assert.deepEqual(problems, []));
});
