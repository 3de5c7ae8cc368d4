/** The Test in the device dialog: values that are not deployed, TLS, failures, and Cancel. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { Authority } from '../support/certificates';
import { endsEarly } from '../support/early-end';
import { useSimulator } from '../support/fixtures';
import { listen } from '../support/loopback';
import { lampFlow, TOGGLE } from '../support/lamp-flow';
import { inEachEditor } from '../support/editor-scene';
import { TEST_PANEL } from '../support/test-panel';

inEachEditor('the device test', (scene) => {
  const simulator = useSimulator({ reply: 'framed' });
  before(() => scene().show(lampFlow(1)));
  beforeEach(async () => {
    const { editor } = scene();
    await editor.open(TOGGLE);
    await editor.opens(() => editor.dialog.locator('#node-input-btn-device-edit').click());
    await type({ port: simulator().port });
  });
  afterEach(() => scene().editor.closeAll());

  const page = () => scene().opened.page;
  const type = async (values: Record<string, string | number>) => {
    await scene().editor.unfold();
    for (const [name, value] of Object.entries(values)) await page().fill(`#node-config-input-${name}`, String(value));
  };
  const press = (name: 'on' | 'off' | 'cancel') => page().click(`#${TEST_PANEL[name]}`);
  const says = (words: RegExp) => page().locator(`#${TEST_PANEL.says}`, { hasText: words }).waitFor();
  const trace = () => page().locator(`#${TEST_PANEL.trace} li`).allInnerTexts();
  const enabled = async () => {
    const states = (['on', 'off'] as const).map((name) => page().locator(`#${TEST_PANEL[name]}`).isEnabled());
    return [...(await Promise.all(states)), await page().locator(`#${TEST_PANEL.cancel}`).isVisible()];
  };
  /** A device that never replies; resolves to its connection, once the test has made one. */
  const patientTest = async (): Promise<Socket> => {
    const asked = new EventEmitter();
    const { port } = await listen((socket) => {
      socket.on('error', () => undefined).once('data', () => asked.emit('packet', socket));
    });
    await type({ port, ioTimeoutMs: 60_000 });
    const packet = once(asked, 'packet') as Promise<[Socket]>;
    await press('on');
    const [connection] = await packet;
    return connection;
  };

  it('switches on and off with what is typed, an environment variable too', async () => {
    await type({ host: '${LAMP_HOST}' });
    for (const [name, state] of [
      ['on', true],
      ['off', false],
    ] as const) {
      await press(name);
      await says(/^confirmed: the device did it · \d+ ms/);
      assert.equal(simulator().states.get('lamp-1'), state);
      assert.equal((await trace()).length, 1);
      await type({ name: `after ${name}` });
    }
  });

  it('shows each attempt that fails, why, and when the next begins', async () => {
    await simulator().setMode('timeout');
    await type({ ioTimeoutMs: 50, maxAttempts: 3, backoffBaseMs: 100, jitterMs: 0 });
    await press('on');
    await says(/^unknown \(timeout\): the device may have switched · \d+ ms/);
    const [first, second, third, ...more] = await trace();
    assert.match(first ?? '', /^timeout · \d+ ms · .*no reply within 50 ms.* · next in 0\.1 s$/);
    assert.match(second ?? '', /^timeout · \d+ ms · .*no reply within 50 ms.* · next in 0\.2 s$/);
    assert.match(third ?? '', /^timeout · \d+ ms · .*no reply within 50 ms[^·]*$/);
    assert.deepEqual(more, []);
  });

  it('says what is wrong with a setting before anything is sent', async () => {
    await type({ port: '70000' });
    await press('on');
    await says(/^dropped \(invalid_settings\): port must be a whole number from 1 to 65535, not "70000"/);
  });

  it('runs one at a time, and ends on Cancel', async () => {
    const connection = await patientTest();
    assert.deepEqual(await enabled(), [false, false, true]);
    await says(/^attempt 1\/2 …$/);
    const closed = closeOf(connection);
    await press('cancel');
    await closed;
    await says(/^cancelled$/);
    assert.deepEqual(await enabled(), [true, true, false]);
  });

  it('says that the device may have switched when the answer ends without a verdict', async () => {
    await endsEarly(page(), 'phase0-device/test', () => press('on'));
    await says(/^ended without a verdict: the device may have switched$/);
    assert.deepEqual(await enabled(), [true, true, false]);
  });

  it('shows how it ended while another dialog was above its own', async () => {
    const { editor } = scene();
    await type({ maxAttempts: 1 });
    const connection = await patientTest();
    await editor.opens(() => page().click('#node-config-input-btn-tls-add'));
    const ended = page().waitForEvent('requestfinished', (request) => request.url().endsWith('/phase0-device/test'));
    connection.destroy();
    await ended;
    await editor.close('cancel');
    await says(/^unknown/);
    assert.deepEqual([(await trace()).length, await enabled()], [1, [true, true, false]]);
  });

  it('ends with its dialog', async () => {
    const { editor } = scene();
    const connection = await patientTest();
    const closed = closeOf(connection);
    await editor.close('cancel');
    await closed;
    await editor.opens(() => editor.dialog.locator('#node-input-btn-device-edit').click());
  });

  it('trusts a certificate authority that is uploaded and not deployed', async () => {
    const { editor } = scene();
    const authority = await Authority.create();
    const tls = await authority.issue({ names: ['127.0.0.1'] });
    const secure = new DeviceSimulator({ port: 0, reply: 'framed', tls });
    await secure.start();
    try {
      await type({ port: secure.port });
      await editor.opens(() => page().click('#node-config-input-btn-tls-add'));
      await editor.close();
      await press('on');
      await says(/^failed \(connection_failed\)/);
      assert.match((await trace()).join(), /certificate of the device is not trusted/);

      await editor.opens(() => page().click('#node-config-input-btn-tls-edit'));
      const ca = { name: 'ca.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(authority.cert) };
      await page().setInputFiles('#node-config-input-cafile', ca);
      await page().locator('#tls-config-caname', { hasText: 'ca.pem' }).waitFor();
      await editor.close();
      await press('on');
      await says(/^confirmed: the device did it/);
      assert.equal(secure.states.get('lamp-1'), true);
    } finally {
      await secure.close();
    }
  });
});

/** Resolves when the other side has closed or reset the connection. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
