/** The examples, from the Import menu: each lies there, comes onto a tab of its own, and starts without an error. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { selfSigned } from '../support/certificates';
import type { Scene } from './scene';

const NAMES = readdirSync('examples')
  .filter((name) => /^\d.*\.json$/.test(name))
  .map((name) => name.replace('.json', ''));

/** Names of nodes with a red triangle. */
const INVALID = `(() => {
  const nodes = [];
  RED.nodes.eachNode((node) => nodes.push(node));
  RED.nodes.eachConfig((node) => nodes.push(node));
  return nodes.filter(({ valid }) => valid === false).map(({ type, name }) => type + ' ' + name);
})()`;

export interface ExampleOptions {
  /** Paths that Node-RED has in its environment, for the certificate of the TLS example and its key. */
  readonly PHASE0_TLS_CERT: string;
  readonly PHASE0_TLS_KEY: string;
}

export function exampleTests(scene: () => Scene, options: ExampleOptions): void {
  const page = () => scene().opened.page;
  const entry = (name: string) =>
    page().locator('.red-ui-clipboard-dialog-tab-library:visible .red-ui-treeList-label', { hasText: name });
  const openExamples = async () => {
    await scene().editor.menu('menu-item-import');
    await page().locator('#red-ui-clipboard-dialog-import-tabs a', { hasText: 'Examples' }).click();
    await entry('node-red-contrib-phase0').waitFor();
    // The tree slides open as it loads, and a press meanwhile is lost.
    await page().waitForFunction(`$(':animated').length === 0`);
    await entry('node-red-contrib-phase0').click();
    await entry(NAMES[0] ?? '').waitFor();
    await page().waitForFunction(`$(':animated').length === 0`);
  };
  before(async () => {
    const { cert, key } = await selfSigned({ names: ['localhost', '127.0.0.1'] });
    writeFileSync(options.PHASE0_TLS_CERT, cert);
    writeFileSync(options.PHASE0_TLS_KEY, key);
    await scene().show([{ id: 'f000000000000011', type: 'tab', label: 'Mine' }]);
  });

  const listsFlowsAlone = async () => {
    await openExamples();
    const listed = await page()
      .locator('.red-ui-clipboard-dialog-tab-library .red-ui-treeList-label:visible')
      .allInnerTexts();
    const ours = listed.slice(listed.findIndex((name) => name.includes('node-red-contrib-phase0')) + 1, listed.length);
    assert.deepEqual(
      ours.slice(0, NAMES.length).map((name) => name.trim()),
      NAMES,
    );
    assert.equal(
      listed.some((name) => /grafana|prometheus/.test(name)),
      false,
    );
    await page().click('#red-ui-clipboard-dialog-cancel');
  };
  it('lists flows only', listsFlowsAlone);

  // What needs another palette has a test with that palette (test/nodes/dashboard.test.ts).
  for (const name of NAMES.filter((each) => !each.includes('-needs-'))) {
    it(`${name} comes onto the canvas, and starts`, async () => {
      const { nodeRed, editor } = scene();
      await openExamples();
      await entry(name).click();
      await page().click('#red-ui-clipboard-dialog-ok');
      await page().waitForFunction(`RED.nodes.workspace('${tabOf(name)}') !== undefined`);
      // What tells of the import lies over the tabs for a while.
      await page().evaluate(`RED.workspaces.show('${tabOf(name)}')`);
      await page().locator('#red-ui-workspace-chart rect.red-ui-flow-node').first().waitFor();
      nodeRed.clear();
      await editor.deploy();
      assert.deepEqual(await page().evaluate(INVALID), []);
      assert.doesNotMatch(nodeRed.log(), /\[(error|fatal)\]/);
    });
  }
}

/** The id of its tab, which an import keeps where nothing else has it. */
function tabOf(name: string): string {
  const nodes = JSON.parse(readFileSync(`examples/${name}.json`, 'utf8')) as { id: string; type: string }[];
  return nodes.find(({ type }) => type === 'tab')?.id ?? '';
}
