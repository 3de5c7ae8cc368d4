import assert from 'node:assert/strict';
import { attemptOutputs, verdictError, verdictOutputs } from '../../nodes/phase0-toggle/message';
import { confirmedStatus, verdictStatus } from '../../nodes/phase0-toggle/status';
import { invalidState, readState } from '../../nodes/requested-state';
import { describeVerdict, englishWords, type Verdict } from '../../src/verdict';
import type { Message } from '../../nodes/red';

const SOURCE = { id: 'n1', type: 'phase0-toggle', name: 'lamp' };
const CONFIRMED: Verdict = {
  outcome: 'confirmed',
  deviceId: 'lamp-1',
  msgId: 'a1',
  state: true,
  attempts: 1,
  latencyMs: 12.4,
  elapsedMs: 13,
};
const { latencyMs: _, ...UNCONFIRMED } = CONFIRMED;
const UNKNOWN: Verdict = {
  ...UNCONFIRMED,
  outcome: 'unknown',
  reason: 'timeout',
  attempts: 2,
  error: 'no reply within 1500 ms',
  cause: 'no_reply',
};
const textOf = (verdict: Verdict) => describeVerdict(verdict, englishWords(verdict, { host: '10.0.0.5', port: 9000 }));
const outputs = (msg: Message, verdict: Verdict) => verdictOutputs(msg, verdict, () => textOf(verdict), SOURCE);

describe('message → state', () => {
  for (const on of [true, 1, '1', 'true', 'on', ' ON ', 'True']) {
    it(`reads ${JSON.stringify(on)} as on`, () => assert.equal(readState(on), true));
  }
  for (const off of [false, 0, '0', 'false', 'off', 'OFF\n']) {
    it(`reads ${JSON.stringify(off)} as off`, () => assert.equal(readState(off), false));
  }
  for (const flip of ['toggle', 'flip', ' Flip ']) {
    it(`reads ${JSON.stringify(flip)} as flip`, () => assert.equal(readState(flip), 'flip'));
  }
  for (const bad of [{}, null, undefined, 'maybe', 'yes', '', 2, -1, Number.NaN, [], [true], 'x'.repeat(1_000_000)]) {
    it(`refuses ${String(JSON.stringify(bad)).slice(0, 20)}`, () => {
      assert.equal(readState(bad), undefined);
      assert.match(invalidState(bad), /^state must be true, false, 1, 0, "on", "off" or "flip", not /);
      assert.ok(invalidState(bad).length < 200);
    });
  }
});

describe('verdict → outputs', () => {
  it('sends a confirmed one to output 1 with the state, and passes other properties through', () => {
    const req = { socket: 1 };
    const [success, failure, attempts] = outputs({ _msgid: 'm', payload: 'ON', topic: 't', req }, CONFIRMED);
    assert.deepEqual(success, { _msgid: 'm', payload: true, topic: 't', req, attempts: 1, phase0: CONFIRMED });
    assert.equal(success?.req, req);
    assert.deepEqual([failure, attempts], [null, null]);
  });

  it('gives the state that the device reported, if it did', () => {
    const [success] = outputs({ payload: 'on' }, { ...CONFIRMED, reportedState: false });
    assert.equal(success?.payload, false);
  });

  it('sends any other to output 2 with the payload unchanged, and the error', () => {
    const [success, failure] = outputs({ _msgid: 'm', payload: 'ON' }, UNKNOWN);
    assert.equal(success, null);
    assert.deepEqual(failure, {
      _msgid: 'm',
      payload: 'ON',
      attempts: 2,
      phase0: UNKNOWN,
      error: {
        code: 'timeout',
        message:
          'lamp-1: 10.0.0.5:9000 accepted the connection, but sent no reply within the reply timeout. Check the port and ' +
          'the device id. A slow device needs a longer reply timeout. (no reply within 1500 ms; 2 attempts; the device may ' +
          'have switched)',
        source: SOURCE,
      },
    });
  });

  it('leaves the error of an earlier try behind on output 1, but not that of another node', () => {
    const [again] = outputs({ payload: 'on', error: { message: 'earlier', source: SOURCE } }, CONFIRMED);
    assert.equal('error' in (again ?? {}), false);
    const thrower = Object.defineProperty({}, 'source', { get: () => assert.fail() });
    for (const error of ['mine', { message: 'caught', source: { type: 'function' } }, null, thrower]) {
      const [success] = outputs({ payload: 'on', error }, CONFIRMED);
      assert.equal(success?.error, error);
    }
  });

  it('escapes what the device said', () => {
    const [, failure] = outputs({}, { ...UNKNOWN, error: 'interlock\n[error] forged' });
    assert.match((failure?.error as { message: string }).message, / \(interlock\\x0a\[error\] forged; /);
  });

  it('leaves out properties that cannot be read', () => {
    const msg = {
      _msgid: 'm',
      topic: 't',
      get payload(): unknown {
        throw new Error('unreadable');
      },
    };
    const [, failure] = outputs(msg, UNKNOWN);
    assert.deepEqual(Object.keys(failure ?? {}), ['_msgid', 'topic', 'attempts', 'phase0', 'error']);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.deepEqual(Object.keys(outputs(proxy, CONFIRMED)[0] ?? {}), ['attempts', 'phase0', 'payload']);
  });

  it('passes a property called __proto__ through as a property', () => {
    const msg = JSON.parse('{"topic":"t","__proto__":{"inherited":true}}') as Message;
    const [output] = outputs(msg, CONFIRMED);
    assert.ok(output);
    assert.deepEqual(Object.getOwnPropertyDescriptor(output, '__proto__')?.value, { inherited: true });
    assert.equal(Object.getPrototypeOf(output), Object.prototype);
    assert.equal(output.phase0, CONFIRMED);
  });

  it('raises an error whose code is the reason', () => {
    const error = verdictError(UNKNOWN, textOf(UNKNOWN)) as Error & { code: string };
    assert.equal(error.code, 'timeout');
    assert.match(error.message, /may have switched/);
  });

  it('reports an attempt in a separate message', () => {
    const report = {
      deviceId: 'lamp-1',
      msgId: 'a1',
      state: true,
      attempt: 1,
      maxAttempts: 2,
      outcome: 'timeout',
      willRetry: true,
      retryInMs: 280,
      elapsedMs: 1501,
      error: 'no reply',
    } as const;
    const { error: __, ...phase0 } = report;
    assert.deepEqual(attemptOutputs({ _msgid: 'm', payload: 1, secret: 2 }, report), [
      null,
      null,
      { _msgid: 'm', payload: 1, topic: 'lamp-1', phase0 },
    ]);
  });
});

describe('verdict → status', () => {
  it('is green with state and latency when confirmed', () => {
    assert.deepEqual(verdictStatus(CONFIRMED), {
      fill: 'green',
      shape: 'dot',
      text: 'on · 12 ms',
    });
  });

  it('is red with the cause in words and the attempts when not', () => {
    assert.deepEqual(verdictStatus(UNKNOWN), {
      fill: 'red',
      shape: 'dot',
      text: 'no reply · 2 attempts',
    });
  });

  it('is the known state of the device, grey when it is from before a restart', () => {
    assert.deepEqual(confirmedStatus({ state: false, beforeRestart: false }), {
      fill: 'green',
      shape: 'dot',
      text: 'off',
    });
    assert.deepEqual(confirmedStatus({ state: true, beforeRestart: true }), {
      fill: 'grey',
      shape: 'dot',
      text: 'on (before restart)',
    });
  });
});
