import assert from 'node:assert/strict';
import { helpPage, readArguments } from '../../src/cli/arguments';
import { simulatorCommand } from '../../src/cli/simulator-command';
import { toggleCommand } from '../../src/cli/toggle-command';
import { workerCommand } from '../../src/cli/worker-command';
import { deviceFields } from '../../src/settings/device';
import { simulatorFields } from '../../src/settings/simulator';

const NEEDED = ['--device-id', 'lamp-1', '--device-host', 'gateway'];

function values(...argv: string[]) {
  const parsed = readArguments(toggleCommand, [...NEEDED, ...argv]);
  assert.ok(parsed.kind === 'run', JSON.stringify(parsed));
  return parsed.values;
}

function problems(...argv: string[]): readonly string[] {
  const parsed = readArguments(toggleCommand, argv);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

describe('arguments of phase0-toggle', () => {
  it('that are absent take the defaults of the device and of the command', () => {
    const { packetLog: _alwaysOn, ...device } = deviceFields;
    const defaults = Object.fromEntries(Object.entries(device).map(([name, field]) => [name, field.default]));
    const rest = { state: 'on', repeat: 1, concurrency: 1, ids: 0, trace: false, format: 'auto', logLevel: 'INFO' };
    const metrics = { metricsHost: '127.0.0.1', metricsPort: 9400 };
    const tls = { tls: false, insecure: false, ca: '', cert: '', key: '', servername: '' };
    const inventory = { inventory: '', tag: '', all: false };
    const needed = { deviceId: 'lamp-1', host: 'gateway' };
    assert.deepEqual(values(), { ...defaults, ...rest, ...metrics, ...tls, ...inventory, ...needed });
  });

  it('are separated by a space or an equals sign, and the last one counts', () => {
    const twice = values('--io-timeout-ms', '5', '--device-port=1', '--device-port=2', '--queue-mode', 'latest');
    const { ioTimeoutMs, port, queueMode } = twice;
    assert.deepEqual([ioTimeoutMs, port, queueMode], [5, 2, 'latest']);
  });

  it('are words in any case, but an id stays as it is', () => {
    const { state, logLevel, deviceId } = values('--state', 'OFF', '--log-level', 'Debug', '--device-id', 'LAMP');
    assert.deepEqual([state, logLevel, deviceId], ['off', 'DEBUG', 'LAMP']);
  });

  for (const [word, state] of [
    ['true', 'on'],
    ['1', 'on'],
    ['ON', 'on'],
    ['False', 'off'],
    ['0', 'off'],
    ['flip', 'flip'],
  ] as const) {
    it(`--state ${word} is ${state}`, () => assert.equal(values('--state', word).state, state));
  }

  it('may begin with a dash after an equals sign', () => {
    assert.equal(values('--device-id=-lamp').deviceId, '-lamp');
  });

  it('that are invalid are named as on the command line, each with what is accepted', () => {
    assert.deepEqual(problems('--device-port', '70000', '--state', 'maybe', '--device-host', 'h'), [
      '--device-id is required: text of 1 to 128 characters',
      '--device-port must be a whole number from 1 to 65535, not "70000"',
      '--state must be one of on, true, 1, off, false, 0, flip, not "maybe"',
    ]);
    assert.deepEqual(problems(...NEEDED, '--max-attempts', '-1'), [
      '--max-attempts must be a whole number from 1 to 10, not "-1"',
    ]);
  });

  const wrong: readonly (readonly [args: readonly string[], problem: RegExp])[] = [
    [['--prot', '1'], /^unknown option --prot \(see --help\)$/],
    [['--prot=1'], /^unknown option --prot \(see --help\)$/],
    [['-p', '1'], /^unknown option -p \(see --help\)$/],
    [['-tls'], /^unknown option -t \(see --help\)$/],
    [['--__proto__', '1'], /^unknown option --__proto__ \(see --help\)$/],
    [['--constructor'], /^unknown option --constructor \(see --help\)$/],
    [['--no-tls'], /^unknown option --no-tls \(see --help\)$/],
    [['--deviceId', 'a'], /^unknown option --deviceId \(did you mean --device-id\?\)$/],
    [['--device-hots', 'a'], /^unknown option --device-hots \(did you mean --device-host\?\)$/],
    [[`--${'x'.repeat(10_000)}`], /^unknown option --x+… \(see --help\)$/],
    [['lamp'], /^unexpected argument "lamp" \(see --help\)$/],
    [['--', '--tls'], /^unexpected argument "--tls" \(see --help\)$/],
    [['--state'], /^--state needs a value: one of on, true, 1, off, false, 0, flip$/],
    [['--state', '--repeat', '3'], /^--state needs a value: one of on, true, 1, off, false, 0, flip$/],
    [['--state', ''], /^--state needs a value: one of on, true, 1, off, false, 0, flip$/],
    [['--ca', ''], /^--ca needs a value: the path of a file in PEM$/],
    [['--tls=yes'], /^--tls takes no value, not "yes"$/],
  ];
  for (const [args, problem] of wrong) {
    it(`refuses ${args.join(' ') || 'nothing'}, in one sentence`, () => {
      const [sentence = '', ...more] = problems(...NEEDED, ...args);
      assert.match(sentence, problem);
      assert.deepEqual(more, []);
    });
  }

  for (const [args, kind] of [
    [['--help'], 'help'],
    [['--state', 'on', '-h'], 'help'],
    [['--version'], 'version'],
  ] as const) {
    it(`${args.join(' ')} asks for ${kind}, whatever is missing`, () => {
      assert.deepEqual(readArguments(toggleCommand, args), { kind });
    });
  }
});

describe('arguments of phase0-simulator', () => {
  it('are the settings of the device, and need nothing', () => {
    const parsed = readArguments(simulatorCommand, ['--failure-rate', '.25', '--stdin']);
    assert.ok(parsed.kind === 'run');
    const defaults = Object.fromEntries(Object.entries(simulatorFields).map(([name, field]) => [name, field.default]));
    const rest = {
      inventory: '',
      cert: '',
      key: '',
      ca: '',
      stdin: true,
      trace: false,
      format: 'auto',
      logLevel: 'INFO',
    };
    assert.deepEqual(parsed.values, { ...defaults, ...rest, failureRate: 0.25 });
  });
});

describe('arguments of phase0-worker', () => {
  const read = (...argv: string[]) =>
    readArguments({ ...workerCommand, environment: { AMQP_URL: 'amqp://u:sEcret@h', WORKERS: '3', EMPTY: '' } }, argv);

  it('are those of the environment where they name it', () => {
    const parsed = read('--amqp-url', '${AMQP_URL}', '--workers', '${WORKERS}', '--index=${INDEX}');
    assert.deepEqual(parsed, {
      kind: 'invalid',
      problems: [
        '--index must be a whole number from 0 to 9999 (from 0, below --workers), not "${INDEX}" (environment variable INDEX is not set)',
      ],
    });
    const other = read('--amqp-url', '${AMQP_URL}', '--workers', '${WORKERS}');
    assert.ok(other.kind === 'run');
    assert.deepEqual(
      [other.values.amqpUrl, other.values.workers, other.values.partitions],
      ['amqp://u:sEcret@h', 3, 12],
    );
  });

  it('have no secret in a problem', () => {
    for (const argv of [
      ['amqp://u:sEcret@h'],
      ['--amqp-ulr', 'amqp://u:sEcret@h'],
      ['--setup', '--', 'amqp://u:sEcret@h'],
      ['--amqp-url', 'amqp://u:sEcret@h', '--index', 'x'],
      ['--amqp-url', '${EMPTY}'],
    ]) {
      const parsed = read(...argv);
      assert.equal(parsed.kind, 'invalid', argv.join(' '));
      assert.doesNotMatch(JSON.stringify(parsed), /sEcret/);
    }
  });
});

describe('--help', () => {
  for (const command of [toggleCommand, simulatorCommand, workerCommand] as const) {
    const page = helpPage<typeof command.fields>(command);

    it(`of ${command.name} shows every option, with what is accepted and the default`, () => {
      const flat = page.replaceAll(/\s+/g, ' ');
      for (const [name, field] of Object.entries(command.fields)) {
        const { accepts, required, default: fallback } = field;
        const after = required ? '; required' : fallback === '' ? '' : `; default ${fallback}`;
        assert.ok(page.includes(command.texts[name as keyof typeof command.texts]), name);
        if (fallback !== false) assert.ok(flat.includes(` ${accepts}${after} `), `${name}: ${accepts}${after}`);
      }
    });

    it(`of ${command.name} has usage, examples and exit codes, and no line too wide for most terminals`, () => {
      assert.ok(page.startsWith(`Usage: ${command.name} `));
      for (const part of ['Examples:', 'Exit code:', '  --version']) assert.ok(page.includes(`\n${part}`), part);
      for (const line of page.split('\n')) assert.ok(line.length <= 120, line);
    });

    it(`of ${command.name} has examples that are accepted`, () => {
      const [, examples = ''] = page.split('\nExamples:\n');
      const [own = ''] = examples.split('\n\n');
      for (const line of own.split('\n')) {
        const [name, ...argv] = line.replace(/ \|.*/, '').trim().split(' ');
        assert.equal(name, command.name);
        assert.equal(readArguments<typeof command.fields>(command, argv).kind, 'run', line);
      }
    });
  }
});
