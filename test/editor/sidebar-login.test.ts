/** The sidebar while the login of its user ends: it says so, asks nothing any more, and goes on after the next login. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { openPage, type OpenPage } from '../support/chromium';
import { Editor } from '../support/editor';
import { GENERATIONS } from '../support/generations';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { plantFlow } from '../support/plant-flow';
import { requires } from '../support/requirements';
import { SidebarPage } from '../support/sidebar-page';

const PASSWORD = 'for tests only';
const password = '$2b$04$tUTirq6XQQocDzOpOidCWeulGDsEW0DwqPCY.igES0p8aPJpun/TO';
const users = [{ username: 'writer', password, permissions: '*' }];

for (const generation of GENERATIONS) {
  describe(`the sidebar of Node-RED ${generation} and the end of a login`, function () {
    this.timeout(180_000);
    const chromium = requires('chromium');
    if (generation === 5) requires('node24');
    const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
    let opened: OpenPage;
    let nodeRed: NodeRed;

    before(async () => {
      await simulator.start();
      const devices = [{ device_id: 'a', host: '127.0.0.1', port: simulator.port, reply: 'framed' }];
      nodeRed = await startNodeRed({
        generation,
        flows: plantFlow(devices, ['a']),
        settings: { adminAuth: { type: 'credentials', users } },
      });
      opened = await openPage(chromium, { width: 1280, height: 720 });
      opened.page.setDefaultTimeout(60_000);
    });
    after(async () => {
      await opened?.browser.close();
      await nodeRed?.stop();
      await simulator.close();
    });

    it('says so, asks nothing until there is another one, and then goes on', async () => {
      const { page } = opened;
      const refused: string[] = [];
      page.on('response', (response) => {
        const { pathname } = new URL(response.url());
        if (pathname.startsWith('/phase0/') && response.status() === 401) refused.push(pathname);
      });
      await Promise.all([new Editor(page, nodeRed.url).load(), logIn(page)]);
      const sidebar = new SidebarPage(page);
      await sidebar.open();
      await sidebar.counts('1 of 1 devices, 0 in trouble');
      await page.click('#phase0-tab-trace');
      // As when its time is over, which would come too early on a busy machine.
      const token = await page.evaluate<string>(`RED.settings.get('auth-tokens').access_token`);
      await nodeRed.request('POST', '/auth/revoke', { token }, { authorization: `Bearer ${token}` });
      await page.locator('#phase0-quiet', { hasText: 'Your session has ended' }).waitFor();
      // The editor notices as well with its next request, and asks for a login in front of all.
      await page.evaluate('RED.settings.refreshSettings(() => undefined)');
      await logIn(page);
      await page.locator('#phase0-quiet', { hasText: /^$/ }).waitFor({ state: 'attached' });
      await sidebar.isAsking();
      // Each of the two routes is asked once in vain, if at all: one may still have waited for news.
      assert.ok(refused.length > 0);
      assert.deepEqual(refused, [...new Set(refused)]);
    });
  });
}

async function logIn(page: Page): Promise<void> {
  await page.fill('#node-dialog-login-username', 'writer');
  await page.fill('#node-dialog-login-password', PASSWORD);
  await page.click('#node-dialog-login-submit');
  await page.locator('#node-dialog-login').waitFor({ state: 'detached' });
}
