/** What the sidebar reads, and when: nothing while nobody looks, no toggles while paused, and no device that is gone. */
import assert from 'node:assert/strict';
import { LiveTrace } from '../../nodes/phase0-sidebar/editor/live-trace';
import { EVERY_TOGGLE } from '../../nodes/phase0-sidebar/editor/toggle-query';
import { devicesAnswer, summary, timelineOf, togglesAnswer } from '../support/trace-answers';

function scene() {
  const open = new Map<string, (answer: unknown) => void>();
  const timers = new Set<() => void>();
  const live = new LiveTrace(
    (path, answered) => {
      open.set(path, answered);
      return () => open.delete(path);
    },
    (_ms, action) => {
      timers.add(action);
      return () => timers.delete(action);
    },
    () => undefined,
    () => 0,
    () => undefined,
  );
  const paths = () => [...open.keys()].toSorted();
  const answer = (start: string, given: object) => {
    const path = paths().find((each) => each.startsWith(start)) ?? '';
    const answered = open.get(path);
    assert.ok(answered, `${start} is not asked for, but ${paths().join(', ')}`);
    open.delete(path);
    answered(given);
    for (const action of timers) {
      timers.delete(action);
      action();
    }
  };
  return { live, paths, answer };
}

const TRACE = { kind: 'trace', filter: EVERY_TOGGLE } as const;

describe('what the sidebar reads', () => {
  it('is nothing while nobody looks, and goes on where it was', () => {
    const { live, paths, answer } = scene();
    assert.deepEqual(paths(), []);
    live.watch(true);
    assert.deepEqual(paths(), ['phase0/devices?']);
    live.watch(false);
    assert.deepEqual(paths(), []);
    live.watch(true);
    answer('phase0/devices', devicesAnswer({ cursor: 'a b' }));
    assert.deepEqual(paths(), ['phase0/devices?since=a%20b&wait=20000']);
    live.watch(false);
    assert.deepEqual(paths(), []);
  });

  it('is the toggles of the view that is open', () => {
    const { live, paths } = scene();
    live.watch(true);
    live.show(TRACE);
    assert.deepEqual(paths(), ['phase0/devices?', 'phase0/toggles?limit=200&']);
    live.show({ kind: 'device', key: 'a&b' });
    assert.deepEqual(paths(), ['phase0/devices?', 'phase0/toggles?device=a%26b&limit=20&']);
    live.show({ kind: 'none' });
    assert.deepEqual(paths(), ['phase0/devices?']);
  });

  it('is no toggle of the trace while that is paused', () => {
    const { live, paths, answer } = scene();
    live.watch(true);
    live.show(TRACE);
    answer('phase0/toggles', togglesAnswer({ cursor: 't' }));
    live.pause(true);
    assert.deepEqual(paths(), ['phase0/devices?']);
    live.show({ kind: 'device', key: 'a' });
    assert.equal(paths().length, 2);
    live.show(TRACE);
    assert.equal(paths().length, 1);
    live.pause(false);
    assert.deepEqual(paths(), ['phase0/devices?', 'phase0/toggles?limit=200&']);
  });

  it('is what the filter of the trace finds', () => {
    const { live, paths } = scene();
    live.watch(true);
    live.show({ kind: 'trace', filter: { text: 'ha & ll', tag: 'east', outcome: 'failed' } });
    assert.equal(paths()[1], 'phase0/toggles?text=ha+%26+ll&tag=east&outcome=failed&limit=200&');
  });

  it('forgets devices that are gone, with their toggles', () => {
    const { live, answer } = scene();
    live.watch(true);
    live.show(TRACE);
    answer('phase0/devices', devicesAnswer({ devices: [summary(), summary({ deviceId: 'lamp-2' })] }));
    answer(
      'phase0/toggles',
      togglesAnswer({ toggles: [timelineOf({ key: 'lamp-1' }), timelineOf({ seq: 2, key: 'lamp-2' })] }),
    );
    answer('phase0/devices', devicesAnswer({ removed: ['lamp-1'] }));
    assert.equal(live.devices.size, 1);
    assert.deepEqual(
      live.toggles.all().map(({ key }) => key),
      ['lamp-2'],
    );
  });

  it('is no toggle when nothing is recorded', () => {
    const { live, paths, answer } = scene();
    live.watch(true);
    live.show(TRACE);
    answer('phase0/devices', devicesAnswer({ cursor: '', reset: true, traceBytes: 0 }));
    assert.deepEqual(paths(), ['phase0/devices?since=&wait=20000']);
  });
});
