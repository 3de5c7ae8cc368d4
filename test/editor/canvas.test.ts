/** The canvas: labels, buttons, undo, copies, export and import. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { useSimulator } from '../support/fixtures';
import { DEVICE, lampFlow, METRICS, SIMULATOR, TAB, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';

inEachEditor('the canvas', (scene) => {
  const simulator = useSimulator();
  const page = () => scene().opened.page;
  const editor = () => scene().editor;
  /** Keys go to the canvas once it was clicked where nothing is. */
  const keys = async (...names: string[]) => {
    for (const name of names) await page().keyboard.press(name);
  };
  const clickCanvas = (x: number, y: number) => page().click('#red-ui-workspace-chart', { position: { x, y } });

  it('names nodes by the defaults where a flow leaves them out', async () => {
    const metrics = { id: 'c000000000000010', type: 'phase0-metrics', z: TAB, x: 240, y: 340, d: true, wires: [[]] };
    const device = { id: 'd000000000000010', type: 'phase0-device', deviceId: 'lamp-2', host: 'gateway' };
    await scene().show(lampFlow(simulator().port, [metrics, device]));
    const labels = await page().evaluate<string[]>(
      `${JSON.stringify([SIMULATOR, METRICS, metrics.id, device.id])}.map((id) => RED.utils.getNodeLabel(RED.nodes.node(id)))`,
    );
    assert.deepEqual(labels, ['simulator 127.0.0.1:0', 'metrics', '127.0.0.1:9400/metrics', 'lamp-2 @ gateway:9000']);
  });

  it('says what a button did in plain text, even if the label of the node reads like markup', async () => {
    const name = '<img src=x onerror="window.ran=1">';
    const named = { id: 'e000000000000010', type: 'phase0-simulator', z: TAB, x: 500, y: 340, wires: [[]] };
    const wrong = { ...named, id: 'e000000000000011', y: 400, port: '<b>no</b>' };
    await scene().show(lampFlow(1, [{ ...named, port: '0', name }, wrong]));
    await editor().pressAndHear(named.id, `${name} · mode delay`);
    await editor().pressAndHear(wrong.id, 'port must be a whole number from 0 to 65535, not "<b>no</b>"');
    assert.equal(await page().locator('.red-ui-notification').locator('img, b').count(), 0);
    assert.equal(await page().evaluate('window.ran'), undefined);
    // The browser logs that the second one was refused.
    scene().opened.clear();
  });

  describe('of a lamp', () => {
    beforeEach(() => scene().show(lampFlow(simulator().port)));

    it('names the device on the toggle, and each output when the mouse hovers over it', async () => {
      const label = editor().node(TOGGLE).locator('.red-ui-flow-node-label-text');
      assert.equal(await label.textContent(), `lamp-1 @ 127.0.0.1:${simulator().port}`);
      for (const [index, words] of ['success', 'failure', 'attempts'].entries()) {
        await editor().node(TOGGLE).locator('.red-ui-flow-port-output .red-ui-flow-port').nth(index).hover();
        await page().locator('text.red-ui-flow-port-tooltip-label', { hasText: words }).waitFor();
      }
    });

    it('flips the device by the button of the toggle', async () => {
      for (const state of [true, false]) {
        const packet = once(simulator(), 'packet');
        await editor().press(TOGGLE);
        await packet;
        await editor().shows(TOGGLE, new RegExp(`^${state ? 'on' : 'off'} · \\d+ ms$`), 'green');
        assert.equal(simulator().states.get('lamp-1'), state);
      }
    });

    it('changes a simulator to its next mode by its button, which says which one that is', async () => {
      await editor().shows(SIMULATOR, /^success/);
      for (const [mode, words] of [
        ['delay', 'replies after the delay'],
        ['disconnect', 'closes the connection'],
      ] as const) {
        await editor().pressAndHear(SIMULATOR, `simulator 127.0.0.1:0 · mode ${mode}: ${words}`);
        await editor().shows(SIMULATOR, new RegExp(`^${mode}`));
      }
    });

    it('undoes edits', async () => {
      const saved = async () => [await editor().exported(TOGGLE), await editor().exported(DEVICE)];
      const before = await saved();
      await editor().open(TOGGLE);
      await page().fill('#node-input-name', 'renamed');
      await editor().choose('#node-input-state', 'flip');
      await editor().opens(() => page().click('#node-input-btn-device-edit'));
      await page().fill('#node-config-input-host', 'elsewhere');
      await page().fill('#node-config-input-port', '1234');
      await editor().close();
      await editor().close();
      const [toggle, device] = await saved();
      assert.deepEqual(
        [toggle?.name, toggle?.stateType, device?.host, device?.port],
        ['renamed', 'flip', 'elsewhere', '1234'],
      );
      await clickCanvas(600, 400);
      await keys('Control+z', 'Control+z');
      // With the next frame the node is as wide as its label again, and so where it was.
      await page().waitForFunction(`RED.nodes.node('${TOGGLE}').x === ${String(before[0]?.x)}`);
      assert.deepEqual(await saved(), before);
    });

    it('copies a toggle, which keeps its device', async () => {
      await editor().node(TOGGLE).locator('rect.red-ui-flow-node').click();
      await keys('Control+c', 'Control+v');
      await clickCanvas(480, 360);
      const toggles = await page().evaluate<{ id: string; device: string }[]>(
        `RED.nodes.filterNodes({ type: 'phase0-toggle' }).map(({ id, device }) => ({ id, device }))`,
      );
      assert.deepEqual(
        toggles.map(({ device }) => device),
        [DEVICE, DEVICE],
      );
      await editor().deploy();
      const copy = toggles.find(({ id }) => id !== TOGGLE)?.id ?? '';
      await editor().press(copy);
      await editor().shows(copy, /^on · \d+ ms$/, 'green');
      assert.equal(simulator().states.get('lamp-1'), true);
    });

    it('exports JSON that comes back the same', async () => {
      await editor().menu('menu-item-export');
      await page().click('#red-ui-clipboard-dialog-export-rng-full');
      const json = await page().inputValue('#red-ui-clipboard-dialog-export-text');
      await page().click('#red-ui-clipboard-dialog-cancel');
      const exported = JSON.parse(json) as { id: string }[];
      const ids = new Set(exported.map(({ id }) => id));
      assert.ok([TAB, DEVICE, TOGGLE, SIMULATOR].every((id) => ids.has(id)));
      await scene().show([{ id: 'f000000000000010', type: 'tab', label: 'Empty' }]);
      await editor().menu('menu-item-import');
      await page().fill('#red-ui-clipboard-dialog-import-text', json);
      await page().locator('#red-ui-clipboard-dialog-import-text').press('Control+End');
      await page().click('#red-ui-clipboard-dialog-ok');
      await page().waitForFunction(`RED.nodes.filterNodes({ type: 'phase0-toggle' }).length === 1`);
      const again = JSON.parse(
        await page().evaluate<string>('JSON.stringify(RED.nodes.createCompleteNodeSet())'),
      ) as object[];
      const ours = (nodes: readonly object[]) =>
        nodes.filter((node) => (node as { type: string }).type.startsWith('phase0-'));
      assert.deepEqual(anonymous(ours(again)), anonymous(ours(exported)));
      await editor().deploy();
    });
  });
});

/** Nodes sorted by type, without what an import gives anew. */
function anonymous(nodes: readonly object[]): object[] {
  const settings = nodes.map((node) => {
    const { id: _id, z: _z, device, ...rest } = node as Record<string, unknown>;
    return { ...rest, ...(device === undefined ? {} : { hasDevice: typeof device }) };
  });
  return settings.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
