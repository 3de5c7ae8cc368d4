import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CAUSE_NAMES } from '../../src/cause-names';
import { CAUSE_WORDS, causeWords } from '../../src/causes';
import { CAUSES } from '../../src/outcomes';
import { describeVerdict, droppedVerdict, englishWords } from '../../src/verdict';

describe('causes', () => {
  it('have words each, and there are no words without a cause', () => {
    assert.deepEqual(Object.keys(CAUSE_WORDS), [...CAUSES]);
    assert.deepEqual(Object.keys(CAUSE_NAMES), [...CAUSES]);
  });

  for (const cause of CAUSES) {
    it(`${cause}: a short text for a status, and whole sentences`, () => {
      const short = CAUSE_NAMES[cause];
      const { what, advice } = CAUSE_WORDS[cause];
      assert.ok(short.length > 0 && short.length <= 25, `${short.length}: ${short}`);
      assert.match(what, /^\S.*\.$/);
      assert.match(advice, /^\S.*\.$/);
    });
  }

  it('are in docs/causes.md with the same words', () => {
    const rows = readFileSync('docs/causes.md', 'utf8').matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\|$/gm);
    const documented = [...rows].map(([, cause, what, advice]) => [cause, what, advice]);
    const words = Object.entries(CAUSE_WORDS).map(([cause, { what, advice }]) =>
      [cause, what, advice].map((text) => text.replaceAll(/__(host|port)__/g, '_$1_')),
    );
    assert.deepEqual(documented, words);
  });

  it('name the address as it is, whatever is in it', () => {
    const { what } = causeWords('port_refused', { host: '$&__port__', port: 9000 });
    assert.match(what, /^\$&__port__ refuses connections on port 9000: /);
  });
});

describe('description of a verdict', () => {
  it('of a drop has its cause', () => {
    const verdict = droppedVerdict({ reason: 'queue_full', error: '5 toggles already wait', deviceId: 'lamp-1' });
    assert.equal(verdict.cause, 'queue_full');
    assert.match(
      describeVerdict(verdict, englishWords(verdict, { host: 'gateway', port: 9000 })),
      /^lamp-1: As many toggles .*\. Switch less often, .*\. \(5 toggles already wait; nothing was sent\)$/,
    );
  });

  it('without a cause is the error', () => {
    const verdict = {
      outcome: 'failed',
      reason: 'connection_failed',
      deviceId: '',
      msgId: 'm',
      attempts: 2,
      elapsedMs: 1,
      error: 'EWHATEVER',
    } as const;
    const text = describeVerdict(verdict, englishWords(verdict, { host: 'gateway', port: 9000 }));
    assert.equal(text, 'EWHATEVER (2 attempts; the device did not switch)');
  });
});
