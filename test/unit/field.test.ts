import assert from 'node:assert/strict';
import { choice, decimal, flag, parseSettings, problemWith, text } from '../../src/settings/field';
import { show } from '../../src/settings/show';
import { deviceFields } from '../../src/settings/device';
import { processorMs } from '../support/processor-time';

const VALID = { deviceId: 'lamp-1', host: '127.0.0.1' };

const problems = (raw: Record<string, unknown>): readonly string[] => {
  const parsed = parseSettings(deviceFields, { ...VALID, ...raw });
  return parsed.ok ? [] : parsed.problems;
};

describe('settings', () => {
  it('take the defaults of the protocol', () => {
    const parsed = parseSettings(deviceFields, VALID);
    assert.deepEqual(parsed, {
      ok: true,
      settings: {
        deviceId: 'lamp-1',
        host: '127.0.0.1',
        port: 9000,
        connection: 'per-toggle',
        reply: 'auto',
        connectTimeoutMs: 1000,
        ioTimeoutMs: 1500,
        maxAttempts: 2,
        backoffBaseMs: 250,
        backoffMaxMs: 5000,
        jitterMs: 100,
        queueMode: 'fifo',
        queueLimit: 100,
        queueTtlMs: 0,
        breakerFailures: 0,
        breakerResetMs: 10_000,
        packetLog: false,
      },
    });
  });

  it('accept numbers as the editor and the environment give them: as text', () => {
    const parsed = parseSettings(deviceFields, { ...VALID, port: ' 9001 ', packetLog: 'true' });
    assert.ok(parsed.ok);
    assert.equal(parsed.settings.port, 9001);
    assert.equal(parsed.settings.packetLog, true);
  });

  it('name the setting, the value and what is accepted', () => {
    assert.deepEqual(problems({ port: 'abc' }), ['port must be a whole number from 1 to 65535, not "abc"']);
    assert.deepEqual(problems({ port: '70000' }), ['port must be a whole number from 1 to 65535, not "70000"']);
    assert.deepEqual(problems({ reply: 'maybe' }), ['reply must be one of auto, any, framed, not "maybe"']);
  });

  it('refuse invalid whole numbers: fractions, signs, hex, blanks, NaN', () => {
    for (const port of ['1.5', '-1', '0x10', '', ' ', '1e3', Number.NaN, Infinity, 1.5, 0, true, {}, []]) {
      assert.equal(problems({ port }).length, 1, show(port));
    }
  });

  it('take a fraction only where one is accepted', () => {
    const share = decimal({ default: 0.5, min: 0, max: 1 });
    for (const [raw, value] of [
      ['0.25', 0.25],
      [' .5 ', 0.5],
      ['1', 1],
      [0, 0],
    ] as const) {
      assert.equal(share.read(raw), value, show(raw));
    }
    for (const raw of ['1.', '1.01', '-0', '1e-1', '', 2, Number.NaN, '0,5', null, true]) {
      assert.equal(share.read(raw), undefined, show(raw));
    }
  });

  it('reject a long run of digits in linear time', () => {
    const share = decimal({ default: 0.5, min: 0, max: 1 });
    const tookMs = processorMs(() => assert.equal(share.read(`${'1'.repeat(80_000)}x`), undefined));
    // The quadratic pattern took seconds.
    assert.ok(tookMs < 500, `${tookMs} ms`);
  });

  const revoked = (target: object): object => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };

  for (const [raw, shown] of [
    [null, 'null'],
    [undefined, 'undefined'],
    ['lamp', '"lamp"'],
    [7, '7'],
    [() => 1, 'a function'],
    [[VALID], 'an array'],
    [Buffer.from('lamp'), 'a Buffer'],
    [new Proxy([], {}), 'an array'],
    [revoked({}), 'an object that cannot be read'],
  ] as const) {
    it(`that are no object are one clear problem: ${shown}`, () => {
      const parsed = parseSettings(deviceFields, raw as unknown as Record<string, unknown>);
      assert.deepEqual(parsed, { ok: false, problems: [`settings must be an object, not ${shown}`] });
    });
  }

  it('that throw when they are read are a problem: one setting by its name, all of them as one', () => {
    const fail = () => {
      throw new Error('getter');
    };
    const port = Object.defineProperty({ ...VALID }, 'port', { enumerable: true, get: fail });
    assert.deepEqual(parseSettings(deviceFields, port), {
      ok: false,
      problems: ['port must be a whole number from 1 to 65535, and cannot be read'],
    });
    assert.deepEqual(parseSettings(deviceFields, new Proxy({}, { get: fail })), {
      ok: false,
      problems: ['settings must be an object, not an object that cannot be read'],
    });
  });

  for (const [kind, value] of [
    ['a Buffer', Buffer.from('9000')],
    ['an array of bytes', new Uint8Array(4)],
    ['a String object', Object('lamp-1')],
    ['a Number object', Object(9000)],
    ['a Boolean object', Object(true)],
    ['an array', ['9000']],
    ['a Date', new Date(0)],
    ['an object', { value: '9000' }],
    ['an object that cannot be read', revoked([])],
    ['a bigint', 10n ** 1000n],
    ['a symbol', Symbol('lamp')],
    ['a function', () => '9000'],
  ] as const) {
    it(`refuse ${kind} in words, whatever the field`, () => {
      for (const name of ['deviceId', 'host', 'port', 'reply', 'packetLog'] as const) {
        const { accepts } = deviceFields[name];
        assert.deepEqual(problems({ [name]: value }), [`${name} must be ${accepts}, not ${kind}`]);
      }
    });
  }

  it('count the characters of a text, and trim it, where it is declared so', () => {
    const [plain, trimmed] = [text({ max: 3 }), text({ min: 1, max: 3, trim: true })];
    assert.deepEqual([plain.read(' ab'), plain.read(' abc'), plain.read('')], [' ab', undefined, '']);
    assert.deepEqual([trimmed.read(' abc '), trimmed.read('  '), trimmed.read(5)], ['abc', undefined, undefined]);
  });

  it('take the very words of a choice and of a flag, and ignore space around them', () => {
    const [mode, on] = [choice(['fifo', 'latest'], 'fifo'), flag(true)];
    assert.deepEqual(
      ['latest', ' fifo', 'latest\r\n', 'LATEST', 'la test', 0, ['fifo']].map((raw) => mode.read(raw)),
      ['latest', 'fifo', 'latest', ...Array.from({ length: 4 })],
    );
    assert.deepEqual(
      ['true', 'false\r', false, 'TRUE', 1, ''].map((raw) => on.read(raw)),
      [true, false, false, ...Array.from({ length: 3 })],
    );
  });

  it('say so when an environment variable is not set', () => {
    assert.deepEqual(problems({ port: '${LAMP_PORT}' }), [
      'port must be a whole number from 1 to 65535, not "${LAMP_PORT}" (environment variable LAMP_PORT is not set)',
    ]);
    assert.equal(problems({ host: '${LAMP_HOST}' }).length, 1);
  });

  for (const value of ['lamp-${N}', '${ N }', '${N} ', '${A}${B}', 'a ${} b']) {
    it(`never take a reference to a variable for text: ${value}`, () => {
      const found = problems({ deviceId: value }).join();
      assert.match(found, /^deviceId must be text .* \(environment variable \w* is not set/);
    });
  }

  it('take a reference for text where it is declared so, unless it is all there is', () => {
    const expression = text({ max: 100, mayHoldReferences: true });
    assert.equal(expression.read('"lamp-${N}"'), '"lamp-${N}"');
    assert.equal(expression.read('${N}'), undefined);
  });

  for (const value of ['lamp-\ud800', '\udc00lamp', 'a\udc00\ud800b']) {
    it(`refuse half of a surrogate pair: ${JSON.stringify(value)}`, () => {
      assert.deepEqual(problems({ deviceId: value }), [
        `deviceId must be text of 1 to 128 characters, not ${JSON.stringify(value)} (it holds half of a surrogate pair, which is no character)`,
      ]);
    });
  }

  it('take whole surrogate pairs', () => assert.deepEqual(problems({ deviceId: 'lamp-💡' }), []));

  it('look for references and surrogates in linear time', () => {
    const tookMs = processorMs(() => {
      for (const part of ['${', '${a', '$', '${ ', '\udc00']) problems({ deviceId: part.repeat(100_000) });
    });
    assert.ok(tookMs < 1000, `${tookMs} ms`);
  });

  it('report every wrong setting, not just the first', () => {
    assert.equal(problems({ port: 0, maxAttempts: 11, queueMode: 'lifo' }).length, 3);
  });

  it('require device id and host', () => {
    assert.deepEqual(problems({ deviceId: '', host: '' }), [
      'deviceId is required: text of 1 to 128 characters',
      'host is required: a name or IP address such as lamp.local, 192.168.1.20 or ::1, without http://, :port, brackets or spaces',
    ]);
  });

  it('bound a device id at 128 characters', () => {
    assert.equal(problemWith('deviceId', deviceFields.deviceId, 'x'.repeat(128)), undefined);
    assert.ok(problemWith('deviceId', deviceFields.deviceId, 'x'.repeat(129)));
  });
});

describe('a value in an error message', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;

  for (const [value, shown] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    ['maybe', '"maybe"'],
    [{ on: 1 }, 'an object'],
    [circular, 'an object'],
    [10n, 'a bigint'],
    [() => 1, 'a function'],
  ] as const) {
    it(`shows ${shown}`, () => assert.equal(show(value), shown));
  }

  it('is cut short when long', () => {
    const shown = show('x'.repeat(1_000_000));
    assert.ok(shown.length < 100);
    assert.match(shown, /… \(1000000 characters\)$/);
  });

  it('has the length of the value, without the quotes and escapes of its JSON', () => {
    assert.match(show('\n'.repeat(50)), /… \(50 characters\)$/);
    const problem = problemWith('deviceId', deviceFields.deviceId, 'x'.repeat(129));
    assert.match(problem ?? '', /^deviceId must be text of 1 to 128 characters, not "x+… \(129 characters\)$/);
  });
});

describe('host of a device', () => {
  const { host } = deviceFields;
  for (const value of [
    'lamp',
    'lamp.local',
    ' lamp ',
    '192.168.1.20',
    '::1',
    'fe80::1%eth0',
    '2001:db8::7',
    '::ffff:10.0.0.5',
  ]) {
    it(`takes ${value}`, () => assert.equal(host.read(value), value.trim()));
  }
  for (const value of [
    'http://lamp.local',
    'lamp:9000',
    '192.168.1.20:9000',
    '[::1]',
    '[::1]:9000',
    'two lamps',
    'lamp/on',
    'user@lamp',
    'a,b',
    ':9000',
    'x'.repeat(254),
    '${HOST}',
    17,
  ]) {
    it(`refuses ${String(value).slice(0, 30)}, and says how to write it`, () => {
      assert.match(
        problemWith('host', host, value) ?? '',
        /^host must be a name or IP address such as .*, without http:\/\/, :port, brackets or spaces, not /,
      );
    });
  }
});
