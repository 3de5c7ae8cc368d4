/** A German editor of an English runtime: statuses, validation messages and the device test speak German. */
import assert from 'node:assert/strict';
import { inEachEditor } from '../support/editor-scene';
import { useSimulator } from '../support/fixtures';
import { DEVICE, lampFlow, METRICS, SIMULATOR, TAB, TOGGLE } from '../support/lamp-flow';
import { listen, refusedPort } from '../support/loopback';
import { TEST_PANEL } from '../support/test-panel';

inEachEditor('another language', (scene) => {
  const simulator = useSimulator();
  const page = () => scene().opened.page;
  before(() => scene().prefers({ 'editor-language': 'de' }));

  it('translates statuses as they come, and after the page was loaded anew', async () => {
    const { editor } = scene();
    await scene().show(lampFlow(simulator().port));
    await editor.press(TOGGLE);
    await editor.shows(TOGGLE, /^ein · \d+ ms$/, 'green');
    await editor.shows(SIMULATOR, /^success · 127\.0\.0\.1:\d+ · Pakete: 0$/);
    await editor.shows(METRICS, /^bereit/);
    await editor.load();
    await editor.shows(TOGGLE, /^ein · \d+ ms$/, 'green');
  });

  it('translates the cause of a failure, which a Status node gets in English', async () => {
    const { editor } = scene();
    const status = { id: 'a000000000000011', type: 'status', z: TAB, x: 100, y: 360, scope: [TOGGLE], wires: [[]] };
    const name = { id: 'a000000000000012', type: 'change', z: TAB, x: 300, y: 360, wires: [[]] };
    const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: 'status.text', tot: 'msg' }];
    const debug = { id: 'a000000000000013', type: 'debug', z: TAB, x: 500, y: 360, tostatus: true, statusType: 'msg' };
    const flow = lampFlow(await refusedPort(), [
      { ...status, wires: [[name.id]] },
      { ...name, rules, wires: [[debug.id]] },
      { ...debug, complete: 'payload', statusVal: 'payload', active: true, tosidebar: false, wires: [] },
    ]);
    await scene().show(flow);
    await editor.press(TOGGLE);
    await editor.shows(TOGGLE, /^Port abgewiesen · 2 Versuche$/, 'red');
    await editor.shows(debug.id, /^port refused · 2 attempts$/);
    await editor.load();
    await editor.shows(TOGGLE, /^Port abgewiesen · 2 Versuche$/, 'red');
  });

  it('translates the status for several wrong settings at once, and for a toggle without a device', async () => {
    const { editor } = scene();
    const wrong = { id: 'd000000000000011', type: 'phase0-device', deviceId: 'lamp-1', host: 'http://lamp', port: '0' };
    const toggle = { id: 'b000000000000011', type: 'phase0-toggle', z: TAB, x: 240, y: 360, wires: [[], [], []] };
    await scene().show(
      lampFlow(simulator().port, [
        wrong,
        { ...toggle, device: wrong.id },
        { ...toggle, id: 'b000000000000012', y: 440, device: '' },
      ]),
    );
    await editor.shows(
      toggle.id,
      /^2 falsche Einstellungen: Host: "http:\/\/lamp" ist nicht erlaubt\. Erlaubt: ein Name /,
      'red',
    );
    await editor.shows('b000000000000012', /^Gerät fehlt, ist deaktiviert oder nicht ausgewählt$/, 'red');
  });

  it('translates the sum of several device ids', async () => {
    const { editor } = scene();
    const inject = {
      id: 'a000000000000014',
      type: 'inject',
      z: TAB,
      x: 100,
      y: 360,
      props: [{ p: 'payload' }],
      payload: 'true',
    };
    const split = (id: string, topic: string) => ({
      id,
      type: 'change',
      z: TAB,
      x: 300,
      y: 360,
      rules: [{ t: 'set', p: 'topic', pt: 'msg', to: topic, tot: 'str' }],
      wires: [['b000000000000013']],
    });
    const toggle = { id: 'b000000000000013', type: 'phase0-toggle', z: TAB, x: 500, y: 360, wires: [[], [], []] };
    await scene().show(
      lampFlow(simulator().port, [
        { ...inject, payloadType: 'bool', wires: [['a000000000000015', 'a000000000000016']] },
        split('a000000000000015', 'lamp-1'),
        split('a000000000000016', 'lamp-2'),
        { ...toggle, device: DEVICE, deviceId: 'topic', deviceIdType: 'msg' },
      ]),
    );
    await editor.press(inject.id);
    await editor.shows(toggle.id, /^2 von 2 ein$/, 'green');
  });

  describe('in the dialog of a device', () => {
    before(() => scene().show(lampFlow(1)));
    beforeEach(async () => {
      const { editor } = scene();
      await editor.open(TOGGLE);
      await editor.opens(() => editor.dialog.locator('#node-input-btn-device-edit').click());
      await editor.unfold();
    });
    afterEach(() => scene().editor.closeAll());
    const type = (name: string, value: string | number) => page().fill(`#node-config-input-${name}`, String(value));
    const problem = (name: string) => page().locator(`#node-config-input-${name}-problem`).innerText();

    it('validation messages name the field by its label', async () => {
      await type('maxAttempts', '99');
      assert.equal(
        await problem('maxAttempts'),
        'Versuche: "99" ist nicht erlaubt. Erlaubt: eine ganze Zahl von 1 bis 10',
      );
      await type('ioTimeoutMs', 'x');
      assert.match(
        await problem('ioTimeoutMs'),
        /"x" ist nicht erlaubt\. Erlaubt: eine ganze Zahl von 1 bis 600000 \(ms\)$/,
      );
      for (const host of ['http://lamp', 'lamp:9000', '[::1]', 'two lamps']) {
        await type('host', host);
        assert.match(
          await problem('host'),
          /^Host: ".*" ist nicht erlaubt\. Erlaubt: ein Name .*ohne http:\/\/, ohne Port/,
        );
      }
      const tooltip = await page().evaluate<string>(
        `RED.nodes.node('${DEVICE}')._def.defaults.port.validate.call({}, '0', {})`,
      );
      assert.equal(tooltip, 'Port: "0" ist nicht erlaubt. Erlaubt: eine ganze Zahl von 1 bis 65535');
    });

    it('the test says what happened and what to do, and shows the bytes that came', async () => {
      const { port } = await listen((socket) => {
        socket.on('error', () => undefined).on('data', () => socket.end('HTTP/1.1 400 Bad\r\n\u001b[2J'));
      });
      await type('port', port);
      await type('backoffBaseMs', 0);
      await page().click(`#${TEST_PANEL.on}`);
      const part = (name: string) => page().locator(`#${TEST_PANEL.says} [data-part="${name}"]`);
      await part('received').waitFor();
      assert.equal(await part('what').innerText(), `Unter 127.0.0.1:${port} antwortet ein Webserver.`);
      assert.match(await part('advice').innerText(), /^Verwenden Sie den Port, über den das Gerät geschaltet wird/);
      assert.equal(
        await part('received').innerText(),
        'Empfangen: 48 54 54 50 2f 31 2e 31 20 34 30 30 20 42 61 64 0d 0a 1b 5b 32 4a ("HTTP/1.1 400 Bad\\x0d\\x0a\\x1b[2J")',
      );
      const colour = () =>
        page().evaluate<string>(
          `getComputedStyle(document.querySelector('#${TEST_PANEL.says} [data-verdict]'), '::before').color`,
        );
      const unknown = await colour();
      await type('port', await refusedPort());
      await page().click(`#${TEST_PANEL.on}`);
      await page().locator(`#${TEST_PANEL.says} [data-verdict="failed"]`).waitFor();
      assert.notEqual(await colour(), unknown);
    });
  });
});
