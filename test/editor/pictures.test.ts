/** Pictures for the README: a flow and the dialogs. `PHASE0_PICTURES=docs/images` replaces those in the repository. */
import { mkdirSync } from 'node:fs';
import { PICTURES, pictureOfDialog } from '../support/dialog-picture';
import { exampleFlow, freePortsFor, onPorts } from '../support/example-flows';
import { inEachEditor } from '../support/editor-scene';
import { TEST_PANEL } from '../support/test-panel';

inEachEditor('pictures', (scene, generation) => {
  const flow = exampleFlow('01-first-toggle').nodes;
  const idOf = (type: string, name?: string) =>
    flow.find((node) => node.type === type && (name === undefined || node.name === name))?.id ?? '';
  const page = () => scene().opened.page;

  before(async () => {
    mkdirSync(PICTURES, { recursive: true });
    await page().setViewportSize({ width: 1320, height: 1000 });
    // Node-RED 4 has no dark scheme.
    await scene().prefers({ 'view-dark-theme': 'dark' });
    // Pictures for the README show the ports of the example; other runs leave them to others.
    await scene().show(process.env.PHASE0_PICTURES ? flow : onPorts(flow, await freePortsFor(flow)));
  });
  after(() => page().setViewportSize({ width: 1280, height: 720 }));

  const picture = (name: string) => pictureOfDialog(page(), name);
  const openDevice = async (name: string) => {
    const { editor } = scene();
    await editor.open(idOf('phase0-toggle'));
    await editor.opens(() => page().click('#node-input-btn-device-edit'));
    await page().click('#node-config-input-retry-section > summary');
    await page().click(`#${TEST_PANEL.on}`);
    await page().locator('[data-verdict="confirmed"]').waitFor();
    await picture(name);
    await editor.close('cancel');
    await editor.close('cancel');
  };

  const inLight = async () => {
    const { editor } = scene();
    await editor.press(idOf('inject', 'on'));
    await editor.shows(idOf('phase0-toggle'), /^on/);
    const canvas = await page().locator('#red-ui-workspace-chart').boundingBox();
    const clip = { x: canvas?.x ?? 0, y: canvas?.y ?? 0, width: 740, height: 500 };
    await page().screenshot({ path: `${PICTURES}/flow.png`, clip, animations: 'disabled' });
    await openDevice('device-dialog');
    await editor.open(idOf('phase0-toggle'));
    await editor.unfold();
    await picture('toggle-dialog');
    await editor.close('cancel');
  };
  const inDark = async () => {
    await openDevice('device-dialog-dark');
  };
  if (generation === 4) it('are of the flow, the toggle and the device, in the light scheme', inLight);
  else it('are of the device in the dark scheme, which Node-RED 4 has not', inDark);
});
