/** The sidebar: the one failing device among 1,000 is found, understood, tested and seen to recover, by mouse and by keyboard. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { TogglesAnswer } from '../../src/trace/answers';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { seriousProblems } from '../support/axe';
import { endsEarly } from '../support/early-end';
import { inEachEditor } from '../support/editor-scene';
import { holdRequests } from '../support/held-requests';
import { PLANT, plantFlow, startBrokenDevice, type BrokenDevice } from '../support/plant-flow';
import { SidebarPage } from '../support/sidebar-page';

/** `PHASE0_PICTURES=docs/images` replaces those in the repository. */
const PICTURES = process.env.PHASE0_PICTURES || 'test-reports';
const DEVICES = 1000;
const BROKEN = 'lamp-0700';
/** What a device id may be made of by whoever writes the table. */
const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '\u001b[31mred\u001b]8;;http://evil\u0007',
  '\u202egnp.lamp',
  'javascript:alert(1)',
];

inEachEditor('the sidebar', (scene, generation) => {
  const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
  let broken: BrokenDevice;
  let sidebar: SidebarPage;
  let pictures = 0;
  const page = () => scene().opened.page;
  const picture = async (name: string) => {
    pictures += 1;
    const path = `test-reports/sidebar-${generation}/${String(pictures).padStart(2, '0')}-${name}.png`;
    await page().screenshot({ path, animations: 'disabled' });
  };
  /** For the README, of the sidebar alone. */
  const docPicture = async (name: string) => {
    const path = `${PICTURES}/sidebar-${name}${generation === 5 ? '-dark' : ''}.png`;
    await page().locator('.phase0-sidebar').screenshot({ path, animations: 'disabled' });
  };
  const check = async (what: string) => assert.deepEqual(await seriousProblems(page(), '.phase0-sidebar', what), []);

  before(async () => {
    mkdirSync(`test-reports/sidebar-${generation}`, { recursive: true });
    await simulator.start();
    broken = await startBrokenDevice();
    const ids = Array.from({ length: DEVICES }, (_, index) => `lamp-${String(index + 1).padStart(4, '0')}`);
    const rows = [...ids, ...HOSTILE].map((device_id, index) => ({
      device_id,
      host: '127.0.0.1',
      port: device_id === BROKEN ? broken.port : simulator.port,
      connection: device_id === BROKEN ? 'per-toggle' : 'persistent',
      reply: 'framed',
      maxAttempts: 1,
      // All connect at once, to a process that does much else.
      connectTimeoutMs: 60_000,
      ioTimeoutMs: 60_000,
      tags: index % 2 === 0 ? 'hall' : 'attic',
    }));
    // Node-RED 4 has no dark scheme.
    await scene().prefers({ 'view-dark-theme': 'dark' });
    await scene().show(plantFlow(rows, [...ids, ...HOSTILE]));
    sidebar = new SidebarPage(page());
  });
  after(async () => {
    await simulator.close();
    await broken.close();
  });

  // The editor was loaded anew.
  afterEach(async function () {
    if (!this.currentTest?.isFailed()) return;
    delete broken.refusal;
    await sidebar.open();
  });

  it('finds the one failing device among 1,000 at a glance', async () => {
    await sidebar.open();
    await sidebar.counts('1,004 of 1,004 devices, 0 in trouble');
    const words = sidebar.line(0).locator('.phase0-words');
    assert.equal(await words.innerText(), 'not switched yet');
    assert.equal(await words.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth), false);
    await scene().nodeRed.inject(PLANT.inject);
    await sidebar.counts('1,004 of 1,004 devices, 1 in trouble');
    await sidebar.line(0).filter({ hasText: BROKEN }).filter({ hasText: 'unknown: other frame version' }).waitFor();
    assert.equal(
      await sidebar.line(0).getByRole('img').first().getAttribute('aria-label'),
      'in trouble, state not known',
    );
    assert.ok((await page().locator('#phase0-devices [role="row"]').count()) < 50);
    await picture('devices');
    await docPicture('devices');
    await check('devices');
  });

  it('opens it: cause, advice, and its bad reply with the wrong byte marked', async () => {
    await sidebar.line(0).click();
    await page()
      .locator('[data-part="what"]', { hasText: 'replied with another version of the frame format' })
      .waitFor();
    await page().locator('[data-part="advice"]', { hasText: 'Update the device or this package' }).waitFor();
    await picture('device');
    await check('device');
    await page().locator('.phase0-latest button').first().click();
    const fault = page().locator('.phase0-fault');
    assert.equal(await fault.getAttribute('data-at'), '2');
    assert.match(await fault.innerText(), /^Byte 2 is wrong: expected version 01, found 02 \(bad_version\)$/);
    assert.equal(await page().locator('mark[data-fault="hex"]').innerText(), '02');
    await page().locator('.phase0-timeline', { hasText: 'wait for reply' }).waitFor();
    await picture('toggle');
    await docPicture('toggle');
    await fault.scrollIntoViewIfNeeded();
    await picture('wrong-byte');
    await docPicture('bytes');
    await check('toggle');
  });

  it('shows the nodes on the canvas', async () => {
    await page().click('#phase0-back');
    const links = page().locator('[data-link="node"]');
    assert.deepEqual(
      (await links.allInnerTexts()).map((text) => text.trim()),
      ['plant'],
    );
    await links.first().click();
    await scene().editor.node(PLANT.toggle).waitFor();
  });

  it('tests it with a state that the user chooses, and sees it recover', async () => {
    await page().locator('.phase0-actions [data-action="test"]').first().click();
    await page().locator('[data-action="test"][data-state="true"]').waitFor();
    await picture('which-state');
    broken.isBroken = false;
    await page().click('[data-action="test"][data-state="true"]');
    await page()
      .locator('[data-part="progress"]', { hasText: /^Test: confirmed · / })
      .waitFor();
    await page()
      .locator('[data-part="verdict"]', { hasText: /^\s*on/ })
      .waitFor();
    await picture('recovered');
    await page().keyboard.press('Escape');
    await sidebar.counts('1,004 of 1,004 devices, 0 in trouble');
  });

  it('filters by text, tag and verdict', async () => {
    await page().fill('#phase0-filter', 'LAMP-070');
    await sidebar.counts('10 of 1,004 devices, 0 in trouble');
    await page().selectOption('#phase0-filter-tag', 'hall');
    await sidebar.counts('5 of 1,004 devices, 0 in trouble');
    await page().selectOption('#phase0-filter-outcome', 'failed');
    await sidebar.counts('0 of 1,004 devices, 0 in trouble');
    await page().selectOption('#phase0-filter-outcome', '');
    await page().selectOption('#phase0-filter-tag', '');
    await page().fill('#phase0-filter', '');
  });

  it('takes a press during which the list scrolls for the device that was pressed', async () => {
    const list = page().locator('#phase0-devices');
    await page().evaluate(`document.getElementById('phase0-devices').scrollTop = 30 * 48 - 4`);
    const line = sidebar.line(34);
    const name = await line.locator('.phase0-name').innerText();
    await line.locator('[data-action="on"]').hover();
    await page().mouse.down();
    // Past the end of a line, and no farther than the button is high.
    await page().evaluate(`new Promise((done) => {
      const list = document.getElementById('phase0-devices');
      list.addEventListener('scroll', () => requestAnimationFrame(done), { once: true });
      list.scrollTop += 8;
    })`);
    await page().mouse.up();
    await list
      .locator('[role="row"]', { hasText: name })
      .filter({ hasText: /On: confirmed/ })
      .waitFor();
    const active = await list.getAttribute('aria-activedescendant');
    assert.equal(await page().locator(`[id="${active}"]`).getAttribute('aria-label'), `On: ${name}`);
    assert.equal(await page().evaluate('document.activeElement.id'), 'phase0-devices');
    await page().mouse.move(0, 0);
    await sidebar.settles();
  });

  it('shows hostile device ids harmlessly', async () => {
    for (const [index, id] of HOSTILE.entries()) {
      const part = ['<img src=x', String.raw`\x1b[31mred`, String.raw`\u202egnp`, 'javascript:alert(1)'][index] ?? '';
      await page().fill('#phase0-filter', id.slice(0, 9));
      await sidebar.line(0).filter({ hasText: part }).waitFor();
      await sidebar.line(0).click();
      await page().locator('.phase0-title', { hasText: part }).waitFor();
      await page().click('.phase0-actions [data-action="on"]');
      await page().locator('.phase0-latest button').nth(1).waitFor();
      await page().locator('.phase0-latest button').first().click();
      await page().locator('.phase0-json', { hasText: '"opcode": "ack"' }).waitFor();
      await page().keyboard.press('Escape');
      await page().keyboard.press('Escape');
    }
    assert.equal(await page().locator('.phase0-sidebar img').count(), 0);
    assert.equal(await page().evaluate('window.hacked'), undefined);
    await page().fill('#phase0-filter', '');
  });

  it('shows a hostile reply of 64 KiB harmlessly', async () => {
    broken.refusal = HOSTILE.join(' ').repeat(500).slice(0, 60_000);
    await page().fill('#phase0-filter', BROKEN);
    await sidebar.counts('1 of 1,004 devices, 0 in trouble');
    await sidebar.openFound(BROKEN);
    await page().click('.phase0-actions [data-action="off"]');
    // Until it has ended, no other one can be asked for.
    await page()
      .locator('[data-part="progress"]', { hasText: /^Off: rejected/ })
      .waitFor();
    const error = page().locator('[data-part="error"]');
    await error.filter({ hasText: String.raw`\x1b[31mred` }).waitFor();
    assert.ok((await error.innerText()).length < 500);
    const latest = page().locator('.phase0-latest button').first();
    await latest.filter({ hasText: 'rejected' }).waitFor();
    await latest.click();
    await page().locator('.phase0-bytes[aria-label^="Received"] .phase0-hex-text').first().waitFor();
    await picture('hostile-reply');
    assert.equal(await page().locator('.phase0-sidebar img').count(), 0);
    assert.equal(await page().evaluate('window.hacked'), undefined);
    const shown = await page().locator('.phase0-sidebar').innerText();
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    assert.doesNotMatch(shown, /[\u0000-\u0008\u000e-\u001f\u202e]/);
    delete broken.refusal;
    await page().keyboard.press('Escape');
    await page().click('.phase0-actions [data-action="on"]');
    await page()
      .locator('[data-part="progress"]', { hasText: /^On: confirmed/ })
      .waitFor();
    await page()
      .locator('[data-part="verdict"]', { hasText: /^\s*on/ })
      .waitFor();
    await page().keyboard.press('Escape');
    await page().fill('#phase0-filter', '');
  });

  it('works by keyboard alone', async () => {
    const { keyboard } = page();
    broken.isBroken = true;
    await page().locator('#phase0-filter').focus();
    await keyboard.type(BROKEN);
    await sidebar.counts('1 of 1,004 devices, 0 in trouble');
    await sidebar.tabTo('#phase0-devices');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    const active = await page().locator('#phase0-devices').getAttribute('aria-activedescendant');
    assert.equal(await page().locator(`[id="${active}"]`).getAttribute('aria-label'), `Off: ${BROKEN}`);
    await keyboard.press('Enter');
    await sidebar.line(0).filter({ hasText: 'other frame version' }).waitFor();
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Enter');
    assert.equal(await page().evaluate('document.activeElement.className'), 'phase0-title');
    await sidebar.tabTo('.phase0-latest button');
    await keyboard.press('Enter');
    await page().locator('mark[data-fault="hex"]').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    assert.equal(await page().evaluate('document.activeElement.id'), 'phase0-devices');
    await page().fill('#phase0-filter', '');
  });

  it('keeps the focus on a toggle as newer ones come', async () => {
    await page().fill('#phase0-filter', BROKEN);
    await sidebar.counts('1 of 1,004 devices, 1 in trouble');
    await sidebar.openFound(BROKEN);
    const newest = page().locator('.phase0-latest button').first();
    await newest.focus();
    const seq = await newest.getAttribute('data-seq');
    await scene().nodeRed.inject(PLANT.inject);
    await page().waitForFunction(`document.querySelector('.phase0-latest button').dataset.seq !== '${seq}'`);
    assert.equal(await page().evaluate('document.activeElement.dataset.seq'), seq);
    await page().keyboard.press('Escape');
    await page().fill('#phase0-filter', '');
    await sidebar.settles();
  });

  it('says so when the answer to a test ends without a verdict, and takes the next one', async () => {
    await page().fill('#phase0-filter', 'lamp-0001');
    await sidebar.counts('1 of 1,004 devices, 1 in trouble');
    await sidebar.openFound('lamp-0001');
    const progress = page().locator('[data-part="progress"]');
    await endsEarly(page(), 'phase0/action', () => page().click('.phase0-actions [data-action="on"]'));
    await progress.filter({ hasText: /^On: ended without a verdict: the device may have switched$/ }).waitFor();
    await page().click('.phase0-actions [data-action="on"]');
    await progress.filter({ hasText: /^On: confirmed · / }).waitFor();
    await page().keyboard.press('Escape');
    await page().fill('#phase0-filter', '');
  });

  it('shows toggles as they come; pause, clear and filters', async () => {
    const count = page().locator('#phase0-toggle-count');
    await page().click('#phase0-tab-trace');
    await count.filter({ hasText: /^[1-9]/ }).waitFor();
    await check('trace');
    await page().click('#phase0-clear');
    await count.filter({ hasText: /^0 toggles$/ }).waitFor();
    await scene().nodeRed.inject(PLANT.inject);
    await count.filter({ hasText: /^[1-9]/ }).waitFor();
    await picture('trace');
    await page().selectOption('#phase0-trace-outcome', 'unknown');
    await page().fill('#phase0-trace-filter', BROKEN);
    // The fourth one is that of just now.
    const rows = page().locator('#phase0-toggles [role="row"]', { hasText: BROKEN });
    await rows.nth(3).waitFor();
    await page().click('#phase0-pause');
    const asked = sidebar.requests();
    // The list of devices, which is not paused, hears of it.
    await Promise.all([page().waitForResponse(/phase0\/devices/), scene().nodeRed.inject(PLANT.inject)]);
    await page().click('#phase0-tab-devices');
    await sidebar.counts('1,004 of 1,004 devices, 1 in trouble');
    await page().click('#phase0-tab-trace');
    assert.deepEqual(
      (await asked()).filter((path) => path.includes('/toggles')),
      [],
    );
    assert.equal(await page().inputValue('#phase0-trace-outcome'), 'unknown');
    await rows.nth(3).waitFor();
    await page().click('#phase0-pause');
    await rows.nth(4).waitFor();
  });

  it('exports what is filtered', async () => {
    const [jsonl, pcapng] = [await sidebar.export('jsonl'), await sidebar.export('pcapng')];
    const lines = readFileSync(jsonl, 'utf8').trim().split('\n');
    const toggles = lines.map((line) => JSON.parse(line) as ToggleTimeline);
    assert.ok(toggles.length >= 4);
    assert.ok(toggles.every(({ deviceId, outcome }) => deviceId === BROKEN && outcome === 'unknown'));
    assert.equal(readFileSync(pcapng).readUInt32LE(0), 0x0a0d0d0a);
    await page().selectOption('#phase0-trace-outcome', '');
    await page().selectOption('#phase0-trace-tag', 'attic');
    await page().fill('#phase0-trace-filter', 'lamp');
    await page().locator('#phase0-toggles [role="row"]').nth(5).waitFor();
    await picture('trace-by-tag');
    const all = readFileSync(await sidebar.export('jsonl'), 'utf8')
      .trim()
      .split('\n');
    const ids = new Set(all.map((line) => (JSON.parse(line) as ToggleTimeline).deviceId));
    assert.ok(ids.size > 400 && ids.size <= 500, String(ids.size));
    await page().selectOption('#phase0-trace-tag', '');
    await page().fill('#phase0-trace-filter', '');
  });

  it('sends nothing while another tab is in front of it, the sidebar is closed, or the page hidden', async () => {
    const sendsNothing = async (what: string) => {
      await sidebar.isQuiet();
      const asked = sidebar.requests();
      await scene().nodeRed.inject(PLANT.inject);
      await page().waitForFunction(`new Promise((resolve) => setTimeout(() => resolve(true), 700))`);
      assert.deepEqual(await asked(), [], what);
    };
    await sidebar.isAsking();
    await page().evaluate(`RED.sidebar.show('info')`);
    await sendsNothing('another tab');
    await sidebar.open();
    await sidebar.isAsking();
    await page().evaluate(`RED.actions.invoke('core:toggle-sidebar')`);
    await sendsNothing('closed');
    await page().evaluate(`RED.actions.invoke('core:toggle-sidebar')`);
    await sidebar.isAsking();
    await sidebar.hidePage(true);
    await sendsNothing('hidden');
    await sidebar.hidePage(false);
    await sidebar.isAsking();
  });

  it('shows nothing of devices that are gone, and ends their page', async () => {
    await page().click('#phase0-tab-devices');
    // The settings of a device that changes are read again, which the browser logs as an error once it is gone.
    await sidebar.settles();
    await page().fill('#phase0-filter', BROKEN);
    await page().selectOption('#phase0-filter-tag', 'attic');
    await sidebar.counts('1 of 1,004 devices, 1 in trouble');
    await sidebar.openFound(BROKEN);
    // Its settings are known: a request for those of a device that is gone is an error in the log of the browser.
    await page().locator('.phase0-facts').filter({ hasNotText: '…' }).waitFor();
    // Node-RED 5 moves the focus to what it says of a deploy that came from elsewhere.
    const notifyAgain = await sidebar.keepsQuiet();
    await scene().nodeRed.deploy([{ id: PLANT.tab, type: 'tab', label: 'empty' }]);
    await sidebar.counts('0 of 0 devices, 0 in trouble');
    assert.equal(await page().evaluate('document.activeElement.id'), 'phase0-devices', 'the focus is on the list');
    await notifyAgain();
    assert.equal(await page().inputValue('#phase0-filter-tag'), 'attic', 'no device has it, and it still filters');
    await page().selectOption('#phase0-filter-tag', '');
    const { toggles } = (await scene()
      .nodeRed.request('GET', '/phase0/toggles')
      .then((answer) => answer.json())) as TogglesAnswer;
    assert.deepEqual(toggles, []);
    await page().click('#phase0-tab-trace');
    await page()
      .locator('#phase0-toggle-count', { hasText: /^0 toggles$/ })
      .waitFor();
    await picture('gone');
  });

  it('shows the settings of a row as its file has them, also after that was changed', async () => {
    const file = join(scene().nodeRed.userDir, 'rows.csv');
    const write = (ioTimeoutMs: number) =>
      writeFileSync(file, `device_id,host,reply,ioTimeoutMs\nlamp,127.0.0.1,framed,${ioTimeoutMs}\n`);
    write(4321);
    // Rows that were left in the table when it was given up for a file.
    const devices = [{ device_id: 'lamp', host: '127.0.0.1', reply: 'any', ioTimeoutMs: 9 }];
    await scene().show([
      { id: PLANT.tab, type: 'tab', label: 'plant' },
      { id: PLANT.inventory, type: 'phase0-inventory', source: 'file', file, devices, maxAttempts: 6 },
    ]);
    await sidebar.open();
    const goOn = await holdRequests(page(), /phase0\/device\?/);
    await sidebar.line(0).filter({ hasText: 'lamp' }).click();
    const facts = page().locator('.phase0-facts');
    await facts.filter({ hasText: '…' }).waitFor();
    const before = await facts.boundingBox();
    await goOn();
    await facts.filter({ hasText: '4321 ms' }).filter({ hasText: 'framed' }).waitFor();
    assert.match(await facts.innerText(), /Attempts\s+6/);
    assert.match(await facts.innerText(), /Verdicts\s+0\s/, 'of a device that was never switched');
    assert.match(await facts.innerText(), /Opens after\s+0 failures \(0 = never\)/);
    assert.equal((await facts.boundingBox())?.height, before?.height, 'nothing below moves when the settings come');
    await picture('file');
    write(5432);
    await facts.filter({ hasText: '5432 ms' }).waitFor();
  });
});
