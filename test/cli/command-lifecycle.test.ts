/** Life cycle of the commands: signals, pipes, terminals, and the metrics endpoint while they run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Command, lampAt, run, start } from '../support/command';
import { useSimulator } from '../support/fixtures';
import { refusedPort } from '../support/loopback';
import { requires } from '../support/requirements';

const FILE = resolve(__dirname, '../../src/cli/phase0-toggle.js');
const PATIENT = ['--io-timeout-ms', 60_000, '--connect-timeout-ms', 60_000, '--max-attempts', 1] as const;

/** Arguments for a device on that port. */
function at(port: number, ...more: readonly (string | number)[]) {
  const device = lampAt(port);
  return [...device, '--metrics-port', 0, ...more];
}

describe('phase0-toggle: signals', () => {
  const simulator = useSimulator();

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} cancels running toggles, reports them, and exits with ${exitCode}`, async () => {
      await simulator().setMode('timeout');
      const command = start('phase0-toggle', at(simulator().port, ...PATIENT));
      await command.line('tcp_packet');
      command.child.kill(signal);
      const { code, lines, stderr } = await command.ended;
      assert.equal(code, exitCode);
      assert.deepEqual([lines.at(-1)?.outcome, lines.at(-1)?.reason], ['unknown', 'cancelled']);
      assert.match(stderr, /^phase0-toggle: lamp: .*; the device may have switched\)\n$/);
    });
  }

  it('ends a wait between two attempts', async () => {
    const waits = ['--backoff-base-ms', 600_000, '--backoff-max-ms', 600_000];
    const command = start('phase0-toggle', at(await refusedPort(), ...waits));
    await command.line('tcp_packet');
    command.child.kill('SIGINT');
    const { code, lines } = await command.ended;
    assert.deepEqual([code, lines.at(-1)?.reason], [130, 'cancelled']);
  });

  it('ends a load test with the table of the toggles that were started', async () => {
    const command = start('phase0-toggle', at(simulator().port, '--repeat', 1_000_000, '--concurrency', 2));
    await command.line('verdict', 20);
    command.child.kill('SIGINT');
    const { code, lines, stderr } = await command.ended;
    assert.equal(code, 130);
    const asked = lines.filter(({ event }) => event === 'verdict').length;
    assert.ok(asked < 1_000_000);
    assert.ok(stderr.startsWith(`${asked} of 1000000 toggles in `), stderr);
    assert.equal(lines.at(-1)?.toggles, asked);
  });

  it('a second signal ends the process at once, even when nothing reads its output', async () => {
    simulator().reply = 'framed';
    const many = ['--repeat', 100_000, '--concurrency', 1000, '--connection', 'persistent', '--io-timeout-ms', 60_000];
    const command = start('phase0-toggle', at(simulator().port, ...many), { unread: true });
    while (simulator().receivedPackets.length < 1000) await once(simulator(), 'packet');
    command.child.kill('SIGINT');
    await command.said(/ of 100000 toggles in /);
    await setImmediate();
    assert.equal(command.child.exitCode, null);
    command.child.kill('SIGINT');
    assert.equal((await command.ended).signal, 'SIGINT');
  });
});

describe('phase0-toggle: pipes', () => {
  const simulator = useSimulator();

  it('loses no line at its end when the reader is slow', async () => {
    const many = ['--repeat', 1000, '--concurrency', 1000, '--io-timeout-ms', 60_000, '--connection', 'persistent'];
    simulator().reply = 'framed';
    const command = start('phase0-toggle', at(simulator().port, ...many), { unread: true });
    await command.said(/confirmed +1000 /);
    command.read();
    const { code, lines } = await command.ended;
    assert.deepEqual([code, lines.length], [0, 3001]);
  });

  it('starts no more toggles when its reader stops', async () => {
    const many = ['--repeat', 20_000, '--concurrency', 4];
    const command = start('phase0-toggle', at(simulator().port, ...many), { unread: true });
    for (let before = -1; before !== simulator().receivedPackets.length;) {
      before = simulator().receivedPackets.length;
      if (before === 0) await once(simulator(), 'packet');
      await new Promise((wake) => setTimeout(wake, 500));
    }
    // A pipe and the buffers around it hold some hundreds.
    assert.ok(simulator().receivedPackets.length < 5000);
    command.child.kill('SIGINT');
    command.read();
    assert.equal((await command.ended).code, 130);
  });

  it('ends quietly when its reader leaves, as head does', async () => {
    const command = start('phase0-toggle', at(simulator().port, '--repeat', 1_000_000));
    await command.line('tcp_packet');
    command.child.stdout?.destroy();
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr], [1, '']);
    assert.ok(simulator().receivedPackets.length < 1_000_000);
  });

  it('a toggle whose reader has left still gets its verdict', async () => {
    await simulator().setMode('delay');
    simulator().delayMs = 200;
    const command = start('phase0-toggle', at(simulator().port));
    await command.line('tcp_packet');
    command.child.stdout?.destroy();
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('needs none of the standard streams', async () => {
    const closed = ['-c', 'exec "$@" <&- >&- 2>&-', 'sh', process.execPath, FILE, ...at(simulator().port).map(String)];
    const { code } = await new Command(spawn('sh', closed, { stdio: 'inherit' })).ended;
    assert.equal(code, 0);
    assert.equal(simulator().receivedPackets.length, 1);
  });
});

describe('phase0-toggle: on a terminal', () => {
  const script = requires('script');
  const simulator = useSimulator();

  it('shows a progress bar, and clears it for the table', async () => {
    const args = at(simulator().port, '--repeat', 50, '--log-level', 'error');
    const command = [process.execPath, FILE, ...args].join(' ');
    const { code, stdout } = await new Command(
      spawn(script, ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'pipe'] }),
    ).ended;
    assert.equal(code, 0);
    const [drawn = '', table = ''] = stdout.split(/(?=50 toggles in )/);
    assert.match(drawn, /░{30} 0\/50/);
    assert.ok(drawn.endsWith('\r\u001B[K'));
    assert.match(table, /confirmed +50 +100\.0 %/);
  });
});

describe('output for people', () => {
  const script = requires('script');
  const simulator = useSimulator();
  const onTerminal = async (name: string, args: readonly (string | number)[]) => {
    const command = [process.execPath, resolve(__dirname, `../../src/cli/${name}.js`), ...args].join(' ');
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return new Command(spawn(script, ['-qec', command, '/dev/null'], { stdio: [...stdio] }));
  };

  it('phase0-toggle on a terminal: one line', async () => {
    const { code, stdout } = await (await onTerminal('phase0-toggle', at(simulator().port))).ended;
    assert.equal(code, 0);
    assert.match(stdout, /^lamp is on \(\d+ ms\)\r\n$/);
  });

  it('phase0-toggle on a terminal: a failure, with what to do', async () => {
    const port = await refusedPort();
    const { code, stdout } = await (await onTerminal('phase0-toggle', at(port))).ended;
    assert.equal(code, 1);
    const [retry = '', verdict = ''] = stdout.split('\r\n');
    assert.match(retry, /^attempt 1\/2: port refused, next in \d+\.\d s$/);
    assert.match(
      verdict,
      new RegExp(`^phase0-toggle: lamp: 127\\.0\\.0\\.1 refuses connections on port ${port}: .* Check `),
    );
  });

  it('--format overrides what standard output is', async () => {
    const json = await (await onTerminal('phase0-toggle', at(simulator().port, '--format', 'json'))).ended;
    assert.equal(json.lines.at(-1)?.outcome, 'confirmed');
    const text = await run('phase0-toggle', at(simulator().port, '--format', 'text'));
    assert.match(text.stdout, /^lamp is on \(\d+ ms\)\n$/);
  });

  it('phase0-simulator --format text: a line for each event, with no control characters of others', async () => {
    const command = start('phase0-simulator', ['--port', await refusedPort(), '--format', 'text']);
    const port = await listeningPort(command);
    await run('phase0-toggle', at(port, '--device-id', 'lamp\u001B[2J'));
    command.child.kill('SIGINT');
    const { code, stdout } = await command.ended;
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d listening on 127\.0\.0\.1:\d+, mode success, reply raw$/);
    assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d lamp\\x1b\[2J on \(connection \d+\)$/);
    assert.match(lines[2] ?? '', /^\d\d:\d\d:\d\d closed after \d+ connections and 1 toggles$/);
  });
});

/** Waits for the first line, which is no JSON. */
async function listeningPort({ child }: Command): Promise<number> {
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [string];
  return Number(/:(\d+),/.exec(text)?.[1]);
}

describe('phase0-toggle: metrics', () => {
  const simulator = useSimulator();

  it('are served while it runs', async () => {
    await simulator().setMode('timeout');
    const port = await refusedPort();
    const command = start('phase0-toggle', at(simulator().port, ...PATIENT, '--metrics-port', port));
    await command.line('tcp_packet');
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(text, /^tcp_comm_packet_sent_total\{device_id="lamp",outcome="success"\} 1$/m);
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 130);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
  });

  it('--metrics-host: are served at another address, and at no other one', async () => {
    await simulator().setMode('timeout');
    const port = await refusedPort();
    const more = [...PATIENT, '--metrics-host', '127.0.0.2', '--metrics-port', port];
    const command = start('phase0-toggle', at(simulator().port, ...more));
    await command.line('tcp_packet');
    assert.equal((await fetch(`http://127.0.0.2:${port}/metrics`)).status, 200);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`));
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 130);
  });

  it('a port in use is reported, and delays nothing', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { code, lines, stderr } = await run('phase0-toggle', at(simulator().port, '--metrics-port', port));
    blocker.close();
    assert.deepEqual([code, lines.at(-1)?.outcome], [0, 'confirmed']);
    assert.match(
      stderr,
      /^phase0-toggle: no metrics: .*EADDRINUSE.* \(--metrics-port takes another port, 0 turns them off\)\n$/,
    );
  });
});
