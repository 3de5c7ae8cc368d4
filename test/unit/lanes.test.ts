/** Lanes of many device ids: which are remembered, which are forgotten, and what is reported of their circuits. */
import assert from 'node:assert/strict';
import type { LaneSettings, LaneToggle } from '../../src/device/lane';
import { Lanes, MAX_IDLE_LANES } from '../../src/device/lanes';
import type { VerdictOutcome } from '../../src/outcomes';
import type { Verdict } from '../../src/verdict';
import { fakeClock } from '../support/fixtures';

/** More idle lanes than are kept at any time. */
const TOO_MANY = MAX_IDLE_LANES * 1.1 + 1;

function setUp(breakerFailures: number) {
  const clock = fakeClock();
  const circuits: string[] = [];
  let opened = 0;
  const settings: LaneSettings = {
    queueMode: 'fifo',
    queueLimit: 9,
    queueTtlMs: 0,
    breakerFailures,
    breakerResetMs: 1,
  };
  const lanes = new Lanes(
    {
      lane() {
        opened += 1;
        return settings;
      },
    },
    clock,
    { queueDepth: () => undefined, circuitState: (deviceId, state) => circuits.push(`${deviceId} ${state}`) },
  );
  /** Submits a toggle, which runs until it is ended. */
  const submit = (deviceId: string) => {
    const told: Verdict[] = [];
    const run = { isRunning: false, told, end: (_outcome: VerdictOutcome): void => assert.fail('it does not run') };
    const verdict = { deviceId, msgId: 'm', state: true, attempts: 1, elapsedMs: 0 };
    const toggle: LaneToggle = {
      msgId: 'm',
      requester: undefined,
      requestedAt: clock.now(),
      hasBegun: true,
      state: () => true,
      run: () =>
        new Promise((resolve) => {
          run.isRunning = true;
          run.end = (outcome) => resolve({ ...verdict, outcome });
        }),
      resolve: (final) => told.push(final),
      reject: (error) => assert.fail(String(error)),
    };
    lanes.submit(deviceId, toggle);
    return run;
  };
  const fail = async (...deviceIds: string[]) => {
    for (const run of deviceIds.map((deviceId) => submit(deviceId))) run.end('failed');
    await clock.advance(0);
  };
  const failTooMany = () => fail(...Array.from({ length: TOO_MANY }, (_, number) => `other-${number}`));
  return { lanes, submit, fail, failTooMany, circuits, clock, opened: () => opened };
}

describe('lanes', () => {
  for (const isReconfigured of [false, true]) {
    it(`never forget one that runs${isReconfigured ? ' under other settings' : ', and had failures to remember'}`, async () => {
      const { lanes, submit, fail, failTooMany } = setUp(2);
      await fail('lamp');
      if (isReconfigured) lanes.reconfigure('lamp');
      const running = submit('lamp');
      await failTooMany();
      assert.deepEqual([running.isRunning, submit('lamp').isRunning], [true, false]);
    });
  }

  it('forget an open circuit that has rested longest, be it asked meanwhile, and report it as closed', async () => {
    const { lanes, submit, fail, failTooMany, circuits } = setUp(1);
    await fail('lamp');
    assert.equal(submit('lamp').told[0]?.reason, 'circuit_open');
    assert.deepEqual(circuits, ['lamp closed', 'lamp open']);
    await failTooMany();
    assert.deepEqual(
      circuits.filter((each) => each.startsWith('lamp')),
      ['lamp closed', 'lamp open', 'lamp closed'],
    );
    for (const each of Object.values(lanes) as unknown[]) {
      if (each instanceof Map || each instanceof Set)
        assert.ok(each.size < TOO_MANY, 'what is forgotten is kept nowhere');
    }
    assert.ok(submit('lamp').isRunning);
  });

  it('report nothing of a closed circuit that they forget, or close', async () => {
    const { lanes, fail, failTooMany, circuits } = setUp(2);
    await fail('lamp');
    await failTooMany();
    lanes.close();
    assert.deepEqual(circuits.filter((each) => each === 'lamp closed').length, 1);
    assert.equal(circuits.length, TOO_MANY + 1);
  });

  it('report no circuit where none is used', async () => {
    const { lanes, fail, circuits } = setUp(0);
    await fail('lamp');
    lanes.close();
    assert.deepEqual(circuits, []);
  });

  it('begin anew with a device id that was removed', async () => {
    const { lanes, submit, fail, opened, circuits } = setUp(1);
    await fail('lamp');
    lanes.remove('lamp', 'device_removed');
    assert.deepEqual(circuits, ['lamp closed', 'lamp open', 'lamp closed']);
    assert.ok(submit('lamp').isRunning);
    assert.equal(opened(), 2);
  });
});
