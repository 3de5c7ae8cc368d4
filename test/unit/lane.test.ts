import assert from 'node:assert/strict';
import { Lane, type Job, type LaneSettings } from '../../src/device/lane';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';

/** A job that runs until told to end, and remembers how it went. */
class ManualJob implements Job {
  readonly askedAt: number;
  started = false;
  signal: AbortSignal | undefined;
  readonly settled: Promise<Verdict>;
  settle!: (verdict: Verdict) => void;
  fail!: (bug: unknown) => void;
  private finish: ((verdict: Verdict) => void) | undefined;

  constructor(
    readonly msgId: string,
    clock: { now(): number },
    readonly requester: string | undefined,
  ) {
    this.askedAt = clock.now();
    this.settled = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.fail = reject;
    });
  }

  state = () => true;

  run(signal: AbortSignal): Promise<Verdict> {
    this.started = true;
    this.signal = signal;
    return new Promise((resolve) => {
      this.finish = resolve;
      signal.addEventListener('abort', () => this.end('unknown'));
    });
  }

  end(outcome: Verdict['outcome'] = 'confirmed', reason?: Verdict['reason']): void {
    assert.ok(this.finish, `${this.msgId} does not run`);
    const known = { outcome, deviceId: 'lamp', msgId: this.msgId, attempts: 1, elapsedMs: 0 };
    this.finish(reason ? { ...known, reason } : known);
  }
}

function setUp(settings: Partial<LaneSettings> = {}) {
  const clock = fakeClock();
  const depths: number[] = [];
  const circuits: string[] = [];
  const defaults = {
    queueMode: 'fifo',
    queueLimit: 100,
    queueTtlMs: 0,
    breakerFailures: 0,
    breakerResetMs: 1000,
  } as const;
  const lane = new Lane('lamp', { ...defaults, ...settings }, clock, {
    depth: (depth) => depths.push(depth),
    circuit: (state) => circuits.push(state),
  });
  const verdicts: string[] = [];
  const submit = (msgId: string, requester?: string) => {
    const job = new ManualJob(msgId, clock, requester);
    lane.submit(job);
    const settled = job.settled.then((verdict) => {
      verdicts.push(`${verdict.msgId} ${verdict.outcome}${verdict.reason ? `/${verdict.reason}` : ''}`);
      return verdict;
    });
    return { job, settled };
  };
  return { clock, lane, depths, circuits, verdicts, submit };
}

describe('lane', () => {
  it('runs one at a time, in order', async () => {
    const { submit, verdicts, lane } = setUp();
    const [a, b, c] = [submit('a'), submit('b'), submit('c')];
    assert.deepEqual([a.job.started, b.job.started, c.job.started], [true, false, false]);
    a.job.end();
    await a.settled;
    assert.deepEqual([b.job.started, c.job.started], [true, false]);
    b.job.end();
    await b.settled;
    c.job.end();
    await c.settled;
    assert.deepEqual(verdicts, ['a confirmed', 'b confirmed', 'c confirmed']);
    assert.ok(lane.idle);
  });

  it('goes on after a job that broke, and passes the bug on', async () => {
    const { lane, submit, clock } = setUp();
    const broken = new ManualJob('broken', clock, undefined);
    broken.run = () => Promise.reject(new Error('bug'));
    lane.submit(broken);
    const next = submit('next');
    await assert.rejects(broken.settled, /bug/);
    assert.ok(next.job.started);
  });

  it('refuses what is past the limit at once', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 1 });
    submit('a');
    submit('b');
    const verdict = await submit('c').settled;
    assert.deepEqual(verdicts, ['c dropped/queue_full']);
    assert.equal(verdict.attempts, 0);
    assert.match(verdict.error ?? '', /queueLimit is 1/);
  });

  it('lets none wait with a limit of 0, yet runs one', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 0 });
    const a = submit('a');
    await submit('b').settled;
    a.job.end();
    await a.settled;
    assert.deepEqual(verdicts, ['b dropped/queue_full', 'a confirmed']);
  });

  it('latest: a newer one replaces all that wait, not what runs', async () => {
    const { submit, verdicts } = setUp({ queueMode: 'latest' });
    const a = submit('a');
    const b = submit('b');
    const c = submit('c');
    await b.settled;
    assert.ok(!a.job.signal?.aborted);
    a.job.end();
    await a.settled;
    c.job.end();
    await c.settled;
    assert.deepEqual(verdicts, ['b dropped/superseded', 'a confirmed', 'c confirmed']);
    assert.ok(!b.job.started);
  });

  it('drops one that waited too long when its time is up, not when its turn comes', async () => {
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
    a.job.end();
    await a.settled;
    assert.ok(c.job.started);
    c.job.end();
    await c.settled;
    assert.ok(lane.idle);
  });

  it('stops everything, or only what one requester asked for', async () => {
    const { submit, verdicts, lane } = setUp();
    const a = submit('a', 'one');
    const b = submit('b', 'two');
    const c = submit('c', 'one');
    lane.stop('cancelled', 'two');
    await b.settled;
    assert.ok(!a.job.signal?.aborted);
    lane.stop('closed', 'one');
    await Promise.all([a.settled, c.settled]);
    assert.equal(a.job.signal?.reason, 'closed');
    assert.deepEqual(verdicts.toSorted(), ['a unknown', 'b dropped/cancelled', 'c dropped/closed']);
  });

  it('tells its depth on each change', async () => {
    const { submit, depths } = setUp();
    const a = submit('a');
    const b = submit('b');
    submit('c');
    a.job.end();
    await a.settled;
    b.job.end();
    await b.settled;
    assert.deepEqual(depths, [1, 2, 1, 0]);
  });

  it('keeps order through a long queue', async () => {
    const { submit, verdicts } = setUp({ queueLimit: 5000 });
    const all = Array.from({ length: 2000 }, (_, index) => submit(`m${index}`));
    for (const { job, settled } of all) {
      job.end();
      await settled;
    }
    assert.deepEqual(
      verdicts,
      all.map(({ job }) => `${job.msgId} confirmed`),
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
    const { job, settled } = submit('x');
    if (job.started) job.end(outcome, reason);
    return settled;
  }

  it('opens after failures in a row, and drops what waits and what comes', async () => {
    const lane = setUp(BREAKER);
    assert.equal((await run(lane, 'failed')).circuit, 'closed');
    const { job, settled } = lane.submit('a');
    const waiting = lane.submit('b');
    job.end('unknown');
    assert.equal((await settled).circuit, 'open');
    assert.equal((await waiting.settled).reason, 'circuit_open');
    const refused = await lane.submit('c').settled;
    assert.equal(`${refused.outcome}/${refused.reason} ${refused.circuit}`, 'dropped/circuit_open open');
    assert.match(refused.error ?? '', /2 toggles in a row failed; the next probe may go in 1000 ms/);
    assert.deepEqual(lane.circuits, ['open']);
    assert.ok(lane.lane.idle && !lane.lane.spent);
  });

  for (const answer of ['confirmed', 'rejected'] as const) {
    it(`starts to count anew after ${answer}: the device answers`, async () => {
      const lane = setUp(BREAKER);
      for (const outcome of ['failed', answer, 'failed'] as const) await run(lane, outcome);
      assert.deepEqual(lane.circuits, []);
    });

    it(`lets one probe through when its time has come, and closes when that ends ${answer}`, async () => {
      const lane = setUp(BREAKER);
      for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
      await lane.clock.advance(999);
      assert.equal((await run(lane, 'confirmed')).reason, 'circuit_open');
      await lane.clock.advance(1);
      const probe = lane.submit('probe');
      const beside = await lane.submit('beside').settled;
      assert.equal(`${beside.reason} ${beside.circuit}`, 'circuit_open half_open');
      assert.match(beside.error ?? '', /a probe is under way/);
      probe.job.end(answer);
      assert.equal((await probe.settled).circuit, 'closed');
      assert.deepEqual(lane.circuits, ['open', 'half_open', 'closed']);
      assert.ok(lane.lane.spent);
    });
  }

  it('waits anew after a probe that failed', async () => {
    const lane = setUp(BREAKER);
    for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
    await lane.clock.advance(1000);
    assert.equal((await run(lane, 'unknown')).circuit, 'open');
    await lane.clock.advance(999);
    assert.equal((await run(lane, 'confirmed')).reason, 'circuit_open');
    await lane.clock.advance(1);
    assert.equal((await run(lane, 'confirmed')).circuit, 'closed');
  });

  it('learns nothing from one that was stopped, and probes again at once', async () => {
    const lane = setUp(BREAKER);
    await run(lane, 'failed');
    await run(lane, 'unknown', 'cancelled');
    assert.deepEqual(lane.circuits, []);
    await run(lane, 'failed');
    await lane.clock.advance(1000);
    await run(lane, 'failed', 'closed');
    const probe = lane.submit('probe');
    assert.ok(probe.job.started);
    probe.job.end('confirmed');
    await probe.settled;
    assert.deepEqual(lane.circuits, ['open', 'half_open', 'open', 'half_open', 'closed']);
  });

  it('probes again after a probe that broke', async () => {
    const lane = setUp(BREAKER);
    for (let i = 0; i < 2; i += 1) await run(lane, 'failed');
    await lane.clock.advance(1000);
    const broken = new ManualJob('broken', lane.clock, undefined);
    broken.run = () => Promise.reject(new Error('bug'));
    lane.lane.submit(broken);
    await assert.rejects(broken.settled, /bug/);
    assert.ok(lane.submit('probe').job.started);
  });

  it('never opens with breakerFailures 0, and says nothing of it', async () => {
    const lane = setUp();
    for (let i = 0; i < 50; i += 1) assert.ok(!('circuit' in (await run(lane, 'failed'))));
    assert.deepEqual(lane.circuits, []);
  });
});
