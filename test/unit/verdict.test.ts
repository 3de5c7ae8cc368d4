import assert from 'node:assert/strict';
import { describeVerdict, englishWords, type Verdict } from '../../src/verdict';

const describeInEnglish = (verdict: Verdict) =>
  describeVerdict(verdict, englishWords(verdict, { host: 'gateway', port: 9000 }));

const REJECTED: Verdict = {
  outcome: 'rejected',
  reason: 'rejected',
  deviceId: 'lamp-1',
  msgId: 'm1',
  state: true,
  attempts: 1,
  elapsedMs: 5,
  error: 'interlock open',
};

describe('verdict in words', () => {
  it('says whose it is, why, and what it means', () => {
    assert.equal(describeInEnglish(REJECTED), 'lamp-1: interlock open (the device did not switch)');
    const { error: _, ...noError } = REJECTED;
    assert.equal(
      describeInEnglish({ ...noError, deviceId: '', attempts: 2 }),
      'rejected (2 attempts; the device did not switch)',
    );
  });

  it('escapes what the device said, and cuts it, so that it cannot forge a line of a log or a terminal', () => {
    const text = describeInEnglish({
      ...REJECTED,
      deviceId: 'lamp\n1',
      error: `ok\r\n[info] confirmed \u001b[2J\u009b1A\u202e${'x'.repeat(60_000)}`,
    });
    assert.match(text, /^lamp\\x0a1: ok\\x0d\\x0a\[info\] confirmed \\x1b\[2J\\x9b1A\\u202exx/);
    assert.doesNotMatch(text, /[\p{Cc}\u202e]/u);
    assert.ok(text.length < 300);
  });
});
