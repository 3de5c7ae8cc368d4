/** Group runs: order, limits, and one verdict whatever happens to the members. */
import assert from 'node:assert/strict';
import type { ToggleCommand } from '../../src/device/toggle-command';
import {
  GroupRun,
  type GroupMember,
  type GroupOptions,
  type GroupTarget,
  type GroupVerdict,
} from '../../src/inventory/group';
import type { StopReason, VerdictOutcome } from '../../src/outcomes';
import { droppedVerdict, type Dropped, type Verdict } from '../../src/verdict';
import { GroupPace } from '../../src/inventory/pace';
import { fakeClock } from '../support/fixtures';

/** Members whose toggles end when the test says so, or when they are stopped. */
class ManualTarget implements GroupTarget {
  readonly started: string[] = [];
  readonly commands: ToggleCommand[] = [];
  private readonly open = new Map<string, (verdict: Verdict) => void>();

  toggle(command: ToggleCommand): Promise<Verdict> {
    const { deviceId = '' } = command;
    this.started.push(deviceId);
    this.commands.push(command);
    return new Promise((resolve) => this.open.set(deviceId, resolve));
  }

  stop(reason: StopReason, requester?: string): void {
    for (const [deviceId, end] of this.open) {
      if (requester !== 'me') continue;
      this.open.delete(deviceId);
      end(droppedVerdict({ reason, error: reason, deviceId }));
    }
  }

  async end(deviceId: string, outcome: VerdictOutcome = 'confirmed'): Promise<void> {
    this.open.get(deviceId)?.({ outcome, deviceId, msgId: 'm', state: true, attempts: 1, elapsedMs: 1 });
    this.open.delete(deviceId);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function setUp(members: readonly (string | GroupMember)[], options: GroupOptions = {}) {
  const clock = fakeClock();
  const target = new ManualTarget();
  const order: string[] = [];
  const onVerdict = ({ deviceId }: Verdict): void => void order.push(deviceId);
  const asked = members.map((each) => (typeof each === 'string' ? { deviceId: each, state: true } : each));
  const run = new GroupRun(target, asked, { clock, requester: 'me', onVerdict, ...options });
  const verdicts: GroupVerdict[] = [];
  void run.verdict.then((verdict) => verdicts.push(verdict));
  return { clock, target, order, run, verdicts };
}

const counts = ({ outcome, total, confirmed, rejected, unknown, failed, dropped }: GroupVerdict) =>
  `${outcome} ${total}: ${confirmed} ${rejected} ${unknown} ${failed} ${dropped}`;

describe('group', () => {
  it('starts all members at once, and ends with the last of them', async () => {
    const { target, order, verdicts, clock } = setUp(['a', 'b', 'c']);
    assert.deepEqual(target.started, ['a', 'b', 'c']);
    await target.end('b');
    await target.end('a');
    await clock.advance(20);
    assert.equal(verdicts.length, 0);
    await target.end('c');
    assert.equal(verdicts.length, 1);
    const [verdict] = verdicts;
    assert.ok(verdict);
    assert.equal(counts(verdict), 'all 3: 3 0 0 0 0');
    assert.equal(verdict.elapsedMs, 20);
    assert.deepEqual(Object.keys(verdict.members), ['b', 'a', 'c']);
    assert.equal(verdict.members.a?.msgId, 'm');
    assert.deepEqual(order, ['b', 'a', 'c']);
  });

  it('counts every outcome, once for an id that is listed twice', async () => {
    const outcomes = ['confirmed', 'rejected', 'unknown', 'failed', 'dropped'] as const;
    const { target, verdicts } = setUp([...outcomes, ...outcomes]);
    for (const outcome of outcomes) await target.end(outcome, outcome);
    assert.deepEqual(verdicts.map(counts), ['some 5: 1 1 1 1 1']);
    assert.equal(target.started.length, 5);
  });

  it('is none without members, and with members of which none is confirmed', async () => {
    const empty = setUp([]);
    assert.equal(counts(await empty.run.verdict), 'none 0: 0 0 0 0 0');
    const failed = setUp(['a']);
    await failed.target.end('a', 'failed');
    assert.equal(counts(await failed.run.verdict), 'none 1: 0 0 0 1 0');
  });

  it('gives each member its own state, and everyone the requester and the observer', async () => {
    const observer = {};
    const { target } = setUp(
      [
        { deviceId: 'a', state: false },
        { deviceId: 'b', state: 'flip' },
      ],
      { observer },
    );
    assert.deepEqual(target.commands, [
      { deviceId: 'a', state: false, requester: 'me', observer },
      { deviceId: 'b', state: 'flip', requester: 'me', observer },
    ]);
  });

  it('runs no more at a time than concurrency allows', async () => {
    const { target, verdicts } = setUp(['a', 'b', 'c', 'd'], { concurrency: 2 });
    assert.deepEqual(target.started, ['a', 'b']);
    await target.end('b');
    assert.deepEqual(target.started, ['a', 'b', 'c']);
    for (const id of ['a', 'c', 'd']) await target.end(id);
    assert.equal(verdicts.length, 1);
  });

  it('leaves staggerMs between two starts, also when members end at once', async () => {
    const { target, clock, verdicts } = setUp(['a', 'b', 'c'], { staggerMs: 100 });
    assert.deepEqual(target.started, ['a']);
    await target.end('a');
    await clock.advance(99);
    assert.deepEqual(target.started, ['a']);
    await clock.advance(1);
    assert.deepEqual(target.started, ['a', 'b']);
    await clock.advance(100);
    await target.end('b');
    await target.end('c');
    assert.equal(verdicts[0]?.elapsedMs, 200);
    assert.equal(clock.pendingTimers, 0);
  });

  it('with staggerMs and concurrency waits for both', async () => {
    const { target, clock } = setUp(['a', 'b', 'c'], { staggerMs: 100, concurrency: 2 });
    await clock.advance(500);
    assert.deepEqual(target.started, ['a', 'b']);
    await target.end('a');
    assert.deepEqual(target.started, ['a', 'b', 'c']);
  });

  it('1,000 members with staggerMs: one verdict', async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `lamp-${n}`);
    const { target, clock, verdicts } = setUp(ids, { staggerMs: 1 });
    await clock.advance(999);
    assert.equal(target.started.length, 1000);
    for (const id of ids) await target.end(id);
    assert.deepEqual(verdicts.map(counts), ['all 1000: 1000 0 0 0 0']);
  });

  it('stopOnFailure drops those that have not begun, and lets the others end', async () => {
    const { target, verdicts } = setUp(['a', 'b', 'c', 'd'], { concurrency: 2, stopOnFailure: true });
    await target.end('a', 'rejected');
    assert.deepEqual(target.started, ['a', 'b']);
    assert.equal(verdicts.length, 0);
    await target.end('b');
    assert.deepEqual(verdicts.map(counts), ['some 4: 1 1 0 0 2']);
    const { c } = verdicts[0]?.members ?? {};
    assert.deepEqual([c?.reason, c?.state, c?.error], ['cancelled', true, 'cancelled, because a was not confirmed']);
  });

  for (const reason of ['cancelled', 'closed'] as const) {
    it(`stop(${reason}) in the middle ends every member, exactly once`, async () => {
      const { target, run, verdicts, order, clock } = setUp(['a', 'b', 'c', { deviceId: 'd', state: 'flip' }], {
        concurrency: 2,
        staggerMs: 10,
      });
      await clock.advance(10);
      await target.end('a');
      run.stop(reason);
      run.stop(reason);
      await clock.advance(1000);
      assert.deepEqual(verdicts.map(counts), ['some 4: 1 0 0 0 3']);
      assert.deepEqual(order, ['a', 'c', 'd', 'b']);
      assert.equal(verdicts[0]?.members.d?.reason, reason);
      assert.equal(clock.pendingTimers, 0);
    });
  }

  it('runs that share a pace start one after the other, so that what was asked last is done last', async () => {
    const clock = fakeClock();
    const pace = new GroupPace({ concurrency: 1, staggerMs: 10, clock });
    const target = new ManualTarget();
    const runOf = (ids: readonly string[], state: boolean) =>
      new GroupRun(
        target,
        ids.map((deviceId) => ({ deviceId, state })),
        { pace, clock, requester: 'me' },
      );
    const [first, second] = [runOf(['a', 'b'], true), runOf(['b', 'c'], false)];
    const empty = runOf([], true);
    assert.equal(counts(await empty.verdict), 'none 0: 0 0 0 0 0');
    for (const [id, started] of [
      ['a', 'a'],
      ['b', 'a b'],
      ['b', 'a b b'],
      ['c', 'a b b c'],
    ] as const) {
      assert.equal(target.started.join(' '), started);
      await target.end(id);
      await clock.advance(10);
    }
    assert.equal(counts(await first.verdict), 'all 2: 2 0 0 0 0');
    assert.equal(counts(await second.verdict), 'all 2: 2 0 0 0 0');
    assert.equal(clock.pendingTimers, 0);
  });

  it('a run that is stopped leaves its pace to the next one', async () => {
    const clock = fakeClock();
    const pace = new GroupPace({ staggerMs: 100, clock });
    const target = new ManualTarget();
    const runOf = (...ids: readonly string[]) =>
      new GroupRun(
        target,
        ids.map((deviceId) => ({ deviceId, state: true })),
        { pace, clock },
      );
    const [first] = [runOf('a', 'b', 'c'), runOf('d')];
    first.stop('cancelled');
    await clock.advance(100);
    assert.deepEqual(target.started, ['a', 'd']);
  });

  it('the target hears of members that were not started, if it wants to', async () => {
    const dropped: string[] = [];
    const target: GroupTarget = Object.assign(new ManualTarget(), {
      drop: (each: Dropped) => {
        dropped.push(each.deviceId);
        return droppedVerdict(each);
      },
    });
    const members = ['a', 'b', 'c'].map((deviceId) => ({ deviceId, state: true }));
    const run = new GroupRun(target, members, { clock: fakeClock(), concurrency: 1, requester: 'me' });
    run.stop('cancelled');
    assert.equal((await run.verdict).dropped, 3);
    assert.deepEqual(dropped, ['b', 'c']);
  });

  it('stop while the first ones wait for nothing ends at once', async () => {
    const { run, verdicts, clock } = setUp([]);
    run.stop('closed');
    await clock.advance(0);
    assert.equal(verdicts.length, 1);
  });

  it('without a requester only drops what has not begun', async () => {
    const clock = fakeClock();
    const target = new ManualTarget();
    const members = ['a', 'b'].map((deviceId) => ({ deviceId, state: true }));
    const run = new GroupRun(target, members, { clock, concurrency: 1 });
    run.stop('cancelled');
    await target.end('a');
    assert.equal(counts(await run.verdict), 'some 2: 1 0 0 0 1');
  });

  for (const [name, toggle] of [
    [
      'throws',
      () => {
        throw new Error('bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('bug'))],
  ] as const) {
    it(`a member whose toggle ${name} is unknown, and the others end`, async () => {
      const target: GroupTarget = {
        toggle: ({ deviceId = '' }) =>
          deviceId === 'a' ? toggle() : Promise.resolve(droppedVerdict({ reason: 'closed', error: '', deviceId })),
        stop: () => undefined,
      };
      const { members, ...verdict } = await new GroupRun(
        target,
        ['a', 'b'].map((deviceId) => ({ deviceId, state: true })),
      ).verdict;
      assert.equal(counts({ ...verdict, members }), 'none 2: 0 0 1 0 1');
      assert.equal(members.a?.error, 'bug');
    });
  }

  it('goes on when its listener throws', async () => {
    const { target, verdicts } = setUp(['a', '__proto__'], {
      onVerdict: () => {
        throw new Error('listener');
      },
    });
    await target.end('a');
    await target.end('__proto__');
    assert.deepEqual(Object.keys(verdicts[0]?.members ?? {}), ['a', '__proto__']);
  });
});
