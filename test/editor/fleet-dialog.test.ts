/** The dialog of phase0-fleet: a URL with secrets, the test of the broker and its advice, what is saved; and its sidebar. */
import assert from 'node:assert/strict';
import { seriousProblems } from '../support/axe';
import { PICTURES, pictureOfDialog } from '../support/dialog-picture';
import { inEachEditor } from '../support/editor-scene';
import { startFleetPlant, type FleetPlant } from '../support/fleet-plant';
import { startWorker, useBroker } from '../support/fleet-scene';
import { refusedPort } from '../support/loopback';
import { SidebarPage } from '../support/sidebar-page';
import { requires } from '../support/requirements';

const TAB = 'f000000000000082';
const TOGGLE = 'b000000000000082';
const FLOW = [
  { id: TAB, type: 'tab', label: 'Plant' },
  { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 240, y: 100, target: 'fleet', fleet: '', wires: [[], [], []] },
];
const FLEET = 'd000000000000082';
const INJECT = {
  id: 'a000000000000082',
  type: 'inject',
  z: TAB,
  x: 80,
  y: 100,
  props: [
    { p: 'payload', v: 'true', vt: 'bool' },
    { p: 'topic', v: 'lamp-0', vt: 'str' },
  ],
  wires: [[TOGGLE]],
};
const SAYS = '#phase0-broker-says';

inEachEditor('the fleet dialog', (scene, generation) => {
  requires('rabbitmq');
  const broker = useBroker();
  const page = () => scene().opened.page;
  const input = (name: string) => page().locator(`#node-config-input-${name}`);
  const valueOf = (name: string) => input(name).inputValue();
  /** What the dialog says once the test has ended. */
  const tested = async (): Promise<string> => {
    await page().click('#phase0-broker-test');
    await page().locator(`${SAYS} [data-verdict]`).waitFor();
    return page().locator(SAYS).innerText();
  };
  const openNew = async () => {
    const { editor } = scene();
    await editor.open(TOGGLE);
    await editor.opens(() => page().click('#node-input-btn-fleet-add'));
  };
  const plain = () => `amqp://127.0.0.1:${broker().port}`;
  let plant: FleetPlant | undefined;
  afterEach(async () => {
    await plant?.close();
    plant = undefined;
  });
  before(() => page().setViewportSize({ width: 1320, height: 1000 }));
  after(() => page().setViewportSize({ width: 1280, height: 720 }));

  it('takes user and password out of a URL, connects, and saves neither in the flow', async () => {
    const { editor } = scene();
    await scene().show(FLOW);
    await openNew();
    await editor.unfold();
    const words = await page().locator('.phase0-form').locator('label, summary, option, button, b').allTextContents();
    for (const word of words) assert.doesNotMatch(word, /phase0-\w+\.\w/);
    assert.deepEqual(await page().locator('.phase0-form .input-error').count(), 1, 'the URL is missing');
    await input('url').fill(broker().url);
    await input('name').click();
    assert.deepEqual([await valueOf('url'), await valueOf('username')], [plain(), 'phase0']);
    await page().waitForFunction(`document.querySelectorAll('.phase0-form .input-error').length === 0`);
    assert.match(await tested(), /^connected · \d+ ms · the queues of a fleet are there$/);
    assert.deepEqual(await seriousProblems(page(), '.phase0-form', 'the fleet dialog'), []);
    await pictureOfDialog(page(), `fleet-dialog-${generation}`);
    await editor.close();
    const id = await page().locator('#node-input-fleet').inputValue();
    await editor.close();
    await editor.deploy();
    const saved = await editor.exported(id);
    assert.equal(saved.url, plain());
    assert.doesNotMatch(JSON.stringify(await scene().nodeRed.flows()), /not-a-secret-here/);

    await editor.open(TOGGLE);
    await editor.opens(() => page().click('#node-input-btn-fleet-edit'));
    assert.equal(await valueOf('username'), 'phase0');
    assert.doesNotMatch(await valueOf('password'), /secret/);
    assert.match(await tested(), /^connected/, 'with the password that is deployed');
    await editor.close('cancel');
    await editor.close('cancel');
  });

  it('says what is wrong with a URL, a broker and a login, and what to do', async () => {
    const { editor } = scene();
    await scene().prefers({ 'view-dark-theme': 'dark' });
    await scene().show(FLOW);
    await openNew();
    await input('url').fill('rabbit.local');
    await input('url').blur();
    await page().locator('#node-config-input-url.input-error').waitFor();
    assert.match(await tested(), /^url must be amqp:\/\/host:port\/vhost/);
    await input('url').fill(`amqp://127.0.0.1:${await refusedPort()}`);
    assert.match(await tested(), /ECONNREFUSED.*\nCheck that RabbitMQ runs, and the host and port in the URL/);
    await input('url').fill(plain().replace('amqp:', 'amqps:'));
    assert.match(await tested(), /\nCheck that the URL begins with amqps:\/\/ and has the port of TLS/);
    await input('url').fill(`${plain()}/nowhere`);
    await input('username').fill('phase0');
    await input('password').fill('not-a-secret-here');
    assert.match(await tested(), /nowhere.*\nCheck the virtual host/);
    await input('url').fill(plain());
    await input('password').fill('wrong');
    assert.match(await tested(), /ACCESS_REFUSED.*\nCheck user and password/);
    assert.deepEqual(await seriousProblems(page(), '.phase0-form', 'the fleet dialog with advice'), []);
    await pictureOfDialog(page(), `fleet-dialog-advice-${generation}`);
    await editor.close('cancel');
    await editor.close('cancel');
  });

  it('has its toggles in the sidebar, with the worker that gave the verdict', async () => {
    const { nodeRed } = scene();
    plant = await startFleetPlant(1);
    startWorker({ url: broker().url, inventory: plant.file });
    await scene().prefers({ 'view-dark-theme': 'light' });
    const { username, password } = new URL(broker().url);
    const fleet = { id: FLEET, type: 'phase0-fleet', url: plain(), credentials: { username, password } };
    const lamp = { ...FLOW[1], fleet: FLEET };
    await scene().show([FLOW[0] ?? {}, fleet, lamp, INJECT]);
    await nodeRed.inject(INJECT.id);
    await scene().editor.shows(TOGGLE, /^on/);
    const sidebar = new SidebarPage(page());
    await sidebar.open();
    await sidebar.openFound('lamp-0');
    await page().locator('.phase0-latest button').first().click();
    await page().locator('[data-part="worker"]', { hasText: 'whose log has the attempts and packets' }).waitFor();
    const facts = await page().locator('.phase0-facts').innerText();
    assert.match(facts, /Worker\s+0/);
    assert.equal(await page().locator('.phase0-axis').count(), 0, 'no scale without anything on it');
    await page().screenshot({ path: `${PICTURES}/fleet-sidebar-${generation}.png`, animations: 'disabled' });
  });
});
