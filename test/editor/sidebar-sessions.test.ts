/** The sidebar when Node-RED is started anew, for users with fewer permissions, on two pages, and in German. */
import assert from 'node:assert/strict';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { openPage, type OpenPage } from '../support/chromium';
import { Editor } from '../support/editor';
import { GENERATIONS, type Generation } from '../support/generations';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { PLANT, plantFlow } from '../support/plant-flow';
import { requires } from '../support/requirements';
import { SidebarPage } from '../support/sidebar-page';

for (const generation of GENERATIONS) {
  describe(`the sidebar of Node-RED ${generation} and its sessions`, function () {
    this.timeout(180_000);
    const chromium = requires('chromium');
    if (generation === 5) requires('node24');
    const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
    let opened: OpenPage;
    let nodeRed: NodeRed | undefined;

    before(async () => {
      await simulator.start();
      opened = await openPage(chromium, { width: 1280, height: 720 });
      opened.page.setDefaultTimeout(40_000);
    });
    afterEach(async () => {
      await nodeRed?.stop();
      nodeRed = undefined;
    });
    after(async () => {
      await opened?.browser.close();
      await simulator.close();
    });

    const flowOf = (...ids: readonly string[]) =>
      plantFlow(
        ids.map((device_id) => ({ device_id, host: '127.0.0.1', port: simulator.port, reply: 'framed' })),
        ids,
      );
    const start = async (settings: Readonly<Record<string, unknown>>, ids = ['a', 'b']) => {
      nodeRed = await startAt(generation, settings, flowOf(...ids));
      return nodeRed;
    };
    /** Of a page that is loaded anew. */
    const sidebarOf = async ({ page }: OpenPage, { url }: Pick<NodeRed, 'url'>) => {
      await new Editor(page, url).load();
      const sidebar = new SidebarPage(page);
      await sidebar.open();
      return sidebar;
    };

    it('goes on by itself when Node-RED was started anew, without the devices that are gone', async () => {
      const uiPort = await refusedPort();
      await start({ uiPort });
      const sidebar = await sidebarOf(opened, { url: `http://127.0.0.1:${uiPort}` });
      await sidebar.counts('2 of 2 devices, 0 in trouble');
      await sidebar.line(1).click();
      await opened.page.locator('.phase0-title', { hasText: 'b' }).waitFor();
      await nodeRed?.stop();
      await opened.page.locator('#phase0-quiet', { hasText: 'Node-RED does not answer' }).waitFor();
      await start({ uiPort }, ['a']);
      await sidebar.counts('1 of 1 devices, 0 in trouble');
      await opened.page.locator('#phase0-quiet', { hasText: /^$/ }).waitFor({ state: 'attached' });
      assert.equal(await opened.page.locator('#phase0-devices [role="row"]').count(), 1);
    });

    it('lets who may read see devices, and switch none', async () => {
      const red = await start(withoutLogin('read'));
      const sidebar = await sidebarOf(opened, red);
      await sidebar.counts('2 of 2 devices, 0 in trouble');
      await sidebar.line(0).click();
      await opened.page.locator('.phase0-title', { hasText: 'a' }).waitFor();
      assert.equal(await opened.page.locator('.phase0-sidebar [data-action]').count(), 0);
    });

    it('says so to who may not read, and asks for nothing', async () => {
      const red = await start(
        withoutLogin(['flows.read', 'settings.read', 'nodes.read', 'plugins.read', 'context.read']),
      );
      const asked: string[] = [];
      // The page of the test before still asks its own Node-RED.
      opened.page.on('request', (request) => {
        if (request.url().startsWith(red.url)) asked.push(new URL(request.url()).pathname);
      });
      await sidebarOf(opened, red);
      await opened.page.locator('.phase0-sidebar', { hasText: 'You need the permission phase0.read' }).waitFor();
      assert.deepEqual(
        asked.filter((path) => path.startsWith('/phase0/')),
        [],
      );
    });

    it('shows the same on two pages, in two languages, and on none what a deploy has removed', async () => {
      const red = await start({});
      const english = await sidebarOf(opened, red);
      const second = await openPage(chromium, { width: 1280, height: 720 });
      try {
        second.page.setDefaultTimeout(40_000);
        await second.page.addInitScript(`localStorage.setItem('editor-language', 'de')`);
        const german = await sidebarOf(second, red);
        await english.counts('2 of 2 devices, 0 in trouble');
        await german.counts('2 von 2 Geräten, 0 gestört');
        await red.inject(PLANT.inject);
        // Each of them: a toggle that still runs would be ended by the deploy.
        for (const index of [0, 1]) await german.line(index).locator('.phase0-words', { hasText: /^ein$/ }).waitFor();
        await red.deploy(flowOf('b'));
        await english.counts('1 of 1 devices, 0 in trouble');
        await german.counts('1 von 1 Geräten, 0 gestört');
        await second.page.click('#phase0-tab-trace');
        await second.page.locator('#phase0-toggles [role="row"]', { hasText: 'b' }).waitFor();
        assert.equal(await second.page.locator('#phase0-toggles [role="row"]').count(), 1);
        assert.deepEqual(second.problems, []);
      } finally {
        await second.browser.close();
      }
    });
  });
}

/** `uiPort` in the settings wins over a port of its own. */
function startAt(
  generation: Generation,
  settings: Readonly<Record<string, unknown>>,
  flows: readonly object[],
): Promise<NodeRed> {
  return startNodeRed({ generation, settings, flows, withoutComms: true });
}

/** Whoever opens the editor has these permissions. */
function withoutLogin(permissions: string | readonly string[]): Readonly<Record<string, unknown>> {
  return { adminAuth: { type: 'credentials', users: [], default: { permissions } } };
}
