/** What the sidebar reads, and when: nothing while nobody looks, no toggles while paused, and no device that is gone. */
import assert from 'node:assert/strict';
import { LiveTrace } from '../../nodes/phase0-sidebar/editor/live-trace';
import { EVERY_TOGGLE } from '../../nodes/phase0-sidebar/editor/toggle-query';
import { devicesAnswer, summary, timelineOf, togglesAnswer } from '../support/trace-answers';

function scene() {
  const open = new Map<
    string,
    { readonly answered: (answer: unknown) => void; readonly failed: (status: number) => void }
  >();
  const timers = new Map<() => void, number>();
  const live = new LiveTrace(
    (path, answered, failed) => {
      open.set(path, { answered, failed });
      return () => open.delete(path);
    },
    (ms, action) => {
      timers.set(action, ms);
      return () => timers.delete(action);
    },
    () => undefined,
    () => 0,
    () => undefined,
  );
  const paths = () => [...open.keys()].toSorted();
  const take = (start: string) => {
    const path = paths().find((each) => each.startsWith(start)) ?? '';
    const request = open.get(path);
    assert.ok(request, `${start} is not asked for, but ${paths().join(', ')}`);
    open.delete(path);
    return request;
  };
  const elapse = (upToMs = Infinity) => {
    for (const [action, ms] of timers) {
      if (ms > upToMs) continue;
      timers.delete(action);
      action();
    }
  };
  /** Without the gaps before the next requests. */
  const answer = (start: string, given: object) => {
    take(start).answered(given);
    elapse();
  };
  return { live, paths, answer, take, elapse };
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
    assert.deepEqual(paths(), ['phase0/device?key=a%26b', 'phase0/devices?', 'phase0/toggles?device=a%26b&limit=20&']);
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
    assert.equal(paths().length, 3);
    live.show(TRACE);
    assert.equal(paths().length, 1);
    live.pause(false);
    assert.deepEqual(paths(), ['phase0/devices?', 'phase0/toggles?limit=200&since=t&wait=20000']);
  });

  it('keeps the toggles of a paused trace while another view is open', () => {
    const { live, answer } = scene();
    live.watch(true);
    live.show(TRACE);
    answer('phase0/toggles', togglesAnswer({ toggles: [timelineOf({ seq: 7 })] }));
    live.pause(true);
    live.show({ kind: 'device', key: 'lamp-1' });
    answer('phase0/toggles?device', togglesAnswer({ toggles: [timelineOf({ seq: 8 })] }));
    live.show({ kind: 'none' });
    live.show(TRACE);
    const seqs = () => [live.trace, live.latest].map(({ store }) => store.all().map(({ seq }) => seq));
    assert.deepEqual(seqs(), [[7], [8]]);
  });

  it('is what another filter finds, once, while the trace is paused', () => {
    const { live, paths, answer } = scene();
    live.watch(true);
    live.show(TRACE);
    answer('phase0/toggles', togglesAnswer({ toggles: [timelineOf({ seq: 7 })] }));
    live.pause(true);
    live.show({ kind: 'trace', filter: { ...EVERY_TOGGLE, text: 'hall' } });
    assert.deepEqual(live.trace.store.all(), []);
    answer('phase0/toggles?text=hall', togglesAnswer({ toggles: [timelineOf({ seq: 3 })] }));
    assert.equal(live.trace.store.all().length, 1);
    assert.deepEqual(paths(), ['phase0/devices?'], 'and then no more');
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
      togglesAnswer({
        toggles: [
          timelineOf({ key: 'lamp-1' }),
          timelineOf({ seq: 2, key: 'lamp-2' }),
          // For ids that no device has.
          timelineOf({ seq: 3, nodeId: 'd1', deviceId: 'lmap-2' }),
          timelineOf({ seq: 4, nodeId: 'removed', deviceId: 'lmap-2' }),
        ],
      }),
    );
    answer('phase0/devices', devicesAnswer({ removed: ['lamp-1'] }));
    assert.equal(live.devices.size, 1);
    assert.deepEqual(
      live.trace.store.all().map(({ key, nodeId }) => key ?? nodeId),
      ['d1', 'lamp-2'],
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

describe('the settings on the page of a device', () => {
  const SETTINGS = {
    connection: 'persistent',
    reply: 'framed',
    connectTimeoutMs: 1,
    ioTimeoutMs: 2,
    maxAttempts: 3,
    queueMode: 'latest',
    breakerFailures: 4,
  } as const;
  const opened = () => {
    const { live, ...rest } = scene();
    live.watch(true);
    live.show({ kind: 'device', key: 'lamp-1' });
    return { live, ...rest };
  };

  it('are those of the runtime, read when the page opens; none is shown until they are known, or of another device', () => {
    const { live, answer, paths } = opened();
    assert.equal(live.settings.known, undefined);
    answer('phase0/device?key=lamp-1', { settings: SETTINGS });
    assert.deepEqual(live.settings.known, SETTINGS);
    live.show({ kind: 'device', key: 'lamp-2' });
    assert.equal(live.settings.known, undefined);
    answer('phase0/device?key=lamp-2', {});
    assert.equal(live.settings.known, undefined);
    live.show({ kind: 'none' });
    live.watch(false);
    assert.deepEqual(paths(), []);
  });

  it('are read again when the device changed, not for every change, and never for those of others', () => {
    const { live, answer, take, elapse, paths } = opened();
    const isAsked = () => paths().includes('phase0/device?key=lamp-1');
    take('phase0/device?').answered({ settings: SETTINGS });
    for (let changes = 0; changes < 3; changes += 1) {
      take('phase0/devices').answered(devicesAnswer({ devices: [summary()] }));
      assert.equal(isAsked(), false);
      elapse(500);
    }
    elapse();
    take('phase0/device?').answered({ settings: { ...SETTINGS, ioTimeoutMs: 99 } });
    assert.equal(live.settings.known?.ioTimeoutMs, 99);
    elapse();
    answer('phase0/devices', devicesAnswer({ devices: [summary({ deviceId: 'lamp-2' })] }));
    assert.equal(isAsked(), false);
    answer('phase0/devices', devicesAnswer({ devices: [summary()] }));
    assert.equal(isAsked(), true);
  });

  it('are asked for again after a failure, when the server has answered anything else', () => {
    const { answer, take, elapse, paths } = opened();
    take('phase0/device?').failed(502);
    elapse();
    assert.equal(paths().includes('phase0/device?key=lamp-1'), false);
    answer('phase0/devices', devicesAnswer());
    assert.equal(paths().includes('phase0/device?key=lamp-1'), true);
  });
});
