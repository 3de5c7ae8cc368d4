/** Members of a group by ids and tags. */
import assert from 'node:assert/strict';
import { Inventory } from '../../src/inventory/inventory';
import { membersOf } from '../../src/inventory/members';
import { readingOf } from '../support/inventories';

function inventoryOf(...rows: readonly (readonly [deviceId: string, tags: string])[]): Inventory {
  const inventory = new Inventory();
  inventory.load(readingOf(rows.map(([device_id, tags]) => ({ device_id, host: 'h', tags }))));
  return inventory;
}

describe('members', () => {
  const inventory = inventoryOf(['a', 'hall'], ['b', 'hall attic'], ['c', ''], ['#c', '']);

  for (const [list, expected] of [
    ['a', ['a']],
    ['c, a b,,a', ['c', 'a', 'b']],
    ['#hall', ['a', 'b']],
    ['c #attic #hall', ['c', 'b', 'a']],
    ['all', ['a', 'b', 'c', '#c']],
    [' all ', ['a', 'b', 'c', '#c']],
    ['all a', ['all', 'a']],
    ['#cellar x', ['#cellar', 'x']],
    ['#c', ['#c']],
    ['', []],
    [[], []],
    [
      ['a', ' b ', '#attic', 7],
      ['a', 'b', '7'],
    ],
    [['all'], ['all']],
  ] as const) {
    it(`${JSON.stringify(list)}: ${expected.join(' ') || 'none'}`, () => {
      assert.deepEqual(membersOf(list, inventory), { ok: true, deviceIds: expected });
    });
  }

  for (const list of [undefined, null, 7, {}, [['a']], [null]]) {
    it(`${JSON.stringify(list)} is no list`, () => {
      const members = membersOf(list, inventory);
      assert.ok(!members.ok);
      assert.match(members.error, /^members must be a text or an array of device ids, not /);
    });
  }

  it('a row with the id "all" is meant by it', () => {
    assert.deepEqual(membersOf('all', inventoryOf(['all', ''], ['b', ''])), { ok: true, deviceIds: ['all'] });
  });

  it('a single device has neither tags nor rows: a text with those is an error, an array has ids alone', () => {
    for (const [list, name] of [
      ['a #hall', '#hall'],
      [' all ', 'all'],
    ]) {
      const error = `members: "${name}" needs an inventory, which has rows and tags`;
      assert.deepEqual(membersOf(list), { ok: false, error });
    }
    assert.deepEqual(membersOf(['#hall', 'all']), { ok: true, deviceIds: ['#hall', 'all'] });
    assert.deepEqual(membersOf('a, all'), { ok: true, deviceIds: ['a', 'all'] });
  });

  it('takes 10,000 members, and no more, however they are given', () => {
    const ids = Array.from({ length: 10_001 }, (_, n) => `lamp-${n}`);
    for (const list of [ids, ids.join(' '), Object.assign([], { length: 10_000_000 })]) {
      const members = membersOf(list, inventory);
      assert.ok(!members.ok);
      assert.match(members.error, /^there are \d+ members, and 10000 are allowed$/);
    }
    const allowed = membersOf(ids.slice(1), inventory);
    assert.ok(allowed.ok && allowed.deviceIds.length === 10_000);
    const long = membersOf(' '.repeat(2_000_000), inventory);
    assert.match(long.ok ? '' : long.error, /at most 1290000 characters/);
  });

  it('a list that cannot be read is none', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const getter = Object.defineProperty([], 0, {
      get() {
        throw new Error('getter');
      },
    });
    // A hole is no id.
    for (const list of [proxy, getter, Object.assign([], { length: 3 })])
      assert.equal(membersOf(list, inventory).ok, false);
  });
});
