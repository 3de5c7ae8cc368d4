/** The packet log in the log of a real Node-RED: its fields, none of a TLS configuration's secrets, and nothing when off. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { selfSigned } from '../support/certificates';
import { refusedPort } from '../support/loopback';
import { startNodeRed, type FlowNode, type NodeRed } from '../support/node-red';

const TAB = 'f000000000000005';
const DEVICE = 'd000000000000005';
const PASSPHRASE = 'open-sesame-5';
const FIELDS = 'ts level message event direction msg_id device_id raw_packet_hex elapsed_ms outcome attempt'.split(' ');

describe('the packet log in the log of Node-RED', function () {
  this.timeout(120_000);
  let secure: DeviceSimulator;
  let nodeRed: NodeRed;
  let keyInWords: string;

  before(async () => {
    const [lamp, us] = await Promise.all([selfSigned({ names: ['127.0.0.1'] }), selfSigned({ use: 'client' })]);
    secure = new DeviceSimulator({ port: 0, reply: 'framed', tls: { ...lamp, ca: us.cert, requestCert: true } });
    const { port } = await secure.start();
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
    const keydata = String(createPrivateKey(us.key).export(locked));
    [, keyInWords = ''] = keydata.split('\n');
    const credentials = { cadata: lamp.cert, certdata: us.cert, keydata, passphrase: PASSPHRASE };
    const tls = { id: 'c000000000000005', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true };
    const device = { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-5', host: '127.0.0.1', maxAttempts: '1' };
    const flows: FlowNode[] = [
      { id: TAB, type: 'tab', label: 'log' },
      { ...tls, credentials },
      { ...device, port: String(port), tls: tls.id, packetLog: true },
      { id: 'b000000000000005', type: 'phase0-toggle', z: TAB, device: DEVICE, wires: [[], ['e000000000000005'], []] },
      { id: 'e000000000000005', type: 'debug', z: TAB, active: true, tosidebar: true, complete: 'error', wires: [] },
    ];
    nodeRed = await startNodeRed();
    await nodeRed.deploy(flows);
  });
  after(async () => {
    await nodeRed?.stop();
    await secure.close();
  });

  const press = () => nodeRed.request('POST', '/phase0-toggle/b000000000000005/press');
  const lines = () =>
    [...nodeRed.log().matchAll(/\{"ts":.*\}/g)].map(([line]) => JSON.parse(line) as Record<string, unknown>);

  it('has a line for each packet, with the fields of the protocol in their order', async () => {
    await press();
    await nodeRed.waitForStatus('b000000000000005', ({ fill }) => fill === 'green');
    await nodeRed.waitForLog(/tcp_packet recv success/);
    assert.deepEqual(
      lines().map(({ direction, outcome, device_id }) => [direction, outcome, device_id]),
      [
        ['send', 'success', 'lamp-5'],
        ['recv', 'success', 'lamp-5'],
      ],
    );
    for (const line of lines()) assert.deepEqual(Object.keys(line), FIELDS);
    assert.match(nodeRed.log(), /\[debug\] \[phase0-device:/);
  });

  it('contains no passphrase and no key, nor does any other log, even when they are refused', async () => {
    await nodeRed.setConfig(DEVICE, { port: String(await refusedPort()) });
    await press();
    await nodeRed.waitForLog(/tcp_packet send error/);
    assert.ok(keyInWords.length > 20);
    for (const secret of [PASSPHRASE, keyInWords, 'PRIVATE KEY', 'BEGIN CERTIFICATE']) {
      assert.ok(!nodeRed.log().includes(secret), secret);
    }
  });

  it('is silent when it is off', async () => {
    await nodeRed.setConfig(DEVICE, { packetLog: false, port: String(secure.port) });
    nodeRed.clear();
    await press();
    await nodeRed.waitForStatus('b000000000000005', ({ fill }) => fill === 'green');
    assert.deepEqual(lines(), []);
  });
});
