/** Both commands with an inventory: one plays its devices, the other switches them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, start, type Command } from '../support/command';
import { refusedPort } from '../support/loopback';

const QUICK = ['--max-attempts', 1, '--io-timeout-ms', 5000, '--metrics-port', 0] as const;

describe('the commands with an inventory', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phase0-inventory-'));
    file = join(folder, 'hall.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (...rows: readonly string[]) => writeFileSync(file, `${rows.join('\n')}\n`);
  const toggle = (...more: readonly (string | number)[]) =>
    run('phase0-toggle', ['--inventory', file, ...QUICK, ...more]);

  /** Four devices at three addresses, played by phase0-simulator. */
  async function plant(...more: readonly string[]): Promise<Command> {
    const [one, two, three] = [await refusedPort(), await refusedPort(), await refusedPort()];
    write(
      'device_id;host;port;tags;connection;reply',
      `lamp-1;127.0.0.1;${one};hall;;`,
      `lamp-2;127.0.0.1;${two};hall stairs;;`,
      `lamp-3;127.0.0.1;${three};attic;persistent;framed`,
      `lamp-4;127.0.0.1;${three};attic;persistent;framed`,
    );
    const command = start('phase0-simulator', ['--inventory', file, ...more]);
    for (const nth of [1, 2, 3]) await command.line('listening', nth);
    return command;
  }

  it('every row: a verdict for each, a table, exit 0; the simulator played each address once', async () => {
    const simulator = await plant();
    const { code, lines, stderr } = await toggle('--all', '--concurrency', 10);
    assert.equal(code, 0, stderr);
    const verdicts = lines.filter(({ event }) => event === 'verdict');
    assert.deepEqual(verdicts.map(({ device_id }) => String(device_id)).toSorted(), [
      'lamp-1',
      'lamp-2',
      'lamp-3',
      'lamp-4',
    ]);
    assert.match(stderr, /^4 toggles in .+\n\noutcome +toggles +share\nconfirmed +4 +100.0 %\n/);
    simulator.child.kill('SIGTERM');
    const { lines: played } = await simulator.ended;
    const closed = played.find(({ event }) => event === 'closed');
    assert.deepEqual([closed?.connections, closed?.applied], [3, 4]);
  });

  for (const [args, expected] of [
    [
      ['--tag', 'hall'],
      ['lamp-1', 'lamp-2'],
    ],
    [
      ['--tag', 'stairs,attic'],
      ['lamp-2', 'lamp-3', 'lamp-4'],
    ],
    [
      ['--device-id', 'lamp-3, lamp-1'],
      ['lamp-3', 'lamp-1'],
    ],
  ] as const) {
    it(`${args.join(' ')}: ${expected.join()}`, async () => {
      const simulator = await plant();
      const { code, lines } = await toggle(...args, '--state', 'off');
      assert.equal(code, 0);
      const verdicts = lines.filter(({ event }) => event === 'verdict');
      assert.deepEqual(
        verdicts.map(({ device_id, state }) => [device_id, state]),
        expected.map((id) => [id, false]),
      );
      simulator.child.kill('SIGTERM');
    });
  }

  it('names each device that was not confirmed, with close ids: exit 1', async () => {
    write('device_id,host,port', `lamp-1,127.0.0.1,${await refusedPort()}`);
    const { code, stderr } = await toggle('--device-id', 'lamp-1,lamp-2', '--format', 'text');
    assert.equal(code, 1);
    assert.match(stderr, /phase0-toggle: lamp-1: 127.0.0.1 refuses connections on port \d+: /);
    assert.match(stderr, /phase0-toggle: lamp-2: .*the inventory has no device "lamp-2"; close to it: lamp-1/);
    assert.match(stderr, /\n2 toggles in /);
  });

  it('takes what rows do not say from the options', async () => {
    const port = await refusedPort();
    write('device_id,host', 'lamp-1,127.0.0.1');
    const { lines } = await toggle('--all', '--device-port', port, '--log-level', 'error');
    assert.match(String(lines[0]?.error), new RegExp(`127.0.0.1:${port}`));
  });

  it('a signal ends what runs and what waits, each with its verdict', async () => {
    await plant('--mode', 'timeout');
    const args = ['--inventory', file, ...QUICK, '--io-timeout-ms', 60_000, '--all', '--concurrency', 2] as const;
    const command = start('phase0-toggle', args);
    await command.line('tcp_packet', 2);
    command.child.kill('SIGINT');
    const { code, lines } = await command.ended;
    assert.equal(code, 130);
    const summary = lines.find(({ event }) => event === 'summary');
    assert.deepEqual(summary?.outcomes, { 'dropped/cancelled': 2, 'unknown/cancelled': 2 });
  });

  it('counts each row in its metrics', async () => {
    await plant('--mode', 'timeout');
    const port = await refusedPort();
    const command = start('phase0-toggle', ['--inventory', file, '--all', '--concurrency', 4, '--metrics-port', port]);
    await command.line('tcp_packet', 4);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(text, /tcp_comm_packet_sent_total\{device_id="lamp-4",outcome="success"\} 1/);
    command.child.kill('SIGINT');
    await command.ended;
  });

  for (const [args, problem] of [
    [[], /^phase0-toggle: --inventory needs one of --device-id, --tag and --all\n/],
    [['--all', '--tag', 'hall'], /^phase0-toggle: --inventory needs one of/],
    [['--all', '--device-host', 'h'], /^phase0-toggle: --device-host does not go with --inventory/],
    [['--all', '--repeat', '2'], /^phase0-toggle: --repeat and --ids do not go with --inventory/],
    [['--all', '--cert', 'x.pem'], /^phase0-toggle: --cert needs its --key/],
    [['--device-id', ' , '], /^phase0-toggle: --device-id and --tag name no device\n/],
  ] as const) {
    it(`refuses ${args.join(' ') || 'no selection'}: exit 2`, async () => {
      write('device_id,host', 'lamp-1,h');
      const { code, stdout, stderr } = await toggle(...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, problem);
    });
  }

  it('refuses a faulty file, a line for each fault: exit 2', async () => {
    write('device_id,host,port', 'lamp-1,h,70000', 'lamp-1,,1');
    for (const name of ['phase0-toggle', 'phase0-simulator']) {
      const { code, stderr } = await run(name, ['--inventory', file, ...(name === 'phase0-toggle' ? ['--all'] : [])]);
      assert.equal(code, 2);
      assert.deepEqual(
        stderr.split('\n').map((line) => line.slice(0, 70)),
        [
          `${name}: --inventory: row 2: port must be a whole number from 1 to 65535`.slice(0, 70),
          `${name}: --inventory: row 3: host is required: a name or IP address such`.slice(0, 70),
          `${name}: --inventory: row 3: device_id must be unique, and row 2 has "la`.slice(0, 70),
          `${name}: see ${name} --help`,
          '',
        ],
      );
    }
  });

  it('--tag and --all need an inventory', async () => {
    for (const option of [['--all'], ['--tag', 'hall']]) {
      const { code, stderr } = await run('phase0-toggle', ['--device-id', 'a', '--device-host', 'h', ...option]);
      assert.equal(code, 2);
      assert.ok(stderr.startsWith(`phase0-toggle: ${option[0]} needs --inventory\n`), stderr);
    }
  });

  it('the simulator needs a certificate for rows with TLS, and ends when an address is taken', async () => {
    write('device_id,host,tls', 'lamp-1,127.0.0.1,on');
    const tls = await run('phase0-simulator', ['--inventory', file]);
    assert.equal(tls.code, 2);
    assert.match(tls.stderr, /lamp-1 has tls on, which needs --cert and --key/);
    const simulator = await plant();
    const second = await run('phase0-simulator', ['--inventory', file]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /EADDRINUSE/);
    simulator.child.kill('SIGTERM');
  });
});
