/** Lanes: order, limits, time limit, stop, and what observers do from inside a verdict. */
import assert from 'node:assert/strict';
import { Lane, type LaneSettings } from '../../src/device/lane';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';
import { ManualToggle } from '../support/manual-toggle';

const SETTINGS: LaneSettings = {
  queueMode: 'fifo',
  queueLimit: 100,
  queueTtlMs: 0,
  breakerFailures: 0,
  breakerResetMs: 1000,
};

function setUp(settings: Partial<LaneSettings> = {}) {
  const clock = fakeClock();
  const depths: number[] = [];
  const circuits: string[] = [];
  const idle: number[] = [];
  const lane = new Lane('lamp', { ...SETTINGS, ...settings }, clock, {
    queueDepth: (depth) => depths.push(depth),
    circuitState: (state) => circuits.push(state),
    idle: () => idle.push(clock.now()),
  });
  const verdicts: string[] = [];
  const submit = (msgId: string, requester?: string) => {
    const toggle = new ManualToggle(msgId, clock, requester);
    lane.submit(toggle);
    const settled = toggle.settled.then((verdict) => {
      verdicts.push(`${verdict.msgId} ${verdict.outcome}${verdict.reason ? `/${verdict.reason}` : ''}`);
      return verdict;
    });
    return { toggle, settled };
  };
  return { clock, lane, depths, circuits, idle, verdicts, submit };
}

describe('lane', () => {
  it('runs one at a time, in order', async () => {
    const { submit, verdicts, lane } = setUp();
    const [a, b, c] = [submit('a'), submit('b'), submit('c')];
    assert.deepEqual([a.toggle.started, b.toggle.started, c.toggle.started], [true, false, false]);
    a.toggle.end();
    await a.settled;
    assert.deepEqual([b.toggle.started, c.toggle.started], [true, false]);
    b.toggle.end();
    await b.settled;
    c.toggle.end();
    await c.settled;
    assert.deepEqual(verdicts, ['a confirmed', 'b confirmed', 'c confirmed']);
    assert.ok(lane.idle);
  });

  it('continues after a toggle with an unexpected error, and passes the error on', async () => {
    const { lane, submit, clock } = setUp();
    const broken = new ManualToggle('broken', clock, undefined);
    broken.run = () => Promise.reject(new Error('bug'));
    lane.submit(broken);
    const next = submit('next');
    await assert.rejects(broken.settled, /bug/);
    assert.ok(next.toggle.started);
  });

  it('drops a toggle over the limit at once', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 1 });
    submit('a');
    submit('b');
    const verdict = await submit('c').settled;
    assert.deepEqual(verdicts, ['c dropped/queue_full']);
    assert.equal(verdict.attempts, 0);
    assert.match(verdict.error ?? '', /queueLimit is 1/);
  });

  it('with a limit of 0 none may wait, but one runs', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 0 });
    const a = submit('a');
    await submit('b').settled;
    a.toggle.end();
    await a.settled;
    assert.deepEqual(verdicts, ['b dropped/queue_full', 'a confirmed']);
  });

  it('latest: a newer toggle replaces the waiting ones, not the running one', async () => {
    const { submit, verdicts } = setUp({ queueMode: 'latest' });
    const a = submit('a');
    const b = submit('b');
    const c = submit('c');
    await b.settled;
    assert.ok(a.toggle.signal?.reason === undefined);
    a.toggle.end();
    await a.settled;
    c.toggle.end();
    await c.settled;
    assert.deepEqual(verdicts, ['b dropped/superseded', 'a confirmed', 'c confirmed']);
    assert.ok(!b.toggle.started);
  });

  it('drops a toggle when its time limit is reached, not when its turn comes', async () => {
    const { submit, verdicts, clock, lane } = setUp({ queueTtlMs: 100 });
    const a = submit('a');
    const b = submit('b');
    await clock.advance(60);
    const c = submit('c');
    await clock.advance(39);
    assert.deepEqual(verdicts, []);
    await clock.advance(1);
    await b.settled;
    assert.deepEqual(verdicts, ['b dropped/expired']);
    a.toggle.end();
    await a.settled;
    assert.ok(c.toggle.started);
    c.toggle.end();
    await c.settled;
    assert.ok(lane.idle);
  });

  it('drops a toggle in time however fast others come, with timers of a millisecond at least', async () => {
    const { submit, verdicts, clock } = setUp({ queueTtlMs: 100 });
    const after = clock.after.bind(clock);
    clock.after = (ms, fire) => after(Math.max(1, ms), fire);
    submit('a');
    submit('b');
    await clock.advance(99.5);
    submit('c');
    await clock.advance(0.5);
    assert.deepEqual(verdicts, ['b dropped/expired']);
  });

  it('stops everything, or only the toggles of one requester', async () => {
    const { submit, verdicts, lane } = setUp();
    const a = submit('a', 'one');
    const b = submit('b', 'two');
    const c = submit('c', 'one');
    lane.stop('cancelled', lane.toggles('two'));
    await b.settled;
    assert.ok(a.toggle.signal?.reason === undefined);
    lane.stop('closed', lane.toggles('one'));
    await Promise.all([a.settled, c.settled]);
    assert.equal(a.toggle.signal?.reason, 'closed');
    assert.deepEqual(verdicts.toSorted(), ['a unknown', 'b dropped/cancelled', 'c dropped/closed']);
  });

  it('reports its depth on each change', async () => {
    const { submit, depths } = setUp();
    const a = submit('a');
    const b = submit('b');
    submit('c');
    a.toggle.end();
    await a.settled;
    b.toggle.end();
    await b.settled;
    assert.deepEqual(depths, [1, 2, 1, 0]);
  });

  it('reports no depth when nothing left the queue', async () => {
    const { submit, depths, lane } = setUp({ queueTtlMs: 100 });
    const a = submit('a');
    submit('b');
    const c = submit('c');
    lane.stop('cancelled', new Set());
    a.toggle.end();
    await a.settled;
    lane.stop('cancelled', new Set([c.toggle]));
    assert.deepEqual(depths, [1, 2, 1, 0]);
  });

  it('keeps order through a long queue', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 5000 });
    const all = Array.from({ length: 2000 }, (_, index) => submit(`m${index}`));
    for (const { toggle, settled } of all) {
      toggle.end();
      await settled;
    }
    assert.deepEqual(
      verdicts,
      all.map(({ toggle }) => `${toggle.msgId} confirmed`),
    );
  });
});

describe('circuit', () => {
  const BREAKER = { breakerFailures: 2, breakerResetMs: 1000 } as const;

  /** Runs one toggle to the outcome given, and returns its verdict. */
  async function run(
    { submit }: ReturnType<typeof setUp>,
    outcome: Verdict['outcome'],
    reason?: Verdict['reason'],
  ): Promise<Verdict> {
    const { toggle, settled } = submit('x');
    if (toggle.started) toggle.end(outcome, reason);
    return settled;
  }

  it('opens after consecutive failures, and drops waiting and new toggles', async () => {
    const lane = setUp(BREAKER);
    assert.equal((await run(lane, 'failed')).circuit, 'closed');
    const { toggle, settled } = lane.submit('a');
    const waiting = lane.submit('b');
    toggle.end('unknown');
    assert.equal((await settled).circuit, 'open');
    assert.equal((await waiting.settled).reason, 'circuit_open');
    const refused = await lane.submit('c').settled;
    assert.equal(`${refused.outcome}/${refused.reason} ${refused.circuit}`, 'dropped/circuit_open open');
    assert.match(refused.error ?? '', /open after 2 consecutive failures; the next probe is allowed in 1000 ms/);
    assert.deepEqual(lane.circuits, ['open']);
    assert.ok(lane.lane.idle && !lane.lane.disposable);
  });

  for (const answer of ['confirmed', 'rejected'] as const) {
    it(`resets the count after ${answer}: the device answers`, async () => {
      const lane = setUp(BREAKER);
      for (const outcome of ['failed', answer, 'failed'] as const) await run(lane, outcome);
      assert.deepEqual(lane.circuits, []);
    });

    it(`allows one probe after breakerResetMs, and closes when it ends ${answer}`, async () => {
      const lane = setUp(BREAKER);
      for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
      await lane.clock.advance(999);
      assert.equal((await run(lane, 'confirmed')).reason, 'circuit_open');
      await lane.clock.advance(1);
      const probe = lane.submit('probe');
      const beside = await lane.submit('beside').settled;
      assert.equal(`${beside.reason} ${beside.circuit}`, 'circuit_open half_open');
      assert.match(beside.error ?? '', /a probe is in progress/);
      probe.toggle.end(answer);
      assert.equal((await probe.settled).circuit, 'closed');
      assert.deepEqual(lane.circuits, ['open', 'half_open', 'closed']);
      assert.ok(lane.lane.disposable);
    });
  }

  it('waits again after a failed probe', async () => {
    const lane = setUp(BREAKER);
    for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
    await lane.clock.advance(1000);
    assert.equal((await run(lane, 'unknown')).circuit, 'open');
    await lane.clock.advance(999);
    assert.equal((await run(lane, 'confirmed')).reason, 'circuit_open');
    await lane.clock.advance(1);
    assert.equal((await run(lane, 'confirmed')).circuit, 'closed');
  });

  it('ignores a toggle that was stopped, and allows the next probe at once', async () => {
    const lane = setUp(BREAKER);
    await run(lane, 'failed');
    await run(lane, 'unknown', 'cancelled');
    assert.deepEqual(lane.circuits, []);
    await run(lane, 'failed');
    await lane.clock.advance(1000);
    await run(lane, 'failed', 'closed');
    const probe = lane.submit('probe');
    assert.ok(probe.toggle.started);
    probe.toggle.end('confirmed');
    await probe.settled;
    assert.deepEqual(lane.circuits, ['open', 'half_open', 'open', 'half_open', 'closed']);
  });

  it('allows the next probe after one with an unexpected error', async () => {
    const lane = setUp(BREAKER);
    for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
    await lane.clock.advance(1000);
    const broken = new ManualToggle('broken', lane.clock, undefined);
    broken.run = () => Promise.reject(new Error('bug'));
    lane.lane.submit(broken);
    await assert.rejects(broken.settled, /bug/);
    assert.ok(lane.submit('probe').toggle.started);
  });

  it('never opens with breakerFailures 0, and reports no state', async () => {
    const lane = setUp();
    for (let i = 0; i < 50; i += 1) assert.ok(!('circuit' in (await run(lane, 'failed'))));
    assert.deepEqual(lane.circuits, []);
  });
});

describe('lane: toggles submitted from inside a verdict', () => {
  /** Submits `next` when the verdict on `first` is delivered, as an observer may do. */
  function submitOnVerdict(setup: ReturnType<typeof setUp>, first: ManualToggle, next: () => void): void {
    const { resolve } = first;
    first.resolve = (verdict) => {
      next();
      resolve(verdict);
    };
    setup.lane.submit(first);
  }

  it('starts at once when the lane is free, also with a queueLimit of 0', async () => {
    const setup = setUp({ queueLimit: 0 });
    const first = new ManualToggle('a', setup.clock, undefined);
    let next: ReturnType<typeof setup.submit> | undefined;
    submitOnVerdict(setup, first, () => (next = setup.submit('b')));
    first.end();
    await first.settled;
    assert.ok(next?.toggle.started);
    assert.deepEqual(setup.idle, []);
    next.toggle.end();
    await next.settled;
    assert.equal(setup.idle.length, 1);
  });

  it('waits behind those that wait already, and never runs beside one', async () => {
    const setup = setUp();
    const first = new ManualToggle('a', setup.clock, undefined);
    let third: ReturnType<typeof setup.submit> | undefined;
    submitOnVerdict(setup, first, () => (third = setup.submit('c')));
    const second = setup.submit('b');
    first.end();
    await first.settled;
    assert.deepEqual([second.toggle.started, third?.toggle.started], [true, false]);
    second.toggle.end();
    await second.settled;
    assert.ok(third?.toggle.started);
  });

  it('from the drop of an expired one: one toggle runs at a time', async () => {
    const setup = setUp({ queueTtlMs: 100 });
    const running = setup.submit('a');
    const expiring = new ManualToggle('b', setup.clock, undefined);
    let next: ReturnType<typeof setup.submit> | undefined;
    submitOnVerdict(setup, expiring, () => (next = setup.submit('c')));
    // Time passes without the timer firing, as in an event loop that was blocked.
    setup.clock.now = () => 100;
    running.toggle.end();
    await running.settled;
    assert.equal((await expiring.settled).reason, 'expired');
    assert.ok(next?.toggle.started);
    assert.deepEqual([setup.lane.idle, setup.idle.length], [false, 0]);
  });

  it('from the drop of a replaced one: it is the newest one, and replaces the one before', async () => {
    const setup = setUp({ queueMode: 'latest', queueLimit: 1 });
    const running = setup.submit('a');
    const replaced = new ManualToggle('b', setup.clock, undefined);
    let newest: ReturnType<typeof setup.submit> | undefined;
    submitOnVerdict(setup, replaced, () => (newest = setup.submit('d')));
    const before = setup.submit('c');
    assert.equal((await before.settled).reason, 'superseded');
    running.toggle.end();
    await running.settled;
    assert.ok(newest?.toggle.started);
  });

  it('from the drop of a replaced one, in the verdict on the running one: order stays', async () => {
    const setup = setUp({ queueMode: 'latest' });
    const running = new ManualToggle('a', setup.clock, undefined);
    const replaced = new ManualToggle('b', setup.clock, undefined);
    const started: string[] = [];
    submitOnVerdict(setup, running, () => setup.submit('c'));
    submitOnVerdict(setup, replaced, () => {
      const { toggle } = setup.submit('d');
      if (toggle.started) started.push('d at once');
    });
    running.end();
    await running.settled;
    assert.deepEqual(started, []);
    assert.deepEqual(setup.depths.at(-1), 0);
  });

  /** One is submitted in the verdict that opens the circuit, while another one waits: both are dropped. */
  const opened = async (breakerResetMs?: number) => {
    const setup = setUp({ breakerFailures: 1, ...(breakerResetMs !== undefined && { breakerResetMs }) });
    const first = new ManualToggle('a', setup.clock, undefined);
    let next: ReturnType<typeof setup.submit> | undefined;
    submitOnVerdict(setup, first, () => (next = setup.submit('c')));
    const waiting = setup.submit('b');
    first.end('failed');
    assert.equal((await waiting.settled).reason, 'circuit_open');
    assert.equal((await next?.settled)?.reason, 'circuit_open');
    return setup;
  };

  it('is dropped while the circuit has opened, with its time to wait', async () => {
    assert.equal((await opened()).lane.circuitState, 'open');
  });

  it('is no probe while others wait, be its time to wait over: the circuit would stay half open', async () => {
    assert.deepEqual((await opened(0)).circuits, ['open']);
  });

  it('an error thrown while a verdict is delivered does not stop the lane', async () => {
    const setup = setUp();
    const first = new ManualToggle('a', setup.clock, undefined);
    first.resolve = () => {
      throw new Error('bug');
    };
    setup.lane.submit(first);
    const second = setup.submit('b');
    first.end();
    await assert.rejects(first.settled, /bug/);
    assert.ok(second.toggle.started);
  });

  it('expires one after the other with one timer', async () => {
    const setup = setUp({ queueTtlMs: 100 });
    setup.submit('a');
    const second = setup.submit('b');
    await setup.clock.advance(50);
    const third = setup.submit('c');
    assert.equal(setup.clock.pendingTimers, 1);
    await setup.clock.advance(50);
    assert.equal((await second.settled).reason, 'expired');
    await setup.clock.advance(50);
    assert.equal((await third.settled).reason, 'expired');
    assert.equal(setup.clock.pendingTimers, 0);
  });
});

describe('lane with other settings', () => {
  it('a toggle that may not wait any more replaces none that does', async () => {
    const { lane, verdicts, submit, clock } = setUp();
    const { toggle: running } = submit('running');
    const { toggle: waiting } = submit('waiting');
    lane.reconfigure({ ...SETTINGS, queueMode: 'latest', queueLimit: 0 });
    submit('new');
    running.end();
    await clock.advance(0);
    assert.deepEqual(verdicts, ['new dropped/queue_full', 'running confirmed']);
    waiting.end();
    await clock.advance(0);
    assert.deepEqual(verdicts.slice(2), ['waiting confirmed']);
  });

  it('keeps what waits, in order, and ends the running toggle', async () => {
    const { submit, lane, verdicts } = setUp();
    const [first, second, third] = [submit('a'), submit('b'), submit('c')];
    lane.reconfigure({ ...SETTINGS, queueLimit: 0 });
    assert.deepEqual(verdicts, []);
    for (const { toggle, settled } of [first, second, third]) {
      toggle.end();
      await settled;
    }
    assert.deepEqual(verdicts, ['a confirmed', 'b confirmed', 'c confirmed']);
  });

  it('uses the new limit for new toggles', async () => {
    const { submit, lane } = setUp();
    submit('a');
    submit('b');
    lane.reconfigure({ ...SETTINGS, queueLimit: 1 });
    assert.equal((await submit('c').settled).reason, 'queue_full');
  });

  for (const queueTtlMs of [0, 5000])
    it(`uses the new time limit after ${queueTtlMs}, also for what waits`, async () => {
      const { submit, lane, clock } = setUp({ queueTtlMs });
      submit('a');
      const waiting = submit('b');
      await clock.advance(60);
      lane.reconfigure({ ...SETTINGS, queueTtlMs: 100 });
      await clock.advance(39);
      assert.equal(clock.pendingTimers, 1);
      await clock.advance(1);
      assert.equal((await waiting.settled).reason, 'expired');
      assert.equal(clock.pendingTimers, 0);
    });

  it('has no time limit any more when it is turned off', async () => {
    const { submit, lane, clock } = setUp({ queueTtlMs: 100 });
    submit('a');
    submit('b');
    lane.reconfigure(SETTINGS);
    assert.equal(clock.pendingTimers, 0);
  });

  it('reports no circuit where none is used', () => {
    const { lane, circuits } = setUp();
    lane.reconfigure(SETTINGS);
    assert.deepEqual(circuits, []);
    lane.reconfigure({ ...SETTINGS, breakerFailures: 1 });
    assert.deepEqual(circuits, ['closed']);
  });

  it('forgets the failures, and reports that its circuit is closed', async () => {
    const { submit, lane, circuits } = setUp({ breakerFailures: 1 });
    const { toggle, settled } = submit('a');
    toggle.end('failed');
    await settled;
    lane.forgetFailures();
    assert.deepEqual(circuits, ['open', 'closed']);
    assert.ok(lane.disposable);
  });

  it('begins with a closed circuit, which the toggle that still runs does not open', async () => {
    const { submit, lane, circuits } = setUp({ breakerFailures: 1 });
    const broken = submit('a');
    broken.toggle.end('failed');
    await broken.settled;
    lane.reconfigure({ ...SETTINGS, breakerFailures: 1 });
    assert.deepEqual(circuits, ['open', 'closed']);
    assert.ok(lane.disposable);
    const running = submit('b');
    assert.ok(running.toggle.started);
    lane.reconfigure({ ...SETTINGS, breakerFailures: 1 });
    running.toggle.end('failed');
    await running.settled;
    assert.equal(lane.circuitState, 'closed');
    assert.ok(lane.disposable);
  });
});
