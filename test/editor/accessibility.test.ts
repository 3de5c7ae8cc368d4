/** Accessibility of the dialogs, checked by axe-core in each color scheme. */
import assert from 'node:assert/strict';
import { seriousProblems } from '../support/axe';
import { useSimulator } from '../support/fixtures';
import { lampFlow, METRICS, SIMULATOR, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';
import { TEST_PANEL } from '../support/test-panel';

inEachEditor('accessibility', (scene) => {
  const simulator = useSimulator();
  const page = () => scene().opened.page;
  const schemes = () => (scene().generation === 5 ? (['light', 'dark'] as const) : (['light'] as const));

  const check = async (what: string) => assert.deepEqual(await seriousProblems(page(), '.phase0-form', what), []);
  const wear = async (scheme: 'light' | 'dark') => {
    await scene().prefers({ 'view-dark-theme': scheme });
    await scene().show(lampFlow(simulator().port));
    const isDark = await page().evaluate(`document.documentElement.classList.contains('nr-theme-dark')`);
    assert.equal(isDark, scheme === 'dark');
  };

  it('finds nothing serious in any dialog, unfolded, with problems and with the trace of a Test', async () => {
    const { editor } = scene();
    for (const scheme of schemes()) {
      await wear(scheme);
      for (const [id, wrong] of [
        [METRICS, 'path'],
        [SIMULATOR, 'port'],
      ] as const) {
        await editor.open(id);
        await editor.unfold();
        if (id === METRICS) await page().check('#node-input-listen');
        await check(`${id}, ${scheme}`);
        await page().fill(`#node-input-${wrong}`, '');
        await page().locator(`#node-input-${wrong}-problem`, { hasText: /./ }).waitFor();
        await check(`${id}, wrong, ${scheme}`);
        await editor.close('cancel');
      }
      await editor.open(TOGGLE);
      await editor.unfold();
      await check(`toggle, ${scheme}`);
      await page().fill('#node-input-name', 'x'.repeat(201));
      await page().locator('#node-input-name-problem', { hasText: /./ }).waitFor();
      await check(`toggle, wrong, ${scheme}`);
      await editor.opens(() => page().click('#node-input-btn-device-edit'));
      await editor.unfold();
      await check(`device, ${scheme}`);
      await page().click(`#${TEST_PANEL.on}`);
      await page().locator('[data-verdict="confirmed"]').waitFor();
      await check(`device, tested, ${scheme}`);
      await page().fill('#node-config-input-port', '70000');
      await page().click(`#${TEST_PANEL.on}`);
      await page().locator('[data-verdict="dropped"]').waitFor();
      await check(`device, wrong, ${scheme}`);
      await editor.close('cancel');
      await editor.close('cancel');
    }
  });
});
