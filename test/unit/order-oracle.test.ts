/** The oracle of the order tests finds each kind of broken promise. */
import assert from 'node:assert/strict';
import type { VerdictOutcome } from '../../src/outcomes';
import { brokenPromises, type AskedToggle } from '../support/order-oracle';
import type { RecordedCommand } from '../support/recording-device';

const deviceId = 'lamp';

function asked(msgId: string, ...verdicts: (readonly [VerdictOutcome, sequence: number])[]): AskedToggle {
  const base = { deviceId, msgId, state: true };
  return {
    ...base,
    verdicts: verdicts.map(([outcome, sequence]) => ({
      verdict: { ...base, outcome, attempts: 1, elapsedMs: 1 },
      sequence,
    })),
  };
}

function arrived(msgId: string, sequence: number, kind: RecordedCommand['kind'] = 'applied'): RecordedCommand {
  return { deviceId, msgId, state: true, sequence, kind };
}

describe('order oracle', () => {
  for (const [name, toggles, record, expected] of [
    ['all is well', [asked('a', ['confirmed', 2]), asked('b', ['failed', 3])], [arrived('a', 1)], []],
    ['no verdict', [asked('a')], [], ['lamp a (on) has 0 verdicts']],
    ['two verdicts', [asked('a', ['failed', 1], ['failed', 2])], [], ['lamp a (on) has 2 verdicts']],
    [
      'confirmed too early',
      [asked('a', ['confirmed', 1])],
      [arrived('a', 2)],
      ['lamp a (on) was confirmed, but not applied before'],
    ],
    [
      'confirmed, but refused',
      [asked('a', ['confirmed', 2])],
      [arrived('a', 1, 'refused')],
      ['lamp a (on) was confirmed, but not applied before'],
    ],
    [
      'rejected, but applied',
      [asked('a', ['rejected', 2])],
      [arrived('a', 1)],
      ['lamp a (on) was rejected, but not refused before'],
    ],
    [
      'failed, but applied',
      [asked('a', ['failed', 1])],
      [arrived('a', 2)],
      ['lamp a (on) is failed/undefined, but the device received it'],
    ],
    [
      'dropped, but applied',
      [asked('a', ['dropped', 1])],
      [arrived('a', 2)],
      ['lamp a (on) is dropped/undefined, but the device received it'],
    ],
    [
      'applied twice',
      [asked('a', ['confirmed', 3])],
      [arrived('a', 1), arrived('a', 2)],
      ['lamp a (on) was applied 2 times'],
    ],
    ['never asked for', [], [arrived('x', 1)], ['lamp x (on) arrived, and was never asked for']],
    [
      'an older one after a newer one was confirmed',
      [asked('a', ['unknown', 1]), asked('b', ['confirmed', 3])],
      [arrived('b', 2), arrived('a', 4)],
      ['lamp a (on) was applied after the newer b was confirmed'],
    ],
    [
      'an older one after a newer one had arrived',
      [asked('a', ['unknown', 1]), asked('b', ['unknown', 9])],
      [arrived('b', 2), arrived('a', 4)],
      ['lamp a (on) was applied after the newer b had arrived'],
    ],
    [
      'an older one that arrives again',
      [asked('a', ['confirmed', 2]), asked('b', ['confirmed', 4])],
      [arrived('a', 1), arrived('b', 3), arrived('a', 5, 'repeated')],
      ['lamp a (on) was repeated after the newer b was confirmed'],
    ],
  ] as const satisfies readonly (readonly [
    string,
    readonly AskedToggle[],
    readonly RecordedCommand[],
    readonly string[],
  ])[]) {
    it(name, () => assert.deepEqual(brokenPromises(toggles, record), expected));
  }
});
