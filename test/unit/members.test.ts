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

  it('a single device has no tags', () => {
    assert.deepEqual(membersOf('all #hall a'), { ok: true, deviceIds: ['all', '#hall', 'a'] });
  });
});
