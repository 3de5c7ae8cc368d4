/** Owns what the tests of one generation share: a Node-RED, a browser, and the editor in it. */
import { Editor } from '../support/editor';
import { openPage, type OpenPage } from '../support/chromium';
import { startNodeRed, type NodeRed, type NodeRedOptions } from '../support/node-red';
import { requires } from '../support/requirements';

export interface Scene {
  readonly generation: 4 | 5;
  readonly nodeRed: NodeRed;
  readonly opened: OpenPage;
  readonly editor: Editor;
  /** Deploys flows, and loads the editor anew. */
  show(flows: readonly object[]): Promise<void>;
}

/** At the top of a `describe`: one Node-RED and one browser for all its tests. */
export function useScene(generation: 4 | 5, options: NodeRedOptions = {}): () => Scene {
  const executablePath = requires('chromium');
  if (generation === 5) requires('node24');
  let nodeRed: NodeRed;
  let opened: OpenPage;
  let scene: Scene;
  before(async () => {
    nodeRed = await startNodeRed({ ...options, generation });
    opened = await openPage(executablePath, { width: 1280, height: 720 });
    opened.page.setDefaultTimeout(10_000);
    const editor = new Editor(opened.page, nodeRed.url);
    const show = async (flows: readonly object[]) => {
      await nodeRed.deploy(flows);
      await editor.load();
    };
    scene = { generation, nodeRed, opened, editor, show };
  });
  after(async () => {
    await opened?.browser.close();
    await nodeRed?.stop();
  });
  return () => scene;
}
