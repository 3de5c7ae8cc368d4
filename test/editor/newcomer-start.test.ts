/** From `npm start` to a lamp that is on, in the editor of the demo. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPage } from '../support/chromium';
import { useDemoPorts } from '../support/demo-ports';
import { Editor } from '../support/editor';
import { useSimulator } from '../support/fixtures';
import { GENERATIONS } from '../support/generations';
import { refusedPort } from '../support/loopback';
import { requires } from '../support/requirements';
import { switchFirstLamp } from '../support/first-lamp';

// `npm start` runs the Node-RED that is installed here.
if (GENERATIONS.includes(4)) {
  describe('npm start, then the editor', function () {
    this.timeout(120_000);
    const executablePath = requires('chromium');
    useDemoPorts();
    const simulator = useSimulator();

    it('is less than two minutes away from a lamp that is on', async () => {
      const begun = performance.now();
      const folder = mkdtempSync(join(tmpdir(), 'phase0-demo-'));
      const child = spawn(process.execPath, ['scripts/start.mjs'], {
        env: { ...process.env, PORT: String(await refusedPort()), PHASE0_DEMO_DIR: folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      const ended = exit.then(([code]) => Promise.reject(new Error(`npm start ended with ${code}`)));
      // It ends after the test, too.
      ended.catch(() => undefined);
      const opened = await openPage(executablePath, { width: 1280, height: 720 });
      try {
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
        while (!output.includes('Ctrl-C')) await Promise.race([once(child.stdout, 'data'), ended]);
        const editor = new Editor(opened.page, /editor {5}(http:\S+)/.exec(output)?.[1] ?? '');
        await editor.load();
        // Node-RED throws if a tour is closed before its button has the focus.
        await opened.page.locator('.red-ui-tourGuide-toolbar button:focus').waitFor();
        await opened.page.screenshot({ path: 'test-reports/newcomer-start-tour.png' });
        await opened.page.keyboard.press('Escape');
        await opened.page.locator('.red-ui-tourGuide-popover').waitFor({ state: 'detached' });
        await opened.page.click('.red-ui-tab-button.red-ui-tabs-add');
        await switchFirstLamp(editor, simulator().port, 'test-reports/newcomer-start');
        assert.equal(simulator().states.get('lamp-1'), true);
        await opened.page.goto(/dashboard {2}(http:\S+)/.exec(output)?.[1] ?? '');
        const widget = (id: string) => opened.page.locator(`[id="nrdb-ui-widget-${id}"]`);
        await widget('d3300065')
          .filter({ hasText: /confirmed, attempts: \d/ })
          .waitFor();
        await opened.page.screenshot({ path: 'test-reports/newcomer-start-dashboard.png' });
        assert.deepEqual([opened.problems, opened.elsewhere], [[], []]);
        console.log(`      from npm start to there: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      } finally {
        await opened.browser.close();
        child.kill('SIGINT');
        await exit;
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
