/**
 * The examples in the Import menu: each is listed, comes onto a tab of its own, and starts without an error. Their
 * pictures go to test-reports/examples/, from Node-RED 5 in the dark scheme.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { selfSigned } from '../support/certificates';
import { exampleFlow, exampleFlows, freePortsFor, inventoryFileOn, needsDashboard } from '../support/example-flows';
import { certificateOf, inEachEditor } from '../support/editor-scene';

/** Those that the Import menu lists, without the ending. */
const NAMES = exampleFlows()
  .map(({ file }) => file)
  .filter((file) => /^\d[^/]*\.json$/.test(file))
  .map((file) => basename(file, '.json'));

/** Moves nodes of the canvas to other ports, as a person would whose ports are taken, and the inventory to another file. */
function changePorts(ports: ReadonlyMap<string, string>, file: string | undefined): string {
  return `((ports, file) => {
    const change = (node) => {
      if (/^phase0-(device|simulator)$/.test(node.type) && ports[node.port]) node.port = ports[node.port];
      if (node.type === 'template') node.template = node.template.replace(/\\d{4}(?=,floor)/g, (port) => ports[port] ?? port);
    };
    RED.nodes.eachWorkspace((tab) => {
      for (const variable of tab.env ?? []) if (file && variable.name === 'BUILDING_CSV') variable.value = file;
    });
    RED.nodes.eachNode(change);
    RED.nodes.eachConfig(change);
  })(${JSON.stringify(Object.fromEntries(ports))}, ${JSON.stringify(file ?? '')})`;
}

/** Names of nodes with a red triangle. */
const INVALID = `(() => {
  const nodes = [];
  RED.nodes.eachNode((node) => nodes.push(node));
  RED.nodes.eachConfig((node) => nodes.push(node));
  return nodes.filter(({ valid }) => valid === false).map(({ type, name }) => type + ' ' + name);
})()`;

/** Nodes, buttons and statuses included, that are not wholly in the visible part of the canvas: name and status. */
const HIDDEN = `(() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const canvas = box('#red-ui-workspace-chart');
  // Node-RED 5 lays the sidebar over the canvas.
  const right = Math.min(canvas.right, box('#red-ui-sidebar').left);
  const shown = [...document.querySelectorAll('#red-ui-workspace-chart .red-ui-flow-node-group')];
  return shown.filter((node) => {
    const at = node.getBoundingClientRect();
    return at.left < canvas.left || at.right > right || at.top < canvas.top || at.bottom > canvas.bottom;
  }).map(({ id }) => (RED.nodes.node(id)?.name || id) + ': ' + (RED.nodes.node(id)?.status?.text ?? ''));
})()`;

/** Whether groups know the devices of their inventory: its file is written at the start, and is missing until then. */
const READ = `(() => {
  const groups = [];
  RED.nodes.eachNode((node) => { if (node.type === 'phase0-group' && node.inventory) groups.push(node); });
  return groups.every(({ status }) => status?.text?.startsWith('devices:'));
})()`;

/** What covers the canvas for a moment after a deploy is not in the picture. */
const PASSING = `#red-ui-notifications, [id$='-shade'] { display: none !important }`;

inEachEditor('the examples', (scene, generation) => {
  const page = () => scene().opened.page;
  /** Inventories that examples wrote. */
  const files: string[] = [];
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
    const paths = certificateOf(generation);
    writeFileSync(paths.PHASE0_TLS_CERT, cert);
    writeFileSync(paths.PHASE0_TLS_KEY, key);
    mkdirSync('test-reports/examples', { recursive: true });
    await scene().prefers({ 'view-dark-theme': 'dark' });
    await scene().show([{ id: 'f000000000000011', type: 'tab', label: 'Mine' }]);
  });
  after(() => {
    for (const file of files.splice(0)) rmSync(file, { force: true });
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

  // The others need a palette that is not installed here; test/nodes/dashboard.test.ts runs them.
  for (const name of NAMES.filter((each) => !needsDashboard(exampleFlow(each).nodes))) {
    it(`${name} comes onto the canvas, and starts`, async () => {
      const { nodeRed, editor } = scene();
      await openExamples();
      await entry(name).click();
      await page().click('#red-ui-clipboard-dialog-ok');
      await page().waitForFunction(`RED.nodes.workspace('${tabOf(name)}') !== undefined`);
      // The notification of the import covers the tabs for a while.
      await page().evaluate(`RED.workspaces.show('${tabOf(name)}')`);
      await page().locator('#red-ui-workspace-chart rect.red-ui-flow-node').first().waitFor();
      const { nodes } = exampleFlow(name);
      const ports = await freePortsFor(nodes);
      const file = nodes.some(({ type, source }) => type === 'phase0-inventory' && source === 'file')
        ? inventoryFileOn(ports)
        : undefined;
      if (file) files.push(file);
      await page().evaluate(changePorts(ports, file));
      nodeRed.clear();
      await editor.deploy();
      assert.deepEqual(await page().evaluate(INVALID), []);
      await page().waitForFunction(READ);
      assert.deepEqual(await page().evaluate(HIDDEN), [], nodeRed.log());
      await page().screenshot({ path: `test-reports/examples/${name}-${generation}.png`, style: PASSING });
      assert.doesNotMatch(nodeRed.log(), /\[(error|fatal)\]/);
    });
  }
});

/** The id of its tab, which an import keeps where nothing else has it. */
function tabOf(name: string): string {
  return exampleFlow(name).nodes.find(({ type }) => type === 'tab')?.id ?? '';
}
