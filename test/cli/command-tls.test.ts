/** Both commands over TLS, with certificates in files. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority, type Credentials } from '../support/certificates';
import { lampAt, run, start } from '../support/command';

/** Handshakes on a busy machine take their time. */
const PATIENT = [
  '--connect-timeout-ms',
  5000,
  '--io-timeout-ms',
  5000,
  '--max-attempts',
  1,
  '--metrics-port',
  0,
] as const;

describe('the commands over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phase0-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, pem: string) => {
    writeFileSync(join(folder, name), pem);
    return join(folder, name);
  };
  const files = (name: string, { cert, key }: Credentials) =>
    ['--cert', file(`${name}.pem`, cert), '--key', file(`${name}-key.pem`, key)] as const;

  let ca: string;
  let device: readonly string[];
  let client: readonly string[];
  before(async () => {
    const authority = await Authority.create();
    ca = file('ca.pem', authority.cert);
    device = files('device', await authority.issue({ names: ['lamp.test'] }));
    client = files('client', await authority.issue({ use: 'client' }));
  });

  const simulator = async (...more: readonly string[]) => {
    const command = start('phase0-simulator', ['--port', 0, ...device, ...more]);
    return (await command.line('listening')).port as number;
  };
  const toggle = (port: number, ...tls: readonly string[]) =>
    run('phase0-toggle', [...PATIENT, ...lampAt(port), '--tls', ...tls]);

  it('confirmed by a device whose authority is trusted, under the name that is asked for', async () => {
    const port = await simulator();
    const result = await toggle(port, '--ca', ca, '--servername', 'lamp.test');
    assert.equal(result.code, 0, JSON.stringify(result));
  });

  it('not confirmed by one that is not trusted, unless --insecure', async () => {
    const port = await simulator();
    const { code, stderr } = await toggle(port);
    assert.equal(code, 1);
    assert.match(stderr, /^phase0-toggle: lamp: .*certificate.*; the device did not switch\)\n$/);
    assert.equal((await toggle(port, '--insecure')).code, 0);
  });

  it('a simulator with --ca wants a certificate of the client', async () => {
    const port = await simulator('--ca', ca);
    const trusting = ['--ca', ca, '--servername', 'lamp.test'];
    assert.equal((await toggle(port, ...trusting)).code, 1);
    assert.equal((await toggle(port, ...trusting, ...client)).code, 0);
  });

  it('a key that does not belong to the certificate: exit 2', async () => {
    const [, cert = ''] = device;
    const [, , , key = ''] = client;
    const { code, stderr } = await toggle(1, '--cert', cert, '--key', key);
    assert.equal(code, 2);
    assert.match(stderr, /the key does not belong to the certificate/);
  });
});
