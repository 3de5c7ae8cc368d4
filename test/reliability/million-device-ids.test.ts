/** A million distinct device ids through one device, with what a device node gives it: nothing grows with the ids seen. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConfirmedStates, ContextStore } from '../../nodes/phase0-device/confirmed-states';
import { Device } from '../../src/device/device';
import { Metrics } from '../../src/observers/metrics';
import { HEADER_BYTES } from '../../src/protocol/frame';
import { decodeToggle, encodeReply } from '../../src/protocol/toggle';
import { parseSettings } from '../../src/settings/field';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import type { Connect } from '../../src/transport/socket';

const DEVICE_IDS = 1_000_000;
const AT_ONCE = 50;
const MAX_GROWTH_BYTES = 20_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const CASES: readonly { title: string; settings: Partial<DeviceSettings>; connect: Connect; expected: string }[] = [
  {
    title: 'that all switch, over one persistent connection',
    settings: { connection: 'persistent', reply: 'framed' },
    connect: answering,
    expected: 'confirmed',
  },
  {
    title: 'that are all dead, each with its circuit breaker',
    settings: { breakerFailures: 1, breakerResetMs: 60_000 },
    connect: refusing,
    expected: 'failed',
  },
];

describe('a million device ids', function () {
  this.timeout(180_000);

  for (const { title, settings, connect, expected } of CASES) {
    it(`${title}, leave at most 20 MB`, async () => {
      const parsed = parseSettings(deviceFields, {
        deviceId: 'gateway',
        host: 'device.test',
        maxAttempts: 1,
        ...settings,
      });
      assert.ok(parsed.ok);
      const states = new ConfirmedStates({ stateChanged: () => undefined });
      const recorder = new Metrics().observer('node', 'gateway');
      const stateStore = new ContextStore(states, {
        get: (_key, done) => done(undefined, undefined),
        set: (_key, _value, done) => done(),
      });
      const observers = [recorder, states];
      const device = new Device(parsed.settings, { observers, stateStore, connect, addresses: new Map() });
      const switchAll = async (from: number, to: number) => {
        for (let first = from; first < to; first += AT_ONCE) {
          const ids = Array.from({ length: AT_ONCE }, (_, index) => `plant/hall-3/lamp-${first + index}`);
          const verdicts = await Promise.all(ids.map((deviceId) => device.toggle({ deviceId, state: true })));
          assert.deepEqual(new Set(verdicts.map(({ outcome }) => outcome)), new Set([expected]));
        }
      };
      // The first ones fill what is bounded by number, and have the code compiled.
      await switchAll(0, 20_000);
      const before = await heapBytes();
      await switchAll(20_000, 20_000 + DEVICE_IDS);
      const growth = (await heapBytes()) - before;
      device.close();
      assert.ok(growth <= MAX_GROWTH_BYTES, `${growth} bytes`);
    });
  }
});

async function heapBytes(): Promise<number> {
  await setImmediate();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A device that confirms whatever it is sent. */
function answering(...[, events]: Parameters<Connect>): ReturnType<Connect> {
  const close = () => process.nextTick(() => events.closed());
  process.nextTick(() => events.connected());
  return {
    unsentBytes: 0,
    write(bytes, onSent) {
      const { msgId, state } = decodeToggle(Buffer.from(bytes).subarray(HEADER_BYTES));
      process.nextTick(() => {
        onSent();
        events.data(encodeReply({ kind: 'ack', msgId, state }));
      });
    },
    end: close,
    reset: close,
  };
}

/** Nobody listens. */
function refusing(...[, events]: Parameters<Connect>): ReturnType<Connect> {
  process.nextTick(() => {
    events.failed({ error: 'connect ECONNREFUSED', cause: 'port_refused' });
    events.closed();
  });
  return { unsentBytes: 0, write: () => undefined, end: () => undefined, reset: () => undefined };
}
