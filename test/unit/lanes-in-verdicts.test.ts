/** Lanes of one device: what observers do from inside a verdict leaves each device id one lane, and no two toggles at once. */
import assert from 'node:assert/strict';
import type { LaneSettings } from '../../src/device/lane';
import { Lanes } from '../../src/device/lanes';
import { fakeClock } from '../support/fixtures';
import { ManualToggle } from '../support/manual-toggle';

const SETTINGS: LaneSettings = {
  queueMode: 'latest',
  queueLimit: 100,
  queueTtlMs: 0,
  breakerFailures: 0,
  breakerResetMs: 1000,
};

function setUp() {
  const clock = fakeClock();
  const lanes = new Lanes({ lane: () => SETTINGS }, clock, {
    queueDepth: () => undefined,
    circuitState: () => undefined,
  });
  /** `onVerdict` runs within the call that hands over the verdict. */
  const submit = (msgId: string, requester?: string, onVerdict: () => void = () => undefined): ManualToggle => {
    const toggle = new ManualToggle(msgId, clock, requester);
    const { resolve } = toggle;
    toggle.resolve = (verdict) => {
      resolve(verdict);
      onVerdict();
    };
    lanes.submit('lamp', toggle);
    return toggle;
  };
  return { lanes, submit };
}

/** Ends `first`, in whose verdict `next` was submitted, and expects that the one after that waits for it. */
async function expectTurns({ submit }: ReturnType<typeof setUp>, first: ManualToggle, next: () => ManualToggle) {
  first.end();
  await first.settled;
  assert.ok(next().started, 'the one submitted by the receiver of the verdict runs');
  const last = submit('last');
  assert.ok(!last.started, 'two run at the same time');
  next().end();
  await next().settled;
  assert.ok(last.started);
  last.end();
  await last.settled;
}

describe('lanes of one device', () => {
  it('one at a time, when all that waits is stopped from inside a verdict before the next one is submitted', async () => {
    const scene = setUp();
    const { lanes, submit } = scene;
    let next: ManualToggle | undefined;
    const first = submit('first', 'a', () => {
      submit('replaces', 'b');
      next = submit('next', 'c');
    });
    submit('waits', 'a', () => lanes.stop('cancelled', 'b'));
    await expectTurns(scene, first, () => next ?? assert.fail('it was not submitted'));
  });

  it('one at a time, when settings change from inside a verdict before the next toggle is submitted', async () => {
    const scene = setUp();
    let next: ManualToggle | undefined;
    const first = scene.submit('first', undefined, () => {
      scene.lanes.reconfigure('lamp');
      next = scene.submit('next');
    });
    await expectTurns(scene, first, () => next ?? assert.fail('it was not submitted'));
  });

  it('one at a time, when the device id is removed from inside a verdict and comes back', async () => {
    const scene = setUp();
    let next: ManualToggle | undefined;
    const first = scene.submit('first', undefined, () => {
      scene.lanes.remove('lamp', 'device_removed');
      next = scene.submit('next');
    });
    await expectTurns(scene, first, () => next ?? assert.fail('it was not submitted'));
  });
});
