/** phase0-toggle as a process against a real device: lines, exit codes, wrong arguments. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { lampAt, run } from '../support/command';
import { useSimulator } from '../support/fixtures';
import { refusedPort } from '../support/loopback';

const QUICK = ['--backoff-base-ms', 0, '--jitter-ms', 0, '--metrics-port', 0] as const;
const PACKET_FIELDS = [
  'ts',
  'level',
  'message',
  'event',
  'direction',
  'msg_id',
  'device_id',
  'raw_packet_hex',
  'elapsed_ms',
  'outcome',
  'attempt',
];

describe('phase0-toggle', () => {
  const simulator = useSimulator();
  const to = (port: number, ...more: (string | number)[]) => run('phase0-toggle', [...lampAt(port), ...QUICK, ...more]);
  const toggle = (...more: (string | number)[]) => to(simulator().port, ...more);

  it('confirmed: exit 0, a line for each packet and one for the verdict, nothing for people', async () => {
    const { code, lines, stderr } = await toggle();
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const [sent = {}, received = {}, verdict = {}] = lines;
    assert.equal(lines.length, 3);
    for (const line of [sent, received]) assert.deepEqual(Object.keys(line), PACKET_FIELDS);
    const [packet] = simulator().receivedPackets;
    assert.equal(String(sent.raw_packet_hex).replaceAll(' ', ''), packet?.raw.toString('hex'));
    assert.deepEqual(
      [sent, received].map(({ level, event, direction, outcome, attempt }) => ({
        level,
        event,
        direction,
        outcome,
        attempt,
      })),
      ['send', 'recv'].map((direction) => ({
        level: 'INFO',
        event: 'tcp_packet',
        direction,
        outcome: 'success',
        attempt: 1,
      })),
    );
    assert.equal(received.raw_packet_hex, '41 43 4b');
    const { ts, elapsed_ms, latency_ms, ...rest } = verdict;
    assert.ok(Number.isFinite(Date.parse(String(ts))));
    assert.ok(Number(latency_ms) > 0 && Number(latency_ms) <= Number(elapsed_ms));
    assert.deepEqual(rest, {
      level: 'INFO',
      message: 'Toggle confirmed',
      event: 'verdict',
      msg_id: packet?.payload.msg_id,
      device_id: 'lamp',
      state: true,
      outcome: 'confirmed',
      attempts: 1,
    });
  });

  it('--state off switches off', async () => {
    assert.equal((await toggle('--state', 'off')).code, 0);
    assert.equal(simulator().states.get('lamp'), false);
  });

  it('shows the state that the device reports', async () => {
    simulator().reply = 'framed';
    assert.equal((await toggle('--reply', 'framed')).lines.at(-1)?.reported_state, true);
  });

  it('not confirmed: exit 1, the verdict as an error, and a sentence for people', async () => {
    const { code, lines, stderr } = await to(await refusedPort());
    assert.equal(code, 1);
    const { level, outcome, reason, attempts } = lines.at(-1) ?? {};
    assert.deepEqual(
      { level, outcome, reason, attempts },
      { level: 'ERROR', outcome: 'failed', reason: 'connection_failed', attempts: 2 },
    );
    assert.match(
      stderr,
      /^phase0-toggle: lamp: 127\.0\.0\.1 refuses connections on port \d+: .* Check the port.*\(.*ECONNREFUSED.*; 2 attempts; the device did not switch\)\n$/,
    );
  });

  it('logs each attempt at DEBUG, and at ERROR only a verdict that is not confirmed', async () => {
    await simulator().setMode('timeout');
    const attempts = ['--io-timeout-ms', 20, '--max-attempts', 3];
    const debug = await toggle('--log-level', 'debug', ...attempts);
    assert.deepEqual(
      debug.lines
        .filter(({ event }) => event === 'attempt')
        .map(({ level, attempt, outcome, will_retry }) => [level, attempt, outcome, will_retry]),
      [1, 2, 3].map((attempt) => ['DEBUG', attempt, 'timeout', attempt < 3]),
    );
    const error = await toggle('--log-level', 'ERROR', ...attempts);
    assert.deepEqual(
      error.lines.map(({ event, outcome, reason }) => [event, outcome, reason]),
      [['verdict', 'unknown', 'timeout']],
    );
    assert.match(error.stderr, /^phase0-toggle: lamp: .*; 3 attempts; the device may have switched\)\n$/);
    const warning = await toggle('--log-level', 'warning', ...attempts);
    assert.deepEqual(
      warning.lines.map(({ event }) => event),
      ['tcp_packet', 'tcp_packet', 'tcp_packet', 'verdict'],
    );
  });

  it('reports an invalid reply', async () => {
    await simulator().setMode('garbage');
    const { code, lines } = await toggle('--max-attempts', 1);
    assert.equal(code, 1);
    const { level, msg_id } = lines.find(({ event }) => event === 'decode_error') ?? {};
    assert.deepEqual([level, msg_id], ['WARNING', lines.at(-1)?.msg_id]);
    assert.equal(lines.at(-1)?.reason, 'bad_reply');
  });

  it('refused: exit 1, tried once', async () => {
    await simulator().setMode('nack');
    const { code, lines, stderr } = await toggle();
    assert.deepEqual([code, lines.at(-1)?.outcome, lines.at(-1)?.attempts], [1, 'rejected', 1]);
    assert.match(stderr, /^phase0-toggle: lamp: .*; the device did not switch\)\n$/);
  });

  const wrong: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
    [['--prot', '1'], /unknown option --prot \(see --help\)/],
    [['--state', 'maybe'], /--state must be one of on, true, 1, off, false, 0, flip, not "maybe"/],
    [['--max-attempts', '0'], /--max-attempts must be a whole number from 1 to 10, not "0"/],
    [['--log-level', 'loud'], /--log-level must be one of DEBUG, INFO, WARNING, ERROR, not "loud"/],
    [['--metrics-port'], /--metrics-port needs a value: a whole number from 0 to 65535/],
    [['--device-id', ''], /--device-id needs a value: text of 1 to 128 characters/],
    [['--tls', '--ca', '/nowhere/ca.pem'], /--ca must be a file that can be read: ENOENT.*\/nowhere\/ca\.pem/],
    [['--tls', '--ca', 'package.json'], /ca is not a certificate in PEM/],
    [['--tls', '--cert', 'package.json'], /--cert needs its --key/],
    [['--ca', 'package.json'], /--ca needs --tls/],
    [['--insecure'], /--insecure needs --tls/],
    [
      ['--repeat', '2', '--concurrency', '2', '--device-id', 'x'.repeat(128)],
      /--device-id with its number must be text of 1 to 128/,
    ],
  ];
  for (const [args, sentence] of wrong) {
    it(`${args.join(' ').slice(0, 60)}: exit 2, a sentence and a hint, nothing sent`, async () => {
      const { code, stdout, stderr } = await toggle(...args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      const [message = '', hint, ...more] = stderr.trimEnd().split('\n');
      assert.match(message, sentence);
      assert.ok(message.startsWith('phase0-toggle: '));
      assert.equal(hint, 'phase0-toggle: see phase0-toggle --help');
      assert.deepEqual(more, []);
      assert.equal(simulator().connectionCount, 0);
    });
  }

  it('without arguments: exit 2, and what is required', async () => {
    const { code, stderr } = await run('phase0-toggle', []);
    assert.equal(code, 2);
    assert.match(stderr, /--device-id is required.*\n.*--device-host is required/);
  });

  it('--help and --version: exit 0, on standard output', async () => {
    const help = await run('phase0-toggle', ['--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: phase0-toggle --device-id D --device-host H \[options\]\n/);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const shown = await run('phase0-toggle', ['--version']);
    assert.deepEqual([shown.code, shown.stdout], [0, `${version}\n`]);
  });
});

describe('phase0-toggle --repeat', () => {
  const simulator = useSimulator();
  const load = (...more: (string | number)[]) => {
    const device = lampAt(simulator().port);
    return run('phase0-toggle', [...device, ...QUICK, '--repeat', 24, ...more]);
  };
  const idsSeen = () => simulator().receivedPackets.map(({ payload }) => String(payload.device_id));

  it('switches one device again and again, each time by another msg_id; closes with a table, and no bar', async () => {
    const { code, lines, stderr } = await load();
    assert.equal(code, 0);
    assert.deepEqual(new Set(idsSeen()), new Set(['lamp']));
    assert.equal(new Set(simulator().receivedPackets.map(({ payload }) => payload.msg_id)).size, 24);
    assert.equal(lines.filter(({ event }) => event === 'verdict').length, 24);
    assert.match(
      stderr,
      /^24 toggles in \d+\.\d\d s, \d+ per second\n\noutcome +toggles +share\nconfirmed +24 +100\.0 %\n\nlatency, ms +p50 +p95 +p99 +max\nconfirmed( +\d+\.\d\d){4}\n$/,
    );
    assert.ok(!stderr.includes('\r'));
    const { toggles, outcomes, latency_ms } = lines.at(-1) ?? {};
    assert.deepEqual(
      [toggles, outcomes, Object.keys(latency_ms ?? {})],
      [24, { confirmed: 24 }, ['p50', 'p95', 'p99', 'max']],
    );
  });

  it('--concurrency takes as many device ids', async () => {
    assert.equal((await load('--concurrency', 3)).code, 0);
    assert.deepEqual(new Set(idsSeen()), new Set(['lamp-1', 'lamp-2', 'lamp-3']));
  });

  it('--ids 1 sends all toggles to one device, where they wait by its own settings', async () => {
    const { code, stderr } = await load('--concurrency', 8, '--ids', 1, '--queue-limit', 0, '--log-level', 'error');
    assert.equal(code, 1);
    assert.deepEqual(new Set(idsSeen()), new Set(['lamp']));
    assert.match(stderr, /\ndropped\/queue_full +\d+ /);
  });

  it('--state flip alternates', async () => {
    assert.equal((await load('--state', 'flip')).code, 0);
    const states = simulator().receivedPackets.map(({ payload }) => payload.state);
    assert.deepEqual(
      states,
      states.map((_, index) => index % 2 === 0),
    );
  });

  it('exit 1 when one of them is not confirmed', async () => {
    simulator().rejectNextConnection();
    const { code, stderr } = await load('--max-attempts', 1);
    assert.equal(code, 1);
    assert.match(stderr, /\nconfirmed +23 +95\.8 %\n(unknown|failed)\/\w+ +1 +4\.2 %\n/);
  });

  it('shares a persistent connection', async () => {
    simulator().reply = 'framed';
    assert.equal((await load('--connection', 'persistent', '--concurrency', 4)).code, 0);
    assert.equal(simulator().connectionCount, 1);
  });
});
