/** The tour of the demo in both generations of Node-RED: its steps, its buttons, and that it runs once. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { openPage, type OpenPage } from '../support/chromium';
import { demoFlow } from '../support/demo-flow';
import { Editor } from '../support/editor';
import { GENERATIONS } from '../support/generations';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';
import { TEST_PANEL } from '../support/test-panel';

const LAST_STEP = 6;
const editorTheme = { tours: false, palette: { catalogues: [] }, page: { scripts: [resolve('demo/tour.js')] } };

/** The longest names of modes, and what sets them. */
const MODES_BY_LENGTH = [
  ['disconnect', 'd3300054'],
  ['truncate', 'd3300058'],
] as const;

/** Nodes, statuses included, that reach over the edge of their group: name, status, and by how many pixels. */
const OVER_THE_EDGE = `[...document.querySelectorAll('#red-ui-workspace-chart .red-ui-flow-node-group')].flatMap((drawn) => {
  const node = RED.nodes.node(drawn.id);
  const group = document.querySelector('#group_select_' + node?.g)?.getBoundingClientRect() ??
    document.querySelector('[id="' + node?.g + '"]')?.getBoundingClientRect();
  if (!group) return [];
  const over = Math.ceil(drawn.getBoundingClientRect().right - group.right);
  return over > 0 ? [node.name + ': ' + node.status?.text + ': ' + over] : [];
})`;

for (const generation of GENERATIONS) {
  describe(`the tour of the demo in Node-RED ${generation}`, function () {
    this.timeout(120_000);
    const executablePath = requires('chromium');
    if (generation === 5) requires('node24');
    let nodeRed: NodeRed;
    let opened: OpenPage;
    let editor: Editor;

    before(async () => {
      const { flows, modules } = await demoFlow();
      nodeRed = await startNodeRed({ generation, flows, modules, settings: { editorTheme } });
      opened = await openPage(executablePath, { width: 1280, height: 720 });
      opened.page.setDefaultTimeout(30_000);
      editor = new Editor(opened.page, nodeRed.url);
      await editor.load();
    });
    after(async () => {
      await opened?.browser.close();
      await nodeRed?.stop();
    });

    const popover = () => opened.page.locator('.red-ui-tourGuide-popover');
    const step = async (number: number) => {
      await popover()
        .locator('small', { hasText: `${number}/${LAST_STEP}` })
        .waitFor();
      // Node-RED places the popover 100 ms later, and throws if the tour is closed before that. Then comes the focus.
      await popover().locator('.red-ui-tourGuide-toolbar button:focus').waitFor();
    };
    const next = () => popover().locator('.red-ui-tourGuide-toolbar button').click();
    const isOver = () => popover().waitFor({ state: 'detached' });

    it('leads from the button to the metrics, and what it talks about can be pressed meanwhile', async () => {
      const { page } = opened;
      await step(1);
      await next();
      await step(2);
      await editor.press('d3300030');
      await editor.shows('d3300010', /^on · \d+ ms$/, 'green');
      await next();
      await step(3);
      await editor.press('d3300053');
      await editor.shows('d3300011', /^timeout/);
      await next();
      await step(4);
      await page.locator('.red-ui-debug-content:visible').first().waitFor();
      await nodeRed.inject('d3300050');
      await editor.shows('d3300011', /^success/);
      await next();
      await step(5);
      await page.click(`#${TEST_PANEL.on}`);
      await page.locator('[data-verdict="confirmed"]').waitFor();
      await next();
      await step(LAST_STEP);
      assert.equal(await page.locator('.red-ui-tray').count(), 0);
      assert.equal(await popover().locator('a[href="/dashboard/lamp"]').count(), 1);
      await page.screenshot({ path: `test-reports/tour-${generation}.png` });
      await next();
      await isOver();
    });

    it('every node of its flow is inside its group, with its longest status', async () => {
      const { page } = opened;
      for (const [mode, inject] of MODES_BY_LENGTH) {
        await nodeRed.inject(inject);
        await editor.shows('d3300011', new RegExp(`^${mode} `));
        assert.deepEqual(await page.evaluate(OVER_THE_EDGE), []);
      }
      await page.screenshot({ path: `test-reports/demo-${generation}.png` });
      await nodeRed.inject('d3300050');
      await editor.shows('d3300011', /^success/);
    });

    it('does not come back by itself, but from the main menu; Esc closes it', async () => {
      await editor.load();
      await editor.menu('menu-item-phase0-demo-tour');
      await step(1);
      await opened.page.keyboard.press('Escape');
      await isOver();
      await editor.load();
      assert.equal(await popover().count(), 0);
    });

    it('tells of a dashboard, which switches the lamp and breaks it', async () => {
      const { page } = opened;
      await page.goto(`${nodeRed.url}/dashboard/lamp`);
      const widget = (id: string) => page.locator(`[id="nrdb-ui-widget-${id}"]`);
      const shows = (id: string, text: RegExp) => widget(id).filter({ hasText: text }).waitFor();
      const [click, lastVerdict] = [() => widget('d3300060').locator('input').click(), 'd3300065'];
      // The lamp was switched on. Until the page has heard of it, a click would switch it on again.
      await widget('d3300060').locator('input:checked').waitFor({ state: 'attached' });
      await click();
      await shows('d3300064', /off$/);
      await shows(lastVerdict, /confirmed, attempts: 1$/);
      await shows('d3300066', /\d ms$/);
      await widget('d3300070').getByText('Nack').click();
      await nodeRed.waitForStatus('d3300011', ({ text }) => text?.startsWith('nack') ?? false);
      await click();
      await shows(lastVerdict, /rejected\. hall-lamp: .*simulated refusal/);
      await page.screenshot({ path: `test-reports/demo-dashboard-${generation}.png` });
    });

    it('throws no error, and connects to nothing but this machine', () => {
      assert.deepEqual([opened.problems, opened.elsewhere], [[], []]);
    });
  });
}
