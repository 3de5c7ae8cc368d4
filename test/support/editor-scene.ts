/** One Node-RED and one browser page per generation, which all test files of the editor suite share. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { openPage, type OpenPage } from './chromium';
import { Editor } from './editor';
import { GENERATIONS, type Generation } from './generations';
import { startNodeRed, type NodeRed } from './node-red';
import { requires } from './requirements';

export interface Scene {
  readonly generation: Generation;
  readonly nodeRed: NodeRed;
  readonly opened: OpenPage;
  readonly editor: Editor;
  /** Deploys flows, and loads the editor anew. */
  show(flows: readonly object[]): Promise<void>;
  /** What the user has chosen in the editor: it holds from the next load until the end of the `describe`. */
  prefers(choices: Choices): Promise<void>;
}

/** Names in the editor's local storage. Node-RED 4 has no dark scheme. */
interface Choices {
  readonly 'view-dark-theme'?: 'light' | 'dark';
  readonly 'editor-language'?: string;
}

const USUAL: Choices = { 'view-dark-theme': 'light', 'editor-language': '' };

/** Where the TLS example finds the certificate of its lamp: Node-RED has these in its environment. */
export function certificateOf(generation: Generation): { PHASE0_TLS_CERT: string; PHASE0_TLS_KEY: string } {
  return {
    PHASE0_TLS_CERT: resolve(`test-reports/editor-lamp-${generation}.pem`),
    PHASE0_TLS_KEY: resolve(`test-reports/editor-lamp-key-${generation}.pem`),
  };
}

/** One generation has the packed package installed, the other one a link to the project. */
function isPacked(generation: Generation): boolean {
  return generation === 5;
}

const scenes = new Map<Generation, Scene>();
/** Tests that failed so far; each has a picture. */
let failures = 0;

/** The tests of `define`, in a `describe` for each generation of Node-RED. Starts what does not run yet. */
export function inEachEditor(title: string, define: (scene: () => Scene, generation: Generation) => void): void {
  for (const generation of GENERATIONS) {
    describe(`the editor of Node-RED ${generation}: ${title}`, function () {
      this.timeout(120_000);
      const chromium = requires('chromium');
      if (generation === 5) requires('node24');
      let scene: Scene;
      before(async () => {
        scene = scenes.get(generation) ?? (await startScene(generation, chromium));
        scenes.set(generation, scene);
      });

      // What it has left open would keep the tests after it from what they press. This hook comes before those of `define`.
      afterEach(async function () {
        if (!this.currentTest?.isFailed()) return;
        const { page } = scene.opened;
        failures += 1;
        await page.screenshot({ path: `test-reports/editor-${generation}-failed-${failures}.png` });
        await page.unrouteAll();
        await scene.editor.load();
      });

      define(() => scene, generation);

      // Mocha runs what is nested last, so this comes after all that `define` has nested.
      describe('in all of this', () => {
        it('throws no error, and connects to nothing but this machine', () => {
          const { problems, elsewhere } = scene.opened;
          assert.deepEqual([problems, elsewhere], [[], []]);
        });
      });
      // One file's errors and choices must not change the next one.
      after(async () => {
        scene?.opened.clear();
        await scene?.prefers(USUAL);
      });
    });
  }
}

async function startScene(generation: Generation, chromium: string): Promise<Scene> {
  mkdirSync('test-reports', { recursive: true });
  const env = { LAMP_HOST: '127.0.0.1', ...certificateOf(generation) };
  const nodeRed = await startNodeRed({ generation, packed: isPacked(generation), env });
  try {
    const opened = await openPage(chromium, { width: 1280, height: 720 });
    opened.page.setDefaultTimeout(30_000);
    const editor = new Editor(opened.page, nodeRed.url);
    const show = async (flows: readonly object[]) => {
      await nodeRed.deploy(flows);
      await editor.load();
    };
    const prefers = async (choices: Choices) => {
      // The storage belongs to the address of the page.
      if (!opened.page.url().startsWith(nodeRed.url)) await editor.load();
      await opened.page.evaluate(`Object.assign(localStorage, ${JSON.stringify(choices)})`);
    };
    return { generation, nodeRed, opened, editor, show, prefers };
  } catch (error) {
    await nodeRed.stop();
    throw error;
  }
}

// A hook of the whole run, outside any `describe`.
after(async function () {
  this.timeout(120_000);
  for (const { opened, nodeRed } of scenes.values()) {
    await opened.browser.close();
    await nodeRed.stop();
  }
  scenes.clear();
});
