/** What a dialog shows before a key is pressed: defaults, no complaint, folded sections, icons, examples and hints. */
import assert from 'node:assert/strict';
import { lampFlow, METRICS, SIMULATOR, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';

inEachEditor('the first look at a dialog', (scene) => {
  const page = () => scene().opened.page;
  const editor = () => scene().editor;
  before(() => scene().show(lampFlow(1)));

  it('a toggle that leaves its state to the default shows msg.payload', async () => {
    await editor().open(TOGGLE);
    const row = page().locator('.form-row', { has: page().locator('#node-input-state') });
    assert.equal(await row.locator('.red-ui-typedInput-type-label').innerText(), 'msg.');
    assert.equal(await row.locator('.red-ui-typedInput-input').inputValue(), 'payload');
    await editor().close('cancel');
  });

  it('a new device has no complaint before a key is pressed, and one for each required field that is left empty', async () => {
    await editor().open(TOGGLE);
    await editor().opens(() => page().click('#node-input-btn-device-add'));
    const problems = page().locator('.phase0-form .phase0-problem').filter({ hasText: /./ });
    const border = (name: string) =>
      page().evaluate<string>(`getComputedStyle(document.querySelector('#node-config-input-${name}')).borderTopColor`);
    assert.deepEqual(await problems.allInnerTexts(), []);
    for (const name of ['host', 'port']) assert.equal(await border(name), await border('name'), name);
    for (const name of ['deviceId', 'host', 'name']) await page().focus(`#node-config-input-${name}`);
    assert.deepEqual(
      (await problems.allInnerTexts()).map((text) => text.split(':')[0]),
      ['Device id is required', 'Host is required'],
    );
    await editor().close('cancel');
    await editor().close('cancel');
  });

  it('a device has its port beside its host, examples in empty fields, and says what folded sections hold', async () => {
    await editor().open(TOGGLE);
    await editor().opens(() => page().click('#node-input-btn-device-add'));
    const [host, port] = await Promise.all(
      ['host', 'port'].map((name) => page().locator(`#node-config-input-${name}`).boundingBox()),
    );
    assert.equal(host?.y, port?.y);
    assert.ok((host?.x ?? 0) < (port?.x ?? 0));
    for (const [name, example] of [
      ['deviceId', 'lamp-1'],
      ['host', '192.168.1.20 or lamp.local'],
      ['name', 'optional'],
    ] as const) {
      assert.equal(await page().locator(`#node-config-input-${name}`).getAttribute('placeholder'), example);
    }
    const summary = (section: string) => page().locator(`#node-config-input-${section}-summary`).innerText();
    assert.equal(await summary('retry'), 'Attempts: 2 · First delay: 250 ms · Maximum delay: 5000 ms');
    await editor().unfold();
    await page().fill('#node-config-input-maxAttempts', '1');
    await page().click('#node-config-input-retry-section > summary');
    assert.equal(await summary('retry'), 'Attempts: 1');
    await editor().close('cancel');
    await editor().close('cancel');
  });

  it('every setting has an icon, and a hint from the help when the mouse is over its label', async () => {
    const labels = async (type: string) => {
      await editor().unfold();
      const all = await page().locator('.phase0-form label[for]').all();
      assert.ok(all.length >= 5, type);
      for (const label of all) {
        const name = (await label.innerText()).trim();
        assert.equal(await label.locator('i.fa').count(), 1, `${type}: ${name}`);
        const hint = (await label.getAttribute('title')) ?? '';
        if (name !== 'Name')
          assert.ok(hint.includes(name) && hint.length > name.length + 10, `${type}: ${name}: ${hint}`);
      }
    };
    for (const id of [METRICS, SIMULATOR]) {
      await editor().open(id);
      await labels(id);
      await editor().close('cancel');
    }
    await editor().open(TOGGLE);
    await labels('toggle');
    await editor().opens(() => page().click('#node-input-btn-device-edit'));
    await labels('device');
    await editor().close('cancel');
    await editor().close('cancel');
  });
});
