/** From an empty tab to a plant of 50 lamps that is switched by a tag, by mouse and keyboard alone, in three minutes. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { inEachEditor } from '../support/editor-scene';
import { useSimulator } from '../support/fixtures';

const ROWS = 50;
const IN_HALL = 10;
/** The row whose port is mistyped in the spreadsheet. */
const FAULTY = 3;
const MAX_MS = 180_000;

inEachEditor('a plant in three minutes', (scene, generation) => {
  const simulator = useSimulator();
  const folder = `test-reports/plant-${generation}`;

  it('is pasted, mended, tested, deployed, and switched by a tag', async () => {
    mkdirSync(folder, { recursive: true });
    await scene().show([{ id: 'f100000000000060', type: 'tab', label: 'Plant' }]);
    const { editor } = scene();
    const { page } = editor;
    const startedAt = performance.now();
    const picture = (name: string) => page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
    const rowsAre = (text: string) => page.locator('#phase0-table-count', { hasText: text }).waitFor();

    const group = await editor.drag('phase0-group', 380, 120);
    await editor.open(group);
    await picture('01-group');
    await editor.opens(() => editor.dialog.locator('#node-input-btn-inventory-add').click());
    await page.fill('#node-config-input-name', 'plant');
    await picture('02-new-inventory');

    await copied(spreadsheet(simulator().port));
    await page.click('#phase0-table-add');
    await page.keyboard.press('Control+V');
    await rowsAre(`rows: ${ROWS}`);
    const fault = page.locator('#phase0-table-faults li', {
      hasText: `row ${FAULTY + 1}: port must be a whole number`,
    });
    await fault.waitFor();
    await picture('03-pasted');

    const cell = page.locator(`#phase0-table [data-index="${FAULTY}"][data-column="port"]`);
    await cell.scrollIntoViewIfNeeded();
    await cell.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(String(simulator().port));
    await page.locator('#phase0-table-faults:empty').waitFor({ state: 'attached' });
    await picture('04-mended');

    await page.click('#phase0-table-testOff');
    await page.locator('#phase0-table-tested', { hasText: `confirmed: ${ROWS}` }).waitFor();
    await picture('05-tested');
    await editor.close();

    await page.fill('#node-input-name', 'hall');
    await editor.choose('#node-input-members', 'str');
    await page
      .locator('.form-row', { has: page.locator('#node-input-members') })
      .locator('.red-ui-typedInput-input')
      .fill('#hall');
    await editor.choose('#node-input-state', 'on');
    await picture('06-group-of-a-tag');
    await editor.close();

    const inject = await editor.drag('inject', 120, 120);
    await editor.wire(inject, 0, group);
    await editor.deploy();
    await picture('07-deployed');
    await editor.press(inject);
    await editor.shows(group, new RegExp(`^${IN_HALL} of ${IN_HALL} · \\d+ ms$`), 'green');
    await picture('08-switched');
    const tookMs = performance.now() - startedAt;
    console.log(`      from an empty tab to a plant that is switched by a tag: ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < MAX_MS, `${tookMs} ms`);

    assert.equal(simulator().states.size, ROWS);
    const on = [...simulator().states].filter(([, state]) => state).map(([id]) => id);
    assert.deepEqual(on.toSorted(), idsInHall().toSorted());

    async function copied(text: string): Promise<void> {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    }
  });
});

function idsInHall(): string[] {
  return Array.from({ length: IN_HALL }, (_, index) => `lamp-${index + 1}`);
}

/** As a spreadsheet puts it on the clipboard. */
function spreadsheet(port: number): string {
  const lines = Array.from({ length: ROWS }, (_, index) =>
    [`lamp-${index + 1}`, '127.0.0.1', index === FAULTY ? '70000' : port, index < IN_HALL ? 'hall' : 'attic'].join(
      '\t',
    ),
  );
  return ['device_id\thost\tport\ttags', ...lines].join('\r\n');
}
