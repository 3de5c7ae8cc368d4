/** Wrong set-ups: every verdict has the cause that tells what to do, and words for it. */
import assert from 'node:assert/strict';
import { causeWords } from '../../src/causes';
import { describeVerdict, englishWords } from '../../src/verdict';
import { deviceAt, scripted } from '../support/devices';
import { endSetups, WRONG_SETUPS } from '../support/wrong-setups';

/** Enough for what answers on a busy machine; what stays silent takes all of it. */
const SETTINGS = { connectTimeoutMs: 800, ioTimeoutMs: 400, maxAttempts: 2 };

afterEach(endSetups);

for (const connection of ['per-toggle', 'persistent'] as const) {
  describe(`wrong set-ups, ${connection}`, () => {
    for (const { name, cause, setup, once } of WRONG_SETUPS) {
      it(`${name}: ${cause}`, async () => {
        const { port, settings = {}, tls } = await setup();
        const { device } = deviceAt(port, { ...SETTINGS, connection, ...settings }, tls ? { tls } : {});
        const attempts: unknown[] = [];
        const observer = { attemptEnded: (report: { cause?: string }) => attempts.push(report.cause) };
        const verdict = await device.toggle({ state: true, observer });
        assert.equal(verdict.cause, cause, JSON.stringify(verdict));
        assert.equal(verdict.attempts, once ? 1 : 2);
        assert.equal(attempts.at(-1), cause);
        const address = { host: device.settings.host, port };
        const { what, advice } = causeWords(cause, address);
        assert.ok(describeVerdict(verdict, englishWords(verdict, address)).includes(`${what} ${advice} (`));
      });
    }
  });
}

describe('wrong set-ups: toggles that are dropped', () => {
  it('a full queue: queue_full', async () => {
    const { device } = deviceAt(await scripted(() => undefined), { queueLimit: 0, maxAttempts: 1 });
    const [, dropped] = await Promise.all([device.toggle({ state: true }), device.toggle({ state: false })]);
    assert.deepEqual([dropped.outcome, dropped.cause], ['dropped', 'queue_full']);
  });

  it('an open circuit: circuit_open', async () => {
    const { device } = deviceAt(await scripted(() => undefined), { breakerFailures: 1, maxAttempts: 1 });
    await device.toggle({ state: true });
    assert.equal((await device.toggle({ state: true })).cause, 'circuit_open');
  });

  it('a device id that is none: invalid_settings', async () => {
    const { device } = deviceAt(9);
    assert.equal((await device.toggle({ state: true, deviceId: '' })).cause, 'invalid_settings');
  });

  it('a state that is none: invalid_state', async () => {
    const { device } = deviceAt(9);
    assert.equal((await device.toggle({ state: 'maybe' as 'flip' })).cause, 'invalid_state');
  });

  it('a toggle that was stopped: cancelled', async () => {
    const { device } = deviceAt(await scripted(() => device.stop('cancelled')));
    assert.equal((await device.toggle({ state: true })).cause, 'cancelled');
  });
});
