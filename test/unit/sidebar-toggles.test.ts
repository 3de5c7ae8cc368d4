/** Toggles of the sidebar: what is kept of them, the filters as queries, and what they are drawn as. */
import assert from 'node:assert/strict';
import { hexLines } from '../../nodes/phase0-sidebar/editor/hex-lines';
import { marksOf, segmentsOf } from '../../nodes/phase0-sidebar/editor/segments';
import { EVERY_TOGGLE, MAX_TEXT, queryOf, type TraceFilter } from '../../nodes/phase0-sidebar/editor/toggle-query';
import { ToggleStore } from '../../nodes/phase0-sidebar/editor/toggle-store';
import { Query } from '../../nodes/trace/query';
import { dissect } from '../../src/trace/dissect';
import { timelineOf, togglesAnswer } from '../support/trace-answers';

const toggles = (...seqs: number[]) => seqs.map((seq) => timelineOf({ seq, key: `k${seq}` }));
const kept = (store: ToggleStore) => store.all().map(({ seq }) => seq);

describe('the toggles of the sidebar', () => {
  it('are kept once each, the newest first, and no more than 1,000', () => {
    const store = new ToggleStore();
    assert.equal(store.isRead, false);
    assert.equal(store.take(togglesAnswer({ toggles: toggles(1, 2), cursor: 'a' })), 'a');
    assert.equal(store.isRead, true);
    store.take(togglesAnswer({ toggles: toggles(2, 3) }));
    assert.deepEqual(kept(store), [3, 2, 1]);
    store.take(togglesAnswer({ toggles: toggles(...Array.from({ length: 1200 }, (_, index) => index + 4)) }));
    assert.equal(kept(store).length, 1000);
    assert.equal(kept(store)[0], 1203);
    assert.equal(store.hasGaps, false);
  });

  it('skip to the latest ones when they come too fast, and say so until they are cleared', () => {
    const store = new ToggleStore();
    assert.equal(store.take(togglesAnswer({ toggles: toggles(1), more: true })), undefined);
    store.take(togglesAnswer({ toggles: toggles(90, 91) }));
    assert.deepEqual([kept(store), store.hasGaps], [[91, 90, 1], true]);
    store.clear();
    store.take(togglesAnswer({ toggles: toggles(91, 92) }));
    assert.deepEqual([kept(store), store.hasGaps], [[92], false]);
  });

  it('begin anew after a restart of Node-RED, also if that came while the latest ones were asked for', () => {
    const store = new ToggleStore();
    store.take(togglesAnswer({ toggles: toggles(50) }));
    store.take(togglesAnswer({ toggles: toggles(1, 2) }));
    assert.deepEqual(kept(store), [2, 1]);
    store.take(togglesAnswer({ toggles: toggles(3), reset: true }));
    assert.equal(store.isRead, true);
    assert.deepEqual(kept(store), [3]);
  });

  it('forget those of devices that are gone', () => {
    const store = new ToggleStore();
    const ofNoDevice = [timelineOf({ seq: 3, nodeId: 'n1' }), timelineOf({ seq: 4, nodeId: 'n2' })];
    store.take(togglesAnswer({ toggles: [...toggles(1, 2), ...ofNoDevice] }));
    store.forget(['k2'], new Set(['n1']));
    assert.deepEqual(kept(store), [3, 1]);
  });
});

describe('the filter of the trace', () => {
  it('is sent as it is, so that the server looks for it in all that it has', () => {
    const sent = (filter: Partial<TraceFilter>) => queryOf({ ...EVERY_TOGGLE, ...filter }).toString();
    assert.equal(sent({}), '');
    assert.equal(sent({ text: ' ' }), '');
    assert.equal(sent({ text: 'lamp-0&x', outcome: 'failed' }), 'text=lamp-0%26x&outcome=failed');
    assert.equal(sent({ tag: 'hall' }), 'tag=hall');
  });

  it('is taken by the server, also with half a surrogate pair', () => {
    const { filter } = new Query(
      'toggles',
      `/phase0/toggles?${queryOf({ text: '\ud83d', tag: 'a+b', outcome: 'failed' }).toString()}`,
    );
    assert.deepEqual(filter, { text: '\ufffd', tag: 'a+b', outcomes: new Set(['failed']) });
    const longest = queryOf({ ...EVERY_TOGGLE, text: 'x'.repeat(MAX_TEXT) });
    assert.equal(new Query('toggles', `/?${longest.toString()}`).filter.text?.length, MAX_TEXT);
  });
});

describe('the timeline of a toggle', () => {
  const timeline = timelineOf({
    elapsedUs: 900,
    attempts: [
      { attempt: 1, at: 100, end: 300, outcome: 'timeout' },
      { attempt: 2, at: 500, end: 900, outcome: 'success' },
    ],
    steps: [
      { kind: 'asked', at: 0 },
      { kind: 'queued', at: 0, us: 100 },
      { kind: 'connect', at: 100, attempt: 1 },
      { kind: 'retry_wait', at: 300, us: 200 },
      { kind: 'connect', at: 500, us: 100, attempt: 2 },
      { kind: 'send', at: 600, us: 50, attempt: 2 },
      { kind: 'bytes_out', at: 650, attempt: 2 },
      { kind: 'bytes_in', at: 890, attempt: 2 },
      { kind: 'reply', at: 895, attempt: 2 },
      { kind: 'verdict', at: 900 },
    ],
  });

  it('has a segment for what took time; one without an end ends with its attempt', () => {
    assert.deepEqual(segmentsOf(timeline), [
      { kind: 'queue', start: 0, end: 100, isCut: false },
      { kind: 'connect', start: 100, end: 300, isCut: true, attempt: 1 },
      { kind: 'retry', start: 300, end: 500, isCut: false },
      { kind: 'connect', start: 500, end: 600, isCut: false, attempt: 2 },
      { kind: 'send', start: 600, end: 650, isCut: false, attempt: 2 },
      { kind: 'reply', start: 650, end: 895, attempt: 2, isCut: false },
    ]);
  });

  it('waits for a reply that did not come until the end of the attempt', () => {
    const steps = timeline.steps.filter(({ kind }) => kind !== 'reply');
    const wait = segmentsOf({ ...timeline, steps }).find(({ kind }) => kind === 'reply');
    assert.deepEqual([wait?.end, wait?.isCut], [900, true]);
  });

  it('marks bytes', () => {
    assert.deepEqual(marksOf(timeline), [
      { kind: 'bytes_out', at: 650, attempt: 2 },
      { kind: 'bytes_in', at: 890, attempt: 2 },
    ]);
  });
});

describe('the bytes of a packet', () => {
  const linesOf = (bytes: readonly number[]) => {
    const packet = Uint8Array.from(bytes);
    return hexLines(packet, dissect(packet, { direction: 'reply', reply: 'framed' }));
  };

  it('stand in lines of eight, by field, with the wrong byte by itself', () => {
    assert.deepEqual(linesOf([0xf0, 0x0d, 0x02, 0, 0, 0, 1, 0x41, 0x42]), [
      {
        offset: '0000',
        runs: [
          { field: 'magic', isFault: false, hex: 'f0 0d', text: '··' },
          { field: 'version', isFault: true, hex: '02', text: '·' },
          { field: 'raw', isFault: false, hex: '00 00 00 01 41', text: '····A' },
        ],
      },
      { offset: '0008', runs: [{ field: 'raw', isFault: false, hex: '42', text: 'B' }] },
    ]);
  });

  it('have a place for a byte that is missing, also at the end of a line', () => {
    const missing = { isFault: true, hex: '__', text: ' ' };
    const header = [0xf0, 0x0d, 0x01, 0, 0, 0, 9];
    assert.deepEqual(linesOf(header).at(-1)?.runs.at(-1), missing);
    assert.deepEqual(linesOf([...header, 0x7b]).at(-1), { offset: '0008', runs: [missing] });
  });

  it('are shown up to 2 KiB', () => {
    assert.equal(linesOf(Array.from({ length: 65_536 }, () => 0x1b)).length, 256);
  });
});
