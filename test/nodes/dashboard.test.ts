/** The dashboard example in Chromium: the switch shows the confirmed state, failures their reason, the chart the latency. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { openPage, type OpenPage } from '../support/chromium';
import { exampleFlow, freePortsFor, onPorts } from '../support/example-flows';
import { startNodeRed, type NodeRed } from '../support/node-red';
import { requires } from '../support/requirements';

const DASHBOARD = '@flowfuse/node-red-dashboard';
/** With `PHASE0_PICTURES=docs/images` the picture of the README is made anew. */
const PICTURES = process.env.PHASE0_PICTURES || 'test-reports';

/** How many pixels of the chart have the colour of its line. */
const DRAWN = `(() => {
  const canvas = document.querySelector('.nrdb-ui-chart canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === 0x0b && data[at + 1] === 0x72 && data[at + 2] === 0x85) count += 1;
  }
  return count;
})()`;

/** The gauge moves for a while. True when it looks as it did when last asked. */
const GAUGE_RESTS = `(() => {
  const { innerHTML } = document.querySelector('.nrdb-ui-gauge');
  const rests = window.gaugeBefore === innerHTML;
  window.gaugeBefore = innerHTML;
  return rests;
})()`;

describe('the dashboard example', function () {
  this.timeout(120_000);
  const executablePath = requires('chromium');
  const example = exampleFlow('dashboard').nodes;
  let flows = example;
  let nodeRed: NodeRed;
  let opened: OpenPage;
  let page: Page;

  before(async () => {
    mkdirSync(PICTURES, { recursive: true });
    flows = onPorts(example, await freePortsFor(example));
    nodeRed = await startNodeRed({ flows, modules: [DASHBOARD] });
    opened = await openPage(executablePath, { width: 1280, height: 712 });
    ({ page } = opened);
    page.setDefaultTimeout(30_000);
    await page.goto(`${nodeRed.url}/dashboard`);
    await shows('state', 'unknown');
  });
  after(async () => {
    await opened?.browser.close();
    await nodeRed?.stop();
  });

  const idOf = (name: string): string => {
    const named = flows.filter((node) => node.name === name && node.z);
    assert.equal(named.length, 1, name);
    return named[0]?.id ?? '';
  };
  const toggleId = flows.find(({ type }) => type === 'phase0-toggle')?.id ?? '';
  const widget = (name: string): Locator => page.locator(`[id="nrdb-ui-widget-${idOf(name)}"]`);
  const shows = (name: string, text: string | RegExp) => widget(name).filter({ hasText: text }).waitFor();
  const isOn = () => widget('switch').locator('input').isChecked();
  const turns = (state: 'on' | 'off') =>
    widget('switch')
      .locator(`input${state === 'on' ? ':checked' : ':not(:checked)'}`)
      .waitFor();
  const click = () => widget('switch').locator('input').click();
  /** Resolves to the state that the simulated lamp was asked for. */
  const askedFor = async () => {
    const { value } = await nodeRed.waitForDebug(({ id }) => id === idOf('packet'));
    return (value as { state: boolean }).state;
  };
  const choose = async (mode: string) => {
    nodeRed.clear();
    await widget('mode').locator('.v-field').click();
    await page.getByRole('option', { name: mode }).click();
    await nodeRed.waitForStatus(idOf('simulated lamp'), ({ text }) => text?.includes(mode) ?? false);
  };

  it('opens with nothing known and nothing drawn', async () => {
    assert.equal(new URL(page.url()).pathname, '/dashboard/phase0');
    assert.equal(await isOn(), false);
    await shows('mode', 'success: replies at once');
    await shows('last attempts', 'No data available');
    assert.equal(await page.evaluate(DRAWN), 0);
  });

  it('moves the switch when the lamp has confirmed, and draws the latency', async () => {
    await click();
    await turns('on');
    assert.equal(await askedFor(), true);
    await nodeRed.waitForStatus(toggleId, ({ fill, text }) => fill === 'green' && /^on · \d+ ms$/.test(text ?? ''));
    await shows('state', /^Stateon$/);
    await shows('confirmed', '1 of the last 1');
    await shows('last attempts', /1 of 2\s*on\s*success\s*\d+\.\d/);
    await shows('success rate', '100% confirmed');
    await page.waitForFunction(`${DRAWN} > 0`);
  });

  it('follows what others switch', async () => {
    await nodeRed.inject(idOf('flip'));
    await turns('off');
    await shows('state', /^Stateoff$/);
    await shows('confirmed', '2 of the last 2');
  });

  it('leaves the switch when the lamp does not reply, says why, and lets the success rate fall', async () => {
    await choose('timeout');
    await click();
    assert.equal(await askedFor(), true);
    assert.equal(await isOn(), false);
    await shows('state', 'unknown');
    await shows('last failure', /: timeout\. lamp-8: .*no reply within 1500 ms.*2 attempts/);
    await shows('confirmed', '2 of the last 3');
    await shows('success rate', '67% confirmed');
    await shows('last attempts', /2 of 2\s*on\s*timeout/);
    assert.equal(await isOn(), false);
  });

  it('knows again when the lamp confirms again', async () => {
    await choose('success');
    await click();
    await turns('on');
    await shows('state', /^Stateon$/);
    await shows('success rate', '75% confirmed');
  });

  it('keeps the state when the lamp says no', async () => {
    await choose('nack');
    await click();
    await shows('last failure', /: rejected\. lamp-8: .*the device did not switch/);
    assert.equal(await isOn(), true);
    await shows('state', /^Stateon$/);
    await shows('success rate', '60% confirmed');
    await page.waitForFunction(GAUGE_RESTS, undefined, { polling: 200 });
    await page.screenshot({ path: `${PICTURES}/dashboard.png` });
  });

  it('throws no error, and sends requests to this computer only', () => {
    assert.deepEqual(opened.problems, []);
    assert.deepEqual(opened.elsewhere, []);
  });
});
