import assert from 'node:assert/strict';
import { deviceIdsFrom, runLoad, type Load } from '../../src/cli/load';
import type { ToggleCommand } from '../../src/device/device';
import type { Verdict } from '../../src/verdict';

const LOAD: Load = { repeat: 6, concurrency: 2, deviceIds: ['a', 'b'], state: 'on' };

/** A device that answers in its own time, and what was asked of it. */
function fakeDevice(outcome: (nth: number) => Verdict['outcome'] = () => 'confirmed') {
  const asked: string[] = [];
  const atOnce = { now: 0, most: 0 };
  const toggle = async ({ deviceId = '', state, observer }: ToggleCommand): Promise<Verdict> => {
    const wanted = state === true;
    asked.push(`${deviceId} ${state === 'flip' ? state : wanted ? 'on' : 'off'}`);
    const nth = asked.length;
    atOnce.now += 1;
    atOnce.most = Math.max(atOnce.most, atOnce.now);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce.now -= 1;
    const ended = outcome(nth);
    const attempts = ended === 'dropped' ? 0 : 1;
    const verdict: Verdict = { outcome: ended, deviceId, msgId: '', state: wanted, attempts, elapsedMs: 1 };
    observer?.verdict?.(verdict);
    return verdict;
  };
  return { device: { toggle }, asked, atOnce };
}

describe('load', () => {
  it('runs the given number of toggles, at the given concurrency, over the ids', async () => {
    const { device, asked, atOnce } = fakeDevice();
    let verdicts = 0;
    await runLoad(
      device,
      LOAD,
      () => (verdicts += 1),
      async () => true,
    );
    assert.deepEqual([verdicts, atOnce.most], [6, 2]);
    assert.deepEqual(asked.toSorted(), ['a on', 'a on', 'a on', 'b on', 'b on', 'b on']);
  });

  it('takes all ids in turn, also when there are more than workers', async () => {
    const { device, asked, atOnce } = fakeDevice();
    await runLoad(
      device,
      { ...LOAD, repeat: 10, deviceIds: ['a', 'b', 'c', 'd', 'e'] },
      () => {},
      async () => true,
    );
    assert.deepEqual(asked.toSorted(), [
      'a on',
      'a on',
      'b on',
      'b on',
      'c on',
      'c on',
      'd on',
      'd on',
      'e on',
      'e on',
    ]);
    assert.equal(atOnce.most, 2);
  });

  it('leaves a flip to the device, which knows the last confirmed state', async () => {
    const { device, asked } = fakeDevice();
    await runLoad(
      device,
      { ...LOAD, concurrency: 1, repeat: 4, deviceIds: ['a'], state: 'flip' },
      () => {},
      async () => true,
    );
    assert.deepEqual(asked, ['a flip', 'a flip', 'a flip', 'a flip']);
  });

  it('starts no more toggles after a stop, and waits for the running ones', async () => {
    const { device, asked } = fakeDevice();
    let verdicts = 0;
    await runLoad(
      device,
      { ...LOAD, repeat: 1000 },
      () => (verdicts += 1),
      async () => verdicts < 3,
    );
    assert.ok(asked.length < 6);
    assert.equal(verdicts, asked.length);
  });

  it('yields to the event loop when all toggles are dropped at once', async () => {
    const { device } = fakeDevice(() => 'dropped');
    let ended = false;
    setImmediate(() => (ended = true));
    let verdicts = 0;
    await runLoad(
      device,
      { ...LOAD, repeat: 10_000 },
      () => (verdicts += 1),
      async () => !ended,
    );
    assert.ok(verdicts < 10_000);
  });

  it('uses the id for one device, and numbers several', () => {
    assert.deepEqual(deviceIdsFrom('D', 1), ['D']);
    assert.deepEqual(deviceIdsFrom('D', 3), ['D-1', 'D-2', 'D-3']);
  });
});
