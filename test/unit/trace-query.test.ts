/** Queries of the trace routes: what they mean, and the words for those that mean nothing. */
import assert from 'node:assert/strict';
import { BadQuery, Query, type TracePath } from '../../nodes/trace/query';

const read = (query: string, path: TracePath = 'toggles') => new Query(path, `/phase0/${path}?${query}`);
const problemOf = (query: string): string => {
  try {
    const { filter: _, wait: __ } = read(query);
    return '';
  } catch (error) {
    assert.ok(error instanceof BadQuery);
    return error.message;
  }
};

describe('a query of the trace', () => {
  it('without a filter means every toggle', () => {
    assert.deepEqual(read('').filter, {});
    assert.deepEqual(new Query('toggles', '/phase0/toggles').filter, {});
    assert.deepEqual(read('text=&tag=').filter, {});
    assert.deepEqual(read('access_token=x&_=1').filter, {});
  });

  it('has every filter, and several devices and outcomes', () => {
    const query = read(
      'since=a.1&device=x:1&device=x%3A2&text=a?b&tag=hall&outcome=failed&outcome=unknown&limit=7&wait=9',
    );
    assert.deepEqual(query.filter, {
      since: 'a.1',
      devices: new Set(['x:1', 'x:2']),
      text: 'a?b',
      tag: 'hall',
      outcomes: new Set(['failed', 'unknown']),
      limit: 7,
    });
    assert.equal(query.wait, 9);
    assert.equal(read('format=pcapng', 'export').format, 'pcapng');
  });

  it('names as many devices as an address has room for', () => {
    const keys = Array.from({ length: 1500 }, (_, index) => `d:${index}`);
    const { devices, outcomes } = read(`${keys.map((key) => `device=${key}`).join('&')}&outcome=failed`).filter;
    assert.deepEqual(devices, new Set(keys));
    assert.deepEqual(outcomes, new Set(['failed']));
  });

  const long = 'x'.repeat(10_000);
  for (const [query, problem] of [
    ['outcome=nope', 'outcome must be one of confirmed, rejected, unknown, failed, dropped, not "nope"'],
    [
      'outcome=confirmed,dropped',
      'outcome must be one of confirmed, rejected, unknown, failed, dropped, not "confirmed,dropped"',
    ],
    ['outcome=', 'outcome must be one of confirmed, rejected, unknown, failed, dropped, not ""'],
    ['outcome[]=failed', '"outcome[]" is not a parameter: write outcome=…, again for each value'],
    ['device[a]=1', '"device[a]" is not a parameter: write device=…, again for each value'],
    ['text=a&text=b&text=c', 'text may come once, and comes 3 times'],
    ['tag=a&tag=a', 'tag may come once, and comes 2 times'],
    ['since=a&since=b', 'since may come once, and comes 2 times'],
    [`text=${long}`, 'text may have 256 characters, and has 10000'],
    [`tag=${long}`, 'tag may have 1000 characters, and has 10000'],
    ['limit=0', 'limit must be a whole number from 1, not "0"'],
    ['limit=1e3', 'limit must be a whole number from 1, not "1e3"'],
    ['wait=Infinity', 'wait must be a whole number from 0, not "Infinity"'],
    [
      'outcome=%1B[31m',
      String.raw`outcome must be one of confirmed, rejected, unknown, failed, dropped, not "\u001b[31m"`,
    ],
  ] as const) {
    it(`is refused in words: ${query.slice(0, 30)}`, () => assert.equal(problemOf(query), problem));
  }

  for (const [path, query, name] of [
    ['devices', 'since=a&outcome=failed', 'outcome'],
    ['device', 'key=a&wait=5', 'wait'],
    ['toggles', 'format=jsonl', 'format'],
    ['export', 'format=jsonl&limit=5', 'limit'],
    ['export', 'format=jsonl&limit[]=5', 'limit'],
  ] as const) {
    it(`is refused by phase0/${path}, which has no such parameter: ${query}`, () => {
      assert.throws(() => read(query, path), new BadQuery(`${name} is not a parameter of phase0/${path}`));
    });
  }

  it('shortens what it was sent', () => {
    assert.match(problemOf(`outcome=${long}`), /^.{120,160}… \(10000 characters\)$/);
    assert.throws(() => read('format=exe', 'export').format, /format must be one of jsonl, pcapng, not "exe"/);
  });
});
