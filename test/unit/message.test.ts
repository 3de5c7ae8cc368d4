import assert from 'node:assert/strict';
import {
  attemptOutputs,
  invalidState,
  readState,
  verdictError,
  verdictOutputs,
} from '../../nodes/phase0-toggle/message';
import { confirmedStatus, verdictStatus } from '../../nodes/phase0-toggle/status';
import type { Verdict } from '../../src/verdict';

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
};
const translate = (key: string, values: Readonly<Record<string, unknown>>) => `${key} ${JSON.stringify(values)}`;

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
    const [success, failure, attempts] = verdictOutputs(
      { _msgid: 'm', payload: 'ON', topic: 't', req },
      CONFIRMED,
      SOURCE,
    );
    assert.deepEqual(success, { _msgid: 'm', payload: true, topic: 't', req, attempts: 1, phase0: CONFIRMED });
    assert.equal(success?.req, req);
    assert.deepEqual([failure, attempts], [null, null]);
  });

  it('gives the state that the device reported, if it did', () => {
    const [success] = verdictOutputs({ payload: 'on' }, { ...CONFIRMED, reportedState: false }, SOURCE);
    assert.equal(success?.payload, false);
  });

  it('sends any other to output 2 with the payload unchanged, and the error', () => {
    const [success, failure] = verdictOutputs({ _msgid: 'm', payload: 'ON' }, UNKNOWN, SOURCE);
    assert.equal(success, null);
    assert.deepEqual(failure, {
      _msgid: 'm',
      payload: 'ON',
      attempts: 2,
      phase0: UNKNOWN,
      error: {
        code: 'timeout',
        message: 'lamp-1: no reply within 1500 ms (2 attempts, the device may have switched)',
        source: SOURCE,
      },
    });
  });

  it('leaves an error of an earlier node behind on output 1', () => {
    const [success] = verdictOutputs({ payload: 'on', error: { message: 'earlier' } }, CONFIRMED, SOURCE);
    assert.equal('error' in (success ?? {}), false);
  });

  it('escapes what the device said', () => {
    const [, failure] = verdictOutputs({}, { ...UNKNOWN, error: 'interlock\n[error] forged' }, SOURCE);
    assert.match((failure?.error as { message: string }).message, /^lamp-1: interlock\\x0a\[error\] forged \(/);
  });

  it('leaves out properties that cannot be read', () => {
    const msg = {
      _msgid: 'm',
      topic: 't',
      get payload(): unknown {
        throw new Error('unreadable');
      },
    };
    const [, failure] = verdictOutputs(msg, UNKNOWN, SOURCE);
    assert.deepEqual(Object.keys(failure ?? {}), ['_msgid', 'topic', 'attempts', 'phase0', 'error']);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.deepEqual(Object.keys(verdictOutputs(proxy, CONFIRMED, SOURCE)[0] ?? {}), ['attempts', 'phase0', 'payload']);
  });

  it('raises an error whose code is the reason', () => {
    const error = verdictError(UNKNOWN) as Error & { code: string };
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
    assert.deepEqual(verdictStatus(CONFIRMED, translate), {
      fill: 'green',
      shape: 'dot',
      text: 'confirmed {"state":"on {}","ms":12}',
    });
  });

  it('is red with reason and attempts when not', () => {
    assert.deepEqual(verdictStatus(UNKNOWN, translate), {
      fill: 'red',
      shape: 'dot',
      text: 'failed {"reason":"timeout","attempts":2}',
    });
  });

  it('is the known state of the device, grey when it is from before a restart', () => {
    assert.deepEqual(confirmedStatus({ state: false, beforeRestart: false }, translate), {
      fill: 'green',
      shape: 'dot',
      text: 'off {}',
    });
    assert.deepEqual(confirmedStatus({ state: true, beforeRestart: true }, translate), {
      fill: 'grey',
      shape: 'dot',
      text: 'beforeRestart {"state":"on {}"}',
    });
  });

  it('is a red ring for a setting', () => {
    const verdict: Verdict = {
      outcome: 'dropped',
      reason: 'invalid_settings',
      deviceId: '',
      msgId: '',
      attempts: 0,
      elapsedMs: 0,
      error: 'port must be …',
    };
    assert.equal(verdictStatus(verdict, translate).shape, 'ring');
  });
});
