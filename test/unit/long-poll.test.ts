/** Long polling of the sidebar: what is asked when, and that nothing is asked or taken while nobody looks. */
import assert from 'node:assert/strict';
import { LongPoll, type Next, type PollAnswer, type PollTrouble } from '../../nodes/phase0-sidebar/editor/long-poll';

interface Request {
  readonly path: string;
  readonly answered: (answer: unknown) => void;
  readonly failed: (status: number) => void;
  isCancelled: boolean;
}

function scene(next: (answer: PollAnswer) => Next = ({ cursor }) => ({ since: cursor })) {
  const requests: Request[] = [];
  const timers: { ms: number; action: () => void; isCancelled: boolean }[] = [];
  const troubles: (PollTrouble | undefined)[] = [];
  const taken: PollAnswer[] = [];
  const login = { session: 'first' };
  const poll = new LongPoll<PollAnswer>(
    (path, answered, failed) => {
      const request = { path, answered, failed, isCancelled: false };
      requests.push(request);
      return () => (request.isCancelled = true);
    },
    (ms, action) => {
      const timer = { ms, action, isCancelled: false };
      timers.push(timer);
      return () => (timer.isCancelled = true);
    },
    {
      path: (cursor) => `since ${cursor}`,
      take: (answer) => {
        taken.push(answer);
        return next(answer);
      },
      trouble: (trouble) => troubles.push(trouble),
      session: () => login.session,
    },
  );
  const elapse = () => {
    const timer = timers.at(-1);
    assert.ok(timer && !timer.isCancelled);
    timer.action();
    return timer.ms;
  };
  const last = () => requests.at(-1) as Request;
  return { poll, requests, timers, troubles, taken, login, elapse, last };
}

describe('a long poll', () => {
  it('asks from the beginning, then since the cursor, with a gap; at once when there is more', () => {
    const { poll, requests, elapse, last, taken } = scene();
    poll.start();
    last().answered({ cursor: 'a', more: true });
    assert.equal(elapse(), 0);
    last().answered({ cursor: 'b', more: false });
    assert.equal(elapse(), 500);
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['since undefined', 'since a', 'since b'],
    );
    assert.equal(taken.length, 2);
  });

  it('does not hurry when its taker skips what is more', () => {
    const { poll, elapse, last } = scene(() => ({ since: undefined }));
    poll.start();
    last().answered({ cursor: 'a', more: true });
    assert.equal(elapse(), 500);
    assert.equal(last().path, 'since undefined');
  });

  it('asks as late as its taker says', () => {
    const { poll, elapse, last } = scene(({ cursor }) => ({ since: cursor, inMs: 20_000 }));
    poll.start();
    last().answered({ cursor: 'a', more: false });
    assert.equal(elapse(), 20_000);
  });

  it('sends nothing while it is stopped, and goes on from where it was', () => {
    const { poll, requests, timers, last } = scene();
    poll.start();
    poll.start();
    assert.equal(requests.length, 1);
    last().answered({ cursor: 'a', more: false });
    poll.stop();
    assert.equal(timers.at(-1)?.isCancelled, true);
    poll.start();
    assert.equal(last().path, 'since a');
    poll.stop();
    assert.equal(last().isCancelled, true);
    poll.reset();
    assert.equal(requests.length, 2);
    poll.start();
    assert.equal(last().path, 'since undefined');
  });

  it('tries again ever more slowly, says why, and recovers', () => {
    const { poll, troubles, elapse, last } = scene();
    poll.start();
    const waits = [0, 503, 403, 404, 429, 0].map((status) => {
      last().failed(status);
      return elapse();
    });
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15_000, 15_000]);
    assert.deepEqual(troubles, ['away', 'away', 'forbidden', 'missing', 'busy', 'away']);
    last().answered({ cursor: 'a', more: false });
    assert.equal(troubles.at(-1), undefined);
    elapse();
    last().failed(0);
    assert.equal(elapse(), 1000);
    assert.equal(last().path, 'since a');
  });

  it('asks nothing when the session has ended, until there is another one', () => {
    const { poll, requests, troubles, login, elapse, last } = scene();
    poll.start();
    last().answered({ cursor: 'a', more: false });
    elapse();
    last().failed(401);
    for (let looks = 0; looks < 100; looks += 1) elapse();
    assert.equal(requests.length, 2);
    assert.equal(troubles.at(-1), 'loggedOut');
    login.session = 'second';
    elapse();
    assert.equal(last().path, 'since a');
    assert.equal(requests.length, 3);
    last().answered({ cursor: 'b', more: false });
    assert.equal(troubles.at(-1), undefined);
  });

  it('takes an answer of something else, such as the page of a proxy, as none', () => {
    const { poll, troubles, taken, last, elapse } = scene();
    poll.start();
    for (const answer of [null, 'html', {}, { cursor: 1, more: false }, { cursor: 'a' }]) {
      last().answered(answer);
      assert.equal(troubles.at(-1), 'away');
      elapse();
    }
    assert.deepEqual(taken, []);
  });
});
