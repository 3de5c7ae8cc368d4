/** The dialog of an inventory, by mouse and keyboard: paste, mend, filter, test, deploy, and a toggle that switches a row. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request } from 'playwright-core';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { endsEarly } from '../support/early-end';
import { inEachEditor } from '../support/editor-scene';
import { holdRequests } from '../support/held-requests';
import { until } from '../support/until';

const TAB = 'f100000000000050';
const INVENTORY = 'd100000000000050';
const ANNEX = 'd100000000000051';
const TOGGLE = 'a100000000000050';
const INJECT = 'b100000000000050';
const ROWS = 50;
const TESTS = '**/phase0-device/test';

inEachEditor('an inventory', (scene) => {
  const simulator = new DeviceSimulator({ port: 0, reply: 'framed' });
  const page = () => scene().opened.page;
  const cell = (row: number, column: string) =>
    page().locator(`#phase0-table [data-index="${row}"][data-column="${column}"]`);
  before(async () => {
    await simulator.start();
    await scene().show([
      { id: TAB, type: 'tab', label: 'plant' },
      {
        id: INVENTORY,
        type: 'phase0-inventory',
        name: 'plant',
        source: 'table',
        devices: [],
        ioTimeoutMs: '60000',
        settingsVersion: 1,
      },
      {
        id: ANNEX,
        type: 'phase0-inventory',
        name: 'annex',
        source: 'table',
        devices: [{ device_id: 'shed', host: '127.0.0.1' }],
        settingsVersion: 1,
      },
      // Without a user, a deploy would say that it is not used.
      {
        id: 'a100000000000051',
        type: 'phase0-group',
        z: TAB,
        x: 300,
        y: 200,
        target: 'inventory',
        inventory: ANNEX,
        wires: [[], []],
      },
      {
        id: TOGGLE,
        type: 'phase0-toggle',
        z: TAB,
        x: 300,
        y: 100,
        target: 'inventory',
        device: '',
        inventory: INVENTORY,
        deviceId: 'topic',
        deviceIdType: 'msg',
        settingsVersion: 1,
        wires: [[], [], []],
      },
      {
        id: INJECT,
        type: 'inject',
        z: TAB,
        x: 100,
        y: 100,
        props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
        topic: 'lamp-1',
        payload: 'true',
        payloadType: 'bool',
        repeat: '',
        crontab: '',
        once: false,
        onceDelay: 0.1,
        wires: [[TOGGLE]],
      },
    ]);
  });
  // A test that failed may have left it in another mode.
  afterEach(() => simulator.setMode('success'));
  after(() => simulator.close());

  const openInventory = async () => {
    await page().evaluate(`RED.workspaces.show('${TAB}')`);
    await scene().editor.open(TOGGLE);
    await scene().editor.opens(() => page().click('#node-input-btn-inventory-edit'));
  };
  /** Into the first cell. */
  const paste = (text: string) =>
    page().evaluate(`(() => {
      const data = new DataTransfer();
      data.setData('text', ${JSON.stringify(text)});
      const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      document.querySelector('#phase0-table input').dispatchEvent(event);
    })()`);
  const close = async (button: 'ok' | 'cancel') => {
    await scene().editor.close(button);
    await scene().editor.close(button);
  };

  it('takes 50 pasted rows, marks a faulty cell, and says what is wrong with it', async () => {
    await openInventory();
    // The button for it is enough.
    assert.equal(await page().isVisible('#phase0-table-file'), false);
    const lines = Array.from({ length: ROWS }, (_, n) =>
      [`lamp-${n + 1}`, '127.0.0.1', n === 3 ? '70000' : simulator.port, n < 10 ? 'hall' : 'attic'].join('\t'),
    );
    const text = ['device_id\thost\tport\ttags', ...lines].join('\r\n');
    await page().click('#phase0-table-add');
    await paste(text);
    await page()
      .locator('#phase0-table-count', { hasText: `rows: ${ROWS}` })
      .waitFor();
    await page().locator('#phase0-table-faults li', { hasText: 'row 4: port must be a whole number' }).waitFor();
    assert.equal(await cell(3, 'port').getAttribute('aria-invalid'), 'true');
    assert.match((await cell(3, 'port').getAttribute('title')) ?? '', /not "70000"$/);
  });

  it('keeps only the rows in view in the page, and finds the others by scrolling and by the filter', async () => {
    assert.ok((await page().locator('#phase0-table [data-row]').count()) < ROWS);
    await page().evaluate(`document.getElementById('phase0-table').scrollTop = 1e6`);
    await cell(ROWS - 1, 'device_id').waitFor();
    await page().fill('#phase0-table-filter', 'lamp-4');
    await page()
      .locator('#phase0-table-count', { hasText: `rows: 11 of ${ROWS}` })
      .waitFor();
    await cell(3, 'port').selectText();
    await page().evaluate(`document.getElementById('phase0-table').dispatchEvent(new Event('scroll'))`);
    await page().keyboard.type(String(simulator.port));
    assert.equal(await cell(3, 'port').inputValue(), String(simulator.port));
    await page().locator('#phase0-table-faults:empty').waitFor({ state: 'attached' });
    assert.equal(await cell(3, 'port').getAttribute('aria-invalid'), 'false');
  });

  it('tests one row, even if the table scrolls during the press, and all that the filter finds, with a verdict for each', async () => {
    await page().fill('#phase0-table-filter', 'hall');
    await page().hover('#phase0-table [data-row="0"] [data-action="test"]');
    await page().mouse.down();
    await page().evaluate(`document.getElementById('phase0-table').dispatchEvent(new Event('scroll'))`);
    await page().mouse.up();
    await page()
      .locator('#phase0-table [data-row="0"] .phase0-result', { hasText: /^confirmed · \d+ ms$/ })
      .waitFor();
    await simulator.setMode('reject');
    await page().locator('#phase0-table [data-row="1"] [data-action="test"]').click();
    await page()
      .locator('#phase0-table [data-row="1"] .phase0-result', { hasText: /^failed · port refused · \d+ ms$/ })
      .waitFor();
    await simulator.setMode('success');
    await endsEarly(page(), 'phase0-device/test', () =>
      page().click('#phase0-table [data-row="1"] [data-action="test"]'),
    );
    await page()
      .locator('#phase0-table [data-row="1"] .phase0-result', { hasText: /^unknown · ended without a verdict: / })
      .waitFor();
    await page().click('#phase0-table-testOff');
    await page().locator('#phase0-table-tested', { hasText: 'confirmed: 10' }).waitFor();
    const states = [...simulator.states].map(([id, state]) => `${id} ${state}`);
    assert.equal(states.length, 10);
    assert.ok(states.every((state) => state.endsWith(' false')));
  });

  it('saves the rows, and its toggle switches one that the topic names', async () => {
    await close('ok');
    const { devices } = (await scene().editor.exported(INVENTORY)) as { devices: object[] };
    assert.equal(devices.length, ROWS);
    assert.deepEqual(devices[0], {
      device_id: 'lamp-1',
      host: '127.0.0.1',
      port: String(simulator.port),
      tags: 'hall',
    });
    await scene().editor.deploy();
    await scene().nodeRed.request('POST', `/inject/${INJECT}`);
    await scene().editor.shows(TOGGLE, /^on · \d+ ms$/, 'green');
    assert.equal(simulator.states.get('lamp-1'), true);
  });

  it('opens again with the rows, and a row is deleted by its button', async () => {
    await openInventory();
    assert.equal(await cell(0, 'device_id').inputValue(), 'lamp-1');
    await page().locator('#phase0-table [data-row="0"] [data-action="remove"]').click();
    await page()
      .locator('#phase0-table-count', { hasText: `rows: ${ROWS - 1}` })
      .waitFor();
    assert.equal(await cell(0, 'device_id').inputValue(), 'lamp-2');
    await close('cancel');
    const { devices } = (await scene().editor.exported(INVENTORY)) as { devices: object[] };
    assert.equal(devices.length, ROWS);
  });

  it('keeps its rows while the dialog of another inventory is open above it', async () => {
    await openInventory();
    await scene().editor.opens(() => page().evaluate(`RED.editor.editConfig('', 'phase0-inventory', '${ANNEX}')`));
    assert.equal(await cell(0, 'device_id').inputValue(), 'shed');
    await scene().editor.close('cancel');
    assert.equal(await cell(0, 'device_id').inputValue(), 'lamp-1');
    await close('ok');
    const rowsOf = async (id: string) => ((await scene().editor.exported(id)) as { devices: object[] }).devices.length;
    assert.deepEqual([await rowsOf(INVENTORY), await rowsOf(ANNEX)], [ROWS, 1]);
  });

  it('stays where it was scrolled to, with the focus, as rows are deleted and another dialog comes and goes', async () => {
    const top = () => page().evaluate<number>(`document.getElementById('phase0-table').scrollTop`);
    const focused = () =>
      page().evaluate(`(() => {
        const { dataset } = document.activeElement;
        return [document.activeElement.closest('[data-row]')?.dataset.row, dataset.action ?? dataset.column];
      })()`);
    await openInventory();
    await page().evaluate(`document.getElementById('phase0-table').scrollTop = 1e6`);
    await cell(ROWS - 1, 'device_id').waitFor();
    const end = await top();
    await page().focus(`#phase0-table [data-row="${ROWS - 5}"] [data-action="remove"]`);
    await page().keyboard.press('Enter');
    await page()
      .locator('#phase0-table-count', { hasText: `rows: ${ROWS - 1}` })
      .waitFor();
    assert.ok(end - (await top()) <= 30, 'by the row that is gone, at most');
    assert.deepEqual(await focused(), [String(ROWS - 5), 'remove']);

    // Out of view, a cell keeps the focus and what is typed.
    await cell(ROWS - 6, 'tags').fill('far');
    await page().evaluate(`document.getElementById('phase0-table').scrollTop = 0`);
    await cell(0, 'device_id').waitFor();
    assert.deepEqual(await focused(), [String(ROWS - 6), 'tags']);
    await page().keyboard.type('away');
    assert.equal(await cell(ROWS - 6, 'tags').inputValue(), 'faraway');

    const before = await top();
    await scene().editor.unfold();
    await scene().editor.opens(() => page().click('#node-config-input-btn-tls-add'));
    await scene().editor.close('cancel');
    await cell(Math.floor(before / 30) + 2, 'device_id').waitFor();
    assert.equal(await top(), before);

    await page().fill('#phase0-table-filter', 'hall');
    await page().click('#phase0-table-add');
    assert.deepEqual(await focused(), [String(ROWS - 1), 'device_id'], 'no filter hides a new row');
    await close('cancel');
  });

  it('tests what the filter found, whatever is deleted meanwhile, and says what was cancelled', async () => {
    await openInventory();
    // They wait on their way, not in the device, until one that runs is deleted.
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const sent: Record<string, unknown>[] = [];
    await page().route(TESTS, async (route) => {
      sent.push((route.request().postDataJSON() as { settings: Record<string, unknown> }).settings);
      await released;
      await route.continue();
    });
    let asked = 0;
    const isFourth = (request: Request) => request.url().endsWith('/phase0-device/test') && (asked += 1) === 4;
    const result = (row: number, text: string | RegExp) =>
      page().locator(`#phase0-table [data-row="${row}"] .phase0-result`, { hasText: text }).waitFor();
    const requested = async (count: number) => {
      while (simulator.receivedPackets.length < packets + count) await once(simulator, 'packet');
      return simulator.receivedPackets.slice(packets).map(({ payload }) => String(payload.device_id));
    };
    let packets = simulator.receivedPackets.length;
    await page().fill('#phase0-table-filter', 'hall');
    await Promise.all([page().waitForRequest(isFourth), page().click('#phase0-table-testOn')]);
    await result(4, 'waiting …');
    await page().locator('#phase0-table [data-row="0"] [data-action="remove"]').click();
    // The dialog is not in the page while another one is above it.
    await scene().editor.unfold();
    await scene().editor.opens(() => page().click('#node-config-input-btn-tls-add'));
    release();
    const ids = new Set(await requested(10));
    await scene().editor.close('cancel');
    await page()
      .locator('#phase0-table-tested', { hasText: /confirmed: \d+/ })
      .waitFor();
    await page().locator('#phase0-table-cancel').waitFor({ state: 'hidden' });
    assert.deepEqual([...ids].toSorted(), Array.from({ length: 10 }, (_, n) => `lamp-${n + 1}`).toSorted());
    await result(8, /^confirmed/);
    assert.deepEqual([...new Set(sent.map(({ ioTimeoutMs }) => ioTimeoutMs))], ['60000']);
    await page().unroute(TESTS);

    await simulator.setMode('timeout');
    packets = simulator.receivedPackets.length;
    await page().click('#phase0-table-testOff');
    await requested(4);
    await page().click('#phase0-table-cancel');
    for (let row = 0; row < 9; row += 1) await result(row, /^cancelled$/);
    await page().locator('#phase0-table-cancel').waitFor({ state: 'hidden' });
    await simulator.setMode('success');
    await close('cancel');
  });

  it('imports a file as the runtime reads it, or says why not', async () => {
    await openInventory();
    const reading = page().locator('#node-config-input-reading-row');
    await reading.filter({ hasText: new RegExp(`^In use: ${ROWS} rows, read .*\\d`) }).waitFor();
    const importCsv = (text: string) =>
      page().setInputFiles('#phase0-table-file', {
        name: 'devices.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(text),
      });
    await importCsv('host;device_id;colour\n127.0.0.1;fan;red\n');
    const faults = page().locator('#phase0-table-faults li');
    await faults.filter({ hasText: /^row 1: unknown column "colour" \(known: device_id, host/ }).waitFor();
    assert.equal(await faults.first().textContent(), 'Nothing was imported:');
    assert.equal(await cell(0, 'device_id').inputValue(), 'lamp-1');
    await importCsv("host;device_id;\n127.0.0.1;'@fan;\n");
    await page()
      .locator('#phase0-table-count', { hasText: /^rows: 1$/ })
      .waitFor();
    assert.deepEqual(
      [await cell(0, 'device_id').inputValue(), await cell(0, 'host').inputValue(), await faults.count()],
      ['@fan', '127.0.0.1', 0],
    );
    await close('cancel');
  });

  it('of a file, shows and tests the rows in use, which cannot be changed, and what is wrong with it', async () => {
    const file = join(scene().nodeRed.userDir, 'devices.csv');
    writeFileSync(file, `device_id,host,port,tags\nfan-1,127.0.0.1,${simulator.port},hall\nfan-2,127.0.0.1,1,\n`);
    await openInventory();
    const goOn = await holdRequests(page(), /\/rows$/);
    const [asked] = await Promise.all([
      page().waitForRequest(/\/rows$/),
      page().selectOption('#node-config-input-source', 'file'),
    ]);
    const count = page().locator('#phase0-table-count');
    assert.equal(await count.textContent(), '', `nothing is known of the rows before ${asked.url()} answers`);
    await goOn();
    await page().fill('#node-config-input-file', file);
    // What is deployed is in use until the next deploy.
    await count.filter({ hasText: `rows: ${ROWS}` }).waitFor();
    await page().locator('#node-config-input-reading-row').waitFor();
    await close('ok');
    await scene().editor.deploy();
    const inUse = `fetch('phase0-inventory/${INVENTORY}/reading', { method: 'POST' }).then((answer) => answer.json())`;
    await until(page(), `${inUse}.then(({ rows }) => rows === 2)`);
    writeFileSync(file, 'device_id,host,port\nfan-1,127.0.0.1,70000\n');
    await scene().editor.shows(TOGGLE, 'faults in the inventory: 1');
    await openInventory();
    await page().locator('#phase0-table-count', { hasText: 'rows: 2' }).waitFor();
    const reading = page().locator('#node-config-input-reading-row');
    await reading.filter({ hasText: /In use: 2 rows.*row 2: port must be a whole number/ }).waitFor();
    assert.equal(await cell(0, 'device_id').inputValue(), 'fan-1');
    assert.equal(await cell(0, 'device_id').isEditable(), false);
    assert.equal(await page().locator('#phase0-table [data-action="remove"]').count(), 0);
    for (const name of ['add', 'importCsv']) assert.equal(await page().isVisible(`#phase0-table-${name}`), false);
    await page().fill('#phase0-table-filter', 'hall');
    await page().click('#phase0-table-testOn');
    await page().locator('#phase0-table-tested', { hasText: 'confirmed: 1' }).waitFor();
    assert.equal(simulator.states.get('fan-1'), true);
    await page().selectOption('#node-config-input-source', 'table');
    await cell(0, 'device_id').waitFor();
    assert.equal(await cell(0, 'device_id').inputValue(), 'lamp-1');
    assert.equal(await cell(0, 'device_id').isEditable(), true);
    assert.equal(await page().locator('#phase0-table-tested').textContent(), '');
    await close('cancel');
  });

  it('has only the rows in view in the page, of 5,000 too, and filters them', async () => {
    await openInventory();
    await page().selectOption('#node-config-input-source', 'table');
    await cell(0, 'device_id').waitFor();
    const rows = Array.from({ length: 5000 }, (_, n) => `dev-${n}\t10.0.${n >> 8}.${n & 255}`).join('\n');
    await paste(`device_id\thost\n${rows}`);
    await page()
      .locator('#phase0-table-count', { hasText: `rows: ${ROWS + 5000}` })
      .waitFor();
    for (const row of [300, 1600, 3300, 5049]) {
      await page().evaluate(`document.getElementById('phase0-table').scrollTop = ${row * 30}`);
      await cell(row, 'device_id').waitFor();
      assert.ok((await page().locator('#phase0-table [data-row]').count()) < 60);
    }
    await page().fill('#phase0-table-filter', 'dev-4999');
    await page()
      .locator('#phase0-table-count', { hasText: `rows: 1 of ${ROWS + 5000}` })
      .waitFor();
    assert.equal(await cell(5049, 'device_id').inputValue(), 'dev-4999');
    await close('cancel');
  });
});
