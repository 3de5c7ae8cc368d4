/** Look-ups of names: shared by name, and names in trouble do not delay the others. */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { lookUp, NameLookups } from '../../src/transport/name-lookup';
import { fakeClock } from '../support/fixtures';

const ADDRESSES: LookupAddress[] = [{ address: '192.0.2.1', family: 4 }];

function scene() {
  const running = new Map<string, (error: Error | null, addresses: LookupAddress[]) => void>();
  const started: string[] = [];
  const clock = fakeClock();
  const asked: string[] = [];
  const lookups = new NameLookups(
    (name, callback) => {
      started.push(name);
      running.set(name, callback);
    },
    async (name) => {
      asked.push(name);
      if (name.startsWith('dns')) return ADDRESSES;
      throw new Error('not in DNS');
    },
    clock,
  );
  const finish = (name: string, error: Error | null = null) => {
    const callback = running.get(name);
    running.delete(name);
    callback?.(error, error ? [] : ADDRESSES);
  };
  const results: string[] = [];
  const start = (name: string) => lookups.lookUp(name, (error) => results.push(`${name} ${error?.message ?? 'found'}`));
  return { start, finish, started, asked, results, clock };
}

describe('name look-ups', () => {
  it('share one look-up for a name', () => {
    const { start, finish, started, results } = scene();
    start('a');
    start('a');
    assert.deepEqual(started, ['a']);
    finish('a');
    assert.deepEqual(results, ['a found', 'a found']);
    start('a');
    assert.deepEqual(started, ['a', 'a']);
  });

  it('run one healthy name at a time, the oldest first', () => {
    const { start, finish, started } = scene();
    for (const name of ['a', 'b', 'c']) start(name);
    assert.deepEqual(started, ['a']);
    finish('a');
    finish('b');
    assert.deepEqual(started, ['a', 'b', 'c']);
  });

  it('do not let a slow name delay the next one', async () => {
    const { start, started, clock } = scene();
    start('slow');
    start('b');
    await clock.advance(499);
    assert.deepEqual(started, ['slow']);
    await clock.advance(1);
    assert.deepEqual(started, ['slow', 'b']);
  });

  describe('while slow names hold every thread', () => {
    async function stuckScene() {
      const stuck = scene();
      stuck.start('slow 1');
      stuck.start('slow 2');
      await stuck.clock.advance(1000);
      return stuck;
    }

    it('ask DNS servers without a thread', async () => {
      const { start, started, asked, results, clock } = await stuckScene();
      start('dns a');
      start('dns a');
      await clock.advance(0);
      assert.deepEqual(asked, ['dns a']);
      assert.deepEqual(results, ['dns a found', 'dns a found']);
      assert.deepEqual(started, ['slow 1', 'slow 2', 'dns a']);
    });

    it('still look up the name when DNS does not know it', async () => {
      const { start, finish, started, asked, results, clock } = await stuckScene();
      start('local');
      await clock.advance(0);
      assert.deepEqual([asked, results], [['local'], []]);
      assert.ok(started.includes('local'));
      finish('local');
      assert.deepEqual(results, ['local found']);
    });

    it('ask DNS servers once for each name that waits, and for 100 at a time', async () => {
      const { start, asked, clock } = await stuckScene();
      for (let each = 0; each < 150; each += 1) start(`x${each}`);
      assert.deepEqual([asked.length, new Set(asked).size], [100, 100]);
      await clock.advance(0);
    });

    it('give no thread to a name that DNS knew while it waited', async () => {
      const { start, finish, started, results, clock } = await stuckScene();
      start('local');
      start('dns a');
      await clock.advance(0);
      assert.deepEqual(results, ['dns a found']);
      finish('local');
      assert.deepEqual(started.slice(2), ['local']);
    });

    it('answer once, whichever way is faster', async () => {
      const { start, finish, started, results, clock } = await stuckScene();
      start('dns a');
      finish('dns a');
      await clock.advance(0);
      assert.deepEqual(results, ['dns a found']);
      start('dns a');
      await clock.advance(0);
      start('dns a');
      finish('dns a');
      assert.deepEqual(results, ['dns a found', 'dns a found', 'dns a found']);
      // The third one took the result of the look-up that was under way.
      assert.deepEqual(started.slice(2), ['dns a', 'dns a']);
    });
  });

  it('leave no timer behind', () => {
    const { start, finish, clock } = scene();
    start('a');
    finish('a');
    assert.equal(clock.pendingTimers, 0);
  });

  it('run one troubled name at a time, and healthy names beside it', () => {
    const { start, finish, started, results } = scene();
    for (const name of ['x', 'y']) {
      start(name);
      finish(name, new Error('no such name'));
    }
    assert.deepEqual(results, ['x no such name', 'y no such name']);
    started.length = 0;
    for (const name of ['x', 'y', 'a']) start(name);
    assert.deepEqual(started, ['x', 'a']);
    finish('x');
    assert.deepEqual(started, ['x', 'a', 'y']);
  });

  it('treat a name as healthy again once it was found', () => {
    const { start, finish, started } = scene();
    start('x');
    finish('x', new Error('no such name'));
    start('x');
    finish('x');
    started.length = 0;
    start('x');
    start('a');
    assert.deepEqual(started, ['x']);
  });

  it('remember a bounded number of troubled names', () => {
    const { start, finish, started } = scene();
    for (let each = 0; each <= 1000; each += 1) {
      start(`x${each}`);
      finish(`x${each}`, new Error('no such name'));
    }
    started.length = 0;
    start('a');
    // The oldest one is forgotten and waits like a healthy one.
    start('x0');
    start('x1');
    assert.deepEqual(started, ['a', 'x1']);
  });
});

describe('the lookup option of node:net', () => {
  const call = (options: Parameters<typeof lookUp>[1]) =>
    new Promise<unknown[]>((resolve) => lookUp('localhost', options, (...result) => resolve(result)));

  it('yields the first address, or all of them', async () => {
    assert.deepEqual(await call({ family: 4 }), [null, '127.0.0.1', 4]);
    assert.deepEqual(await call({ family: 4, all: true }), [null, [{ address: '127.0.0.1', family: 4 }]]);
    const [error, addresses] = await call({ all: true });
    assert.equal(error, null);
    const [noError] = await call({ family: 'IPv4' });
    assert.equal(noError, null);
    assert.ok(Array.isArray(addresses) && addresses.length > 0);
  });

  it('fails if there is no address, or none of the family', async () => {
    const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      lookUp('::1', { family: 4 }, (error) => resolve(error)),
    );
    assert.equal(failure?.code, 'ENOTFOUND');
    const other = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      lookUp('127.0.0.1', { family: 6 }, (error) => resolve(error)),
    );
    assert.equal(other?.code, 'ENOTFOUND');
    const invalid = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      lookUp('no such name', {}, (error) => resolve(error)),
    );
    assert.ok(invalid?.code);
  });
});
