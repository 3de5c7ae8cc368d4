import assert from 'node:assert/strict';
import { Lane, type Job, type LaneSettings } from '../../src/lane';
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

  end(outcome: Verdict['outcome'] = 'confirmed'): void {
    assert.ok(this.finish, `${this.msgId} does not run`);
    this.finish({ outcome, deviceId: 'lamp', msgId: this.msgId, attempts: 1, elapsedMs: 0 });
  }
}

function setUp(settings: Partial<LaneSettings> = {}) {
  const clock = fakeClock();
  const depths: number[] = [];
  const lane = new Lane('lamp', { queueMode: 'fifo', queueLimit: 100, queueTtlMs: 0, ...settings }, clock, (depth) =>
    depths.push(depth),
  );
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
  return { clock, lane, depths, verdicts, submit };
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
