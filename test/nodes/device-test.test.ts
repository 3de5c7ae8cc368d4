/** What the editor asks of the runtime: the Test of a device dialog, and the buttons on the canvas. In a real Node-RED. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { Authority, selfSigned } from '../support/certificates';
import { useSimulator } from '../support/fixtures';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';

type Line = Readonly<Record<string, unknown>>;

const TAB = 'f000000000000003';
const ID = 'd000000000000003';

const flowFor = (port: number, metricsPort: number): FlowNode[] => [
  { id: TAB, type: 'tab', label: 'test' },
  {
    id: 'a000000000000003',
    type: 'global-config',
    env: [
      { name: 'LAMP_ID', value: 'from-global', type: 'str' },
      { name: 'LAMP_NUMBER', value: '5', type: 'num' },
      { name: 'ATTEMPTS', value: '1', type: 'num' },
      { name: 'LOG', value: 'true', type: 'bool' },
    ],
  },
  { id: ID, type: 'phase0-device', deviceId: 'deployed', host: '127.0.0.1', port: String(port) },
  {
    id: 'b000000000000003',
    type: 'phase0-toggle',
    z: TAB,
    device: ID,
    state: 'wish.state',
    stateType: 'msg',
    wires: [['c000000000000004'], ['c000000000000004'], []],
  },
  { id: 'e000000000000003', type: 'phase0-simulator', z: TAB, port: '0', wires: [[]] },
  { id: 'c000000000000004', type: 'debug', z: TAB, active: true, tosidebar: true, complete: 'payload', wires: [] },
  { id: 'e000000000000004', type: 'phase0-metrics', z: TAB, port: String(metricsPort), wires: [[]] },
];

describe('the Test of a device dialog', function () {
  this.timeout(120_000);
  const simulator = useSimulator({ reply: 'framed' });
  let nodeRed: NodeRed;
  let metricsPort: number;

  before(async () => {
    metricsPort = await refusedPort();
    nodeRed = await startNodeRed({ flows: flowFor(await refusedPort(), metricsPort), env: { LAMP_HOST: '127.0.0.1' } });
  });
  after(() => nodeRed?.stop());

  const ask = (body: object, signal?: AbortSignal) =>
    fetch(`${nodeRed.url}/phase0-device/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  const settings = (more: object = {}) => ({
    deviceId: 'not-deployed',
    host: '127.0.0.1',
    port: String(simulator().port),
    ioTimeoutMs: '5000',
    backoffBaseMs: '1',
    jitterMs: '0',
    ...more,
  });
  const trace = async (body: object): Promise<Line[]> => {
    const response = await ask({ id: 'a-new-one', state: true, ...body });
    assert.equal(response.status, 200);
    return (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };
  const verdictOf = async (body: object) => (await trace(body)).at(-1) ?? {};

  it('switches with values that were never deployed, and shows each attempt and the verdict', async () => {
    const lines = await trace({ settings: settings() });
    assert.deepEqual(
      lines.map(({ event, attempt, outcome }) => [event, attempt, outcome]),
      [
        ['started', 1, undefined],
        ['ended', 1, 'success'],
        ['verdict', undefined, 'confirmed'],
      ],
    );
    assert.equal(simulator().states.get('not-deployed'), true);
    await trace({ settings: settings(), state: false });
    assert.equal(simulator().states.get('not-deployed'), false);
  });

  it('shows retries, their reasons and how long until the next', async () => {
    await simulator().setMode('timeout');
    const lines = await trace({ settings: settings({ maxAttempts: '3', ioTimeoutMs: '50' }) });
    const ended = lines.filter(({ event }) => event === 'ended');
    assert.deepEqual(
      ended.map(({ attempt, outcome, willRetry, retryInMs }) => [attempt, outcome, willRetry, retryInMs]),
      [
        [1, 'timeout', true, 1],
        [2, 'timeout', true, 2],
        [3, 'timeout', false, 0],
      ],
    );
    assert.deepEqual([lines.at(-1)?.outcome, lines.at(-1)?.reason], ['unknown', 'timeout']);
  });

  it('takes environment variables, of the process and of Node-RED', async () => {
    const verdict = await verdictOf({ settings: settings({ host: '${LAMP_HOST}', deviceId: '${LAMP_ID}' }) });
    assert.deepEqual([verdict.outcome, verdict.deviceId], ['confirmed', 'from-global']);
  });

  it('takes variables of type number and boolean, as a deploy does', async () => {
    const typed = { deviceId: '${LAMP_NUMBER}', maxAttempts: '${ATTEMPTS}', packetLog: '${LOG}' };
    const { outcome, deviceId, error } = await verdictOf({ settings: settings(typed) });
    assert.deepEqual([outcome, deviceId], ['confirmed', '5'], String(error));
    const wrong = await verdictOf({ settings: settings({ ...typed, port: '0' }) });
    assert.deepEqual([wrong.reason, wrong.deviceId], ['invalid_settings', '5']);
  });

  it('says what is wrong with a setting, in the words of the runtime', async () => {
    const wrong = await verdictOf({ settings: settings({ port: '70000', host: '${NOT_SET}' }) });
    assert.deepEqual([wrong.outcome, wrong.reason], ['dropped', 'invalid_settings']);
    assert.match(String(wrong.error), /port must be a whole number from 1 to 65535, not "70000"/);
    assert.match(String(wrong.error), /host must be .*\(environment variable \w+ is not set\)/);
    assert.equal(simulator().connectionCount, 0);
  });

  it('is not counted', async () => {
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    assert.doesNotMatch(await metrics.text(), /not-deployed|from-global/);
  });

  it('runs one at a time for each dialog, ends when the editor hangs up, and then runs again', async () => {
    await simulator().setMode('timeout');
    const patient = { id: 'a-new-one', state: true, settings: settings({ ioTimeoutMs: '60000' }) };
    const packet = new Promise((resolve) => simulator().once('packet', resolve));
    const hangUp = new AbortController();
    const running = ask(patient, hangUp.signal);
    await packet;
    const second = await ask(patient);
    assert.equal(second.status, 409);
    assert.deepEqual(await second.json(), { error: 'a test of this device is running already' });
    hangUp.abort();
    await assert.rejects(async () => (await running).text(), { name: 'AbortError' });
    await simulator().setMode('success');
    let status = 409;
    while (status === 409) ({ status } = await ask(patient));
    assert.equal(status, 200);
  });

  it('runs at most eight at once', async () => {
    await simulator().setMode('timeout');
    const hangUp = new AbortController();
    const patient = settings({ ioTimeoutMs: '60000' });
    const running = Array.from({ length: 8 }, (_, n) =>
      ask({ id: `dialog-${n}`, state: true, settings: { ...patient, deviceId: `lamp-${n}` } }, hangUp.signal),
    );
    await Promise.all(running);
    assert.equal((await ask({ id: 'one-more', state: true, settings: patient })).status, 429);
    hangUp.abort();
    await Promise.allSettled(running.map(async (each) => (await each).text()));
  });

  for (const body of [
    {},
    { id: 'x', state: 'on', settings: {} },
    { id: 'x', state: true },
    { state: true, settings: {} },
  ]) {
    it(`refuses ${JSON.stringify(body)}`, async () => assert.equal((await ask(body)).status, 400));
  }

  it('answers every body, and goes on to test, whatever it is sent', async () => {
    const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as object;
    const hostile: Readonly<Record<string, unknown>>[] = [
      ...[null, 7, 'x', [], deep].map((tls) => ({ tls, settings: { ...settings(), tls: 'x' } })),
      ...[null, 7, {}, [], '__proto__', 'constructor'].map((id) => ({ tls: { id, changed: true, credentials: null } })),
      ...[null, 7, {}, deep, '__proto__', ID].map((z) => ({ z, settings: settings({ host: '${LAMP_HOST}' }) })),
      ...[{}, [], deep, null, 0, true].map((value) => ({ settings: settings({ deviceId: value, port: value }) })),
      ...['__proto__', 'constructor', '', 'x'.repeat(100_000)].map((id) => ({ id })),
      ...[[], { __proto__: null }, { length: 1e9 }].map((odd) => ({ settings: odd })),
      { settings: settings({ host: '${__proto__}', deviceId: '${constructor}' }) },
      { settings: settings({ host: '\u0000', deviceId: '\ud800' }) },
    ];
    for (const body of hostile) {
      const response = await ask({ id: 'hostile', state: true, settings: settings(), ...body });
      const text = await response.text();
      const about = JSON.stringify(body).slice(0, 100);
      assert.ok([200, 400].includes(response.status), `${about}: ${response.status} ${text}`);
      if (response.status === 200) assert.ok(text.includes('"event":"verdict"'), `${about}: ${text}`);
    }
    assert.equal((await verdictOf({ settings: settings() })).outcome, 'confirmed');
    assert.ok(nodeRed.running);
  });

  describe('over TLS', () => {
    let secure: DeviceSimulator;
    let cert: string;
    before(async () => {
      const lamp = await selfSigned({ names: ['127.0.0.1'] });
      ({ cert } = lamp);
      secure = new DeviceSimulator({ port: 0, reply: 'framed', tls: lamp });
      await secure.start();
    });
    after(() => secure.close());
    const draft = { id: 'tls-not-deployed', changed: true, cert: '', key: '', ca: '', verifyservercert: true };
    const secured = () => settings({ port: String(secure.port) });

    it('uses certificates that are only in the editor', async () => {
      const trusted = await verdictOf({ settings: secured(), tls: { ...draft, credentials: { cadata: cert } } });
      assert.equal(trusted.outcome, 'confirmed', String(trusted.error));
      const lines = await trace({ settings: secured(), tls: draft });
      assert.deepEqual([lines.at(-1)?.outcome, lines.at(-1)?.attempts], ['failed', 1]);
      assert.match(String(lines.at(-1)?.error), /certificate of the device is not trusted/);
      const unverified = await verdictOf({ settings: secured(), tls: { ...draft, verifyservercert: false } });
      assert.equal(unverified.outcome, 'confirmed');
    });

    it('takes what the editor does not know, as a passphrase that was saved, from what is deployed', async () => {
      const authority = await Authority.create();
      const server = await authority.issue({ names: ['127.0.0.1'] });
      const { cert: certdata, key } = await authority.issue({ use: 'client' });
      const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const;
      const keydata = createPrivateKey(key).export(cipher).toString();
      const strict = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
      const lamp = new DeviceSimulator({ port: 0, reply: 'framed', tls: strict });
      const { port } = await lamp.start();
      const { passphrase } = cipher;
      const deployed = {
        id: 'c000000000000003',
        type: 'tls-config',
        cert: '',
        key: '',
        ca: '',
        verifyservercert: true,
        credentials: { certdata, keydata, cadata: 'not the authority', passphrase },
      };
      try {
        await nodeRed.deploy([...flowFor(await refusedPort(), metricsPort), deployed]);
        // As the editor sends it once the authority was changed: neither the key nor the passphrase.
        for (const known of [{ has_passphrase: true }, { passphrase: '__PWRD__' }]) {
          const tls = { ...draft, id: deployed.id, credentials: { ...known, cadata: authority.cert } };
          const verdict = await verdictOf({ settings: settings({ port: String(port) }), tls });
          assert.equal(verdict.outcome, 'confirmed', String(verdict.error));
        }
        const typed = { ...draft, id: deployed.id, credentials: { cadata: authority.cert, passphrase: 'wrong' } };
        const verdict = await verdictOf({ settings: settings({ port: String(port) }), tls: typed });
        assert.equal(verdict.reason, 'invalid_settings');
        assert.match(String(verdict.error), /key/);
      } finally {
        await lamp.close();
      }
    });

    it('says which file cannot be read, and which node is missing', async () => {
      const file = await verdictOf({ settings: secured(), tls: { ...draft, ca: '/nowhere/ca.pem' } });
      assert.match(String(file.error), /tls: .*\/nowhere\/ca\.pem/);
      const node = await verdictOf({ settings: secured(), tls: { id: 'nothing', changed: false } });
      assert.match(String(node.error), /tls names a tls-config node that is disabled or missing/);
    });
  });

  it('stands beside buttons: the toggle flips where it reads the state, the simulator goes to the next mode', async () => {
    await nodeRed.setConfig(ID, { port: String(simulator().port) });
    nodeRed.clear();
    for (const state of [true, false]) {
      await nodeRed.request('POST', '/phase0-toggle/b000000000000003/press');
      await nodeRed.waitForDebug(({ value }) => value === state);
    }
    for (const mode of ['delay', 'disconnect']) {
      await nodeRed.request('POST', '/phase0-simulator/e000000000000003/next-mode');
      await nodeRed.waitForStatus('e000000000000003', ({ text = '' }) => text.startsWith(mode));
    }
    await assert.rejects(nodeRed.request('POST', '/phase0-toggle/e000000000000003/press'), /404 .*no such node/);
  });
});

describe('with adminAuth', function () {
  this.timeout(120_000);
  const PASSWORD = 'for tests only';
  const HASH = '$2b$04$tUTirq6XQQocDzOpOidCWeulGDsEW0DwqPCY.igES0p8aPJpun/TO';
  let nodeRed: NodeRed;

  before(async () => {
    const user = (username: string, permissions: string) => ({ username, password: HASH, permissions });
    const users = [user('writer', '*'), user('reader', 'read')];
    nodeRed = await startNodeRed({
      flows: flowFor(await refusedPort(), await refusedPort()),
      settings: { adminAuth: { type: 'credentials', users } },
    });
  });
  after(() => nodeRed?.stop());

  const tokenOf = async (username: string): Promise<string> => {
    const login = { client_id: 'node-red-admin', grant_type: 'password', scope: '', username, password: PASSWORD };
    const response = await nodeRed.request('POST', '/auth/token', login);
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const routes = [
    'phase0-device/test',
    'phase0-toggle/b000000000000003/press',
    'phase0-simulator/e000000000000003/next-mode',
  ];

  for (const path of routes) {
    it(`${path}: 401 without a user, 403 for a reader, open to a writer`, async () => {
      const statusFor = async (headers: Record<string, string>) =>
        (await fetch(`${nodeRed.url}/${path}`, { method: 'POST', headers })).status;
      assert.equal(await statusFor({}), 401);
      assert.equal(await statusFor({ authorization: 'Bearer made-up' }), 401);
      assert.equal(await statusFor({ authorization: `Bearer ${await tokenOf('reader')}` }), 403);
      // 400: the empty request was let in, and read.
      assert.match(String(await statusFor({ authorization: `Bearer ${await tokenOf('writer')}` })), /^(200|204|400)$/);
    });
  }
});
