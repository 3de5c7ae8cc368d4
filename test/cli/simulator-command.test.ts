/** phase0-simulator as a process: its lines, its modes, its end; and phase0-toggle against it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { encodeFrame } from '../../src/protocol/frame';
import { LAB_ACK } from '../../src/protocol/toggle';
import { lampAt, run, start, type Command } from '../support/command';

const QUICK = ['--io-timeout-ms', 2000, '--max-attempts', 1, '--metrics-port', 0] as const;

/** Starts one on a free port; resolves when it listens. */
async function simulator(args: readonly (string | number)[] = [], stdin: 'ignore' | 'pipe' = 'ignore') {
  const command = start('phase0-simulator', ['--port', 0, ...args], { stdio: [stdin, 'pipe', 'pipe'] });
  const { port } = (await command.line('listening')) as { port: number };
  return { command, port };
}

const toggle = (port: number, ...more: readonly (string | number)[]) =>
  run('phase0-toggle', [...lampAt(port), ...QUICK, ...more]);

function type(command: Command, text: string): void {
  command.child.stdin?.write(text);
}

describe('phase0-simulator', () => {
  it('reports its address, each packet, and totals at the end', async () => {
    const { command, port } = await simulator();
    const { lines } = await toggle(port);
    command.child.kill('SIGINT');
    const { code, stderr, lines: written } = await command.ended;
    assert.deepEqual([code, stderr], [0, '']);
    const [listening, packet, closed] = written.map(({ ts, ...rest }) => {
      assert.ok(Number.isFinite(Date.parse(String(ts))));
      return rest;
    });
    assert.deepEqual(listening, {
      level: 'INFO',
      message: `Listening on 127.0.0.1 port ${port}`,
      event: 'listening',
      host: '127.0.0.1',
      port,
      mode: 'success',
      reply: 'raw',
    });
    const [sent] = lines;
    assert.deepEqual(packet, {
      level: 'INFO',
      message: 'Packet tcp_packet recv success',
      event: 'tcp_packet',
      direction: 'recv',
      msg_id: sent?.msg_id,
      device_id: 'lamp',
      raw_packet_hex: sent?.raw_packet_hex,
      outcome: 'success',
      state: true,
      connection: 1,
      repeated: false,
      mode: 'success',
    });
    assert.deepEqual(closed, {
      level: 'INFO',
      message: 'Closed',
      event: 'closed',
      connections: 1,
      applied: 1,
    });
  });

  for (const [mode, outcome] of [
    ['success', 'confirmed'],
    ['nack', 'rejected'],
    ['timeout', 'unknown'],
    ['truncate', 'unknown'],
  ] as const) {
    it(`--mode ${mode}: phase0-toggle ends ${outcome}`, async () => {
      const { command, port } = await simulator(['--mode', mode, '--reply', 'framed']);
      const { code, lines } = await toggle(port, '--io-timeout-ms', mode === 'timeout' ? 50 : 2000);
      assert.deepEqual([code, lines.at(-1)?.outcome], [outcome === 'confirmed' ? 0 : 1, outcome]);
      command.child.kill('SIGTERM');
      assert.equal((await command.ended).code, 0);
    });
  }

  it('escapes and cuts the ids that come in', async () => {
    const { command, port } = await simulator();
    const unsafe = '\u009b31m\u202e\u2028\u007f';
    const request = { opcode: 'toggle', device_id: unsafe, msg_id: unsafe + 'x'.repeat(3000), state: true };
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .end(encodeFrame(JSON.stringify(request)));
    const { device_id, msg_id } = await command.line('tcp_packet');
    const escaped = '\\x9b31m\\u202e\\u2028\\x7f';
    assert.deepEqual([device_id, msg_id], [escaped, `${escaped.padEnd(199, 'x')}…`]);
    command.child.kill('SIGINT');
    assert.doesNotMatch((await command.ended).stdout, /[\u007f-\u009f\u202e\u2028]/);
  });

  it('reports an invalid request as a warning', async () => {
    const { command, port } = await simulator(['--log-level', 'info']);
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .end('GET / HTTP/1.1\r\n\r\n');
    const { level, reason, error } = await command.line('malformed');
    assert.deepEqual([level, reason], ['WARNING', 'bad_magic']);
    assert.match(String(error), /47/);
  });

  it('--stdin: a line changes the mode, an invalid one is reported, and its end ends nothing', async () => {
    const { command, port } = await simulator(['--stdin'], 'pipe');
    type(command, 'NACK\n');
    assert.equal((await command.line('mode')).mode, 'nack');
    assert.equal((await toggle(port)).lines.at(-1)?.outcome, 'rejected');
    type(command, 'maybe\n');
    await command.said(/a line must be one of success, .*, reject-next, not "maybe"/);
    type(command, 'reject\n');
    assert.equal((await command.line('mode', 2)).mode, 'reject');
    assert.equal((await toggle(port)).lines.at(-1)?.reason, 'connection_failed');
    type(command, 'success\nreject-next\n');
    command.child.stdin?.end();
    assert.equal((await command.line('mode', 3)).mode, 'success');
    assert.equal((await command.line('listening', 2)).port, port);
    assert.equal((await toggle(port)).code, 1);
    assert.equal((await toggle(port)).code, 0);
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 0);
  });

  it('--stdin: ends on a signal while standard input is open', async () => {
    const { command } = await simulator(['--stdin'], 'pipe');
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 0);
  });

  it('--mode reject: is reported, although no port is open', async () => {
    const command = start('phase0-simulator', ['--port', 0, '--mode', 'reject']);
    const { port } = (await command.line('mode')) as { port: number };
    const { lines } = await toggle(port);
    assert.equal(lines.at(-1)?.cause, 'port_refused');
    command.child.kill('SIGINT');
    const { code, lines: told } = await command.ended;
    assert.deepEqual([code, told.at(-1)?.event, told.at(-1)?.connections], [0, 'closed', 0]);
    assert.equal(
      told.some(({ event }) => event === 'listening'),
      false,
    );
  });

  for (const args of [
    ['--port', 0],
    ['--port', 0, '--stdin'],
  ]) {
    it(`--mode reject ${args.join(' ')}: keeps running, also when standard input ends`, async () => {
      const command = start('phase0-simulator', [...args, '--mode', 'reject'], { stdio: ['ignore', 'pipe', 'pipe'] });
      const { port } = (await command.line('mode')) as { port: number };
      // Longer than a process without anything to wait for would live.
      const { lines } = await toggle(port);
      assert.equal(lines.at(-1)?.cause, 'port_refused');
      assert.equal(command.child.exitCode, null);
      command.child.kill('SIGTERM');
      assert.equal((await command.ended).code, 0);
    });
  }

  it('a port that is taken: exit 1, and why', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { code, stdout, stderr } = await run('phase0-simulator', ['--port', port]);
    blocker.close();
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^phase0-simulator: .*EADDRINUSE/);
  });

  it('ends quietly when its reader leaves', async () => {
    const { command, port } = await simulator();
    command.child.stdout?.destroy();
    await toggle(port);
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('drops lines if the reader stops, and reports how many', async () => {
    const { command, port } = await simulator();
    command.child.stdout?.pause();
    const padding = 'x'.repeat(60_000);
    const socket = connect(port, '127.0.0.1');
    for (let index = 0; index < 100; index += 1) {
      const request = { opcode: 'toggle', device_id: 'lamp', msg_id: String(index), state: true, padding };
      socket.write(encodeFrame(JSON.stringify(request)));
    }
    let replied = 0;
    for await (const reply of socket as AsyncIterable<Buffer>) {
      replied += reply.length;
      if (replied === 100 * LAB_ACK.length) break;
    }
    command.child.kill('SIGINT');
    command.child.stdout?.resume();
    const { code, lines } = await command.ended;
    const packets = lines.filter(({ event }) => event === 'tcp_packet').length;
    const [leftOut, closed] = lines.slice(-2);
    // A line has 180 kB.
    assert.ok(packets > 20 && packets < 40, String(packets));
    assert.deepEqual([leftOut?.event, leftOut?.lines], ['left_out', 100 - packets]);
    assert.deepEqual([code, closed?.event, closed?.applied], [0, 'closed', 100]);
  });

  for (const [args, sentence] of [
    [['--mode', 'broken'], /--mode must be one of success, .*, not "broken"/],
    [['--port', '65536'], /--port must be a whole number from 0 to 65535, not "65536"/],
    [['--failure-rate', '2'], /--failure-rate must be a number from 0 to 1, not "2"/],
    [['--cert', 'package.json'], /--cert needs its --key/],
    [['--ca', 'package.json'], /--ca needs --cert and --key/],
    [['--cert', 'package.json', '--key', 'package.json'], /the certificate cannot be read/],
    [['--device-port', '1'], /unknown option --device-port \(see --help\)/],
  ] as const) {
    it(`${args.join(' ')}: exit 2 and a sentence`, async () => {
      const { code, stdout, stderr } = await run('phase0-simulator', args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, sentence);
    });
  }
});
