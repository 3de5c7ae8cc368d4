/** The device with a fake transport and clock: one verdict per toggle, whatever the user's functions do. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Device, type DeviceOptions, type ToggleCommand } from '../../src/device/device';
import { MAX_IDLE_LANES } from '../../src/device/lanes';
import type { DeviceSettings } from '../../src/settings/device';
import type { Attempt, AttemptResult } from '../../src/transport/transport';
import type { Verdict } from '../../src/verdict';
import { fakeClock, settingsWith } from '../support/fixtures';
import { listen } from '../support/loopback';

const SUCCESS: AttemptResult = { outcome: 'success', maybeDelivered: true, latencyMs: 1 };
const REFUSED: AttemptResult = { outcome: 'connection_failed', maybeDelivered: false, error: 'connection refused' };

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A transport whose attempts end when the test says so, or when they are stopped. */
class FakeTransport {
  readonly attempts: (Attempt & { end: (result: AttemptResult) => void })[] = [];
  closed = 0;
  idleClosed = 0;

  exchange(attempt: Attempt): Promise<AttemptResult> {
    return new Promise((end) => {
      this.attempts.push({ ...attempt, end });
      attempt.signal.onStop(() => end({ outcome: 'cancelled', maybeDelivered: true }));
    });
  }

  /** Ends the last attempt, and waits until its verdict has been delivered. */
  async endLast(result: AttemptResult = SUCCESS): Promise<void> {
    this.attempts.at(-1)?.end(result);
    await settled();
  }

  closeIdle(): void {
    this.idleClosed += 1;
  }

  close(): void {
    this.closed += 1;
  }
}

function setUp(options: DeviceOptions = {}, settings: Partial<DeviceSettings> = {}) {
  const transport = new FakeTransport();
  // Any time but 0, which would hide a time that is added instead of subtracted.
  const clock = fakeClock(1000);
  const device = new Device(settingsWith(settings), { transport, clock, random: () => 0, ...options });
  return { device, transport, clock };
}

const summary = ({ outcome, reason }: Verdict) => (reason ? `${outcome}/${reason}` : outcome);

/** An observer, or an error handler, that fails in each way there is. */
const broken: Readonly<Record<'throwing' | 'rejecting', () => never>> = {
  throwing: () => {
    throw new Error('observer');
  },
  // Typed as a function that returns nothing, as an async function passes for in JavaScript.
  rejecting: (() => Promise.reject(new Error('observer'))) as unknown as () => never,
};
const throwNoText = () => {
  throw Object.create(null);
};
const everyMethod = (call: () => unknown) =>
  Object.fromEntries(
    [
      'packet',
      'attemptStarted',
      'attemptEnded',
      'decodeError',
      'verdict',
      'queueDepth',
      'connectionState',
      'circuitState',
      'confirmedState',
    ].map((name) => [name, call]),
  );

describe('device contract', () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  let mochaListeners: NodeJS.UnhandledRejectionListener[] = [];

  before(() => {
    mochaListeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', onUnhandled);
  });
  afterEach(async () => {
    await settled();
    assert.deepEqual(unhandled.splice(0), [], 'unhandled rejections');
  });
  after(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of mochaListeners) process.on('unhandledRejection', listener);
  });

  it('sends the command, and remembers the confirmed state', async () => {
    const { device, transport } = setUp({ newMsgId: () => 'id-1' });
    const verdict = device.toggle({ state: true });
    assert.deepEqual(transport.attempts[0]?.request, { deviceId: 'lamp', msgId: 'id-1', state: true });
    await transport.endLast({ ...SUCCESS, received: '41434b' });
    const expected = { outcome: 'confirmed', deviceId: 'lamp', msgId: 'id-1', state: true, attempts: 1 };
    assert.deepEqual(await verdict, { ...expected, latencyMs: 1, received: '41434b', elapsedMs: 0 });
    assert.equal(device.knownState('lamp'), true);
    device.closeIdle();
    assert.equal(transport.idleClosed, 1);
  });

  for (const connection of ['per-toggle', 'persistent'] as const) {
    it(`makes its own ${connection} transport by default, with sockets`, async () => {
      const { port } = await listen((socket) => socket.once('data', () => socket.end('ACK')));
      const settings = settingsWith({ connection, port });
      const device = new Device(settings);
      assert.equal(device.settings, settings);
      assert.equal(summary(await device.toggle({ state: true })), 'confirmed');
      device.closeIdle();
      device.close();
    });
  }

  it('says of a toggle that cannot be read that the device is closed, once it is', async () => {
    const { device } = setUp();
    const unreadable = { state: 'perhaps' } as unknown as ToggleCommand;
    assert.notEqual((await device.toggle(unreadable)).reason, 'closed');
    device.close();
    assert.equal(summary(await device.toggle(unreadable)), 'dropped/closed');
  });

  describe('flip', () => {
    it('is decided when its turn comes, from what was confirmed before it', async () => {
      const { device, transport } = setUp();
      const verdicts = [true, 'flip', 'flip'].map((state) => device.toggle({ state } as ToggleCommand));
      await transport.endLast();
      await transport.endLast({ outcome: 'timeout', maybeDelivered: true });
      await transport.endLast();
      assert.deepEqual(
        transport.attempts.map(({ request }) => request.state),
        [true, false, false],
      );
      assert.deepEqual((await Promise.all(verdicts)).map(summary), ['confirmed', 'unknown/timeout', 'confirmed']);
    });

    it('waits until the state store has been read', async () => {
      let finishLoad: (saved: unknown) => void = () => undefined;
      const load = () => new Promise((resolve) => (finishLoad = resolve));
      const { device, transport } = setUp({ stateStore: { load, save: () => Promise.resolve() } });
      const verdict = device.toggle({ state: 'flip' });
      const other = device.toggle({ state: true, deviceId: 'pump' });
      await settled();
      assert.deepEqual(
        transport.attempts.map(({ request }) => request.deviceId),
        ['pump'],
        'only the flip waits',
      );
      await transport.endLast();
      await other;
      finishLoad({ lamp: true });
      await settled();
      assert.equal(transport.attempts[1]?.request.state, false);
      await transport.endLast();
      assert.equal((await verdict).outcome, 'confirmed');
      device.close();
    });

    it('is dropped when stopped while the store is read, and its lane goes on', async () => {
      for (const end of ['stop', 'close'] as const) {
        const stateStore = { load: () => new Promise(() => undefined), save: () => Promise.resolve() };
        const { device, transport, clock } = setUp({ stateStore });
        const verdict = device.toggle({ state: 'flip' });
        const next = device.toggle({ state: true, requester: 'other' });
        await clock.advance(20);
        if (end === 'stop') device.stop('cancelled');
        else device.close();
        assert.equal(summary(await verdict), end === 'stop' ? 'dropped/cancelled' : 'dropped/closed');
        assert.deepEqual([(await verdict).attempts, (await verdict).elapsedMs], [0, 20]);
        assert.equal((await next).outcome, 'dropped');
        assert.equal(transport.attempts.length, 0);
        device.close();
        assert.equal(clock.pendingTimers, 0);
      }
    });

    it('goes on when the store takes too long', async () => {
      const errors: unknown[] = [];
      const stateStore = { load: () => new Promise(() => undefined), save: () => Promise.resolve() };
      const { device, transport, clock } = setUp({ stateStore, onStateStoreError: (error) => errors.push(error) });
      const verdict = device.toggle({ state: 'flip' });
      await clock.advance(10_000);
      assert.equal(transport.attempts[0]?.request.state, true);
      await transport.endLast();
      assert.equal((await verdict).outcome, 'confirmed');
      assert.equal(errors.length, 1);
    });
  });

  describe('functions of the user that fail', () => {
    for (const [how, call] of Object.entries(broken)) {
      it(`observers and their error handler, ${how}: every toggle gets its verdict`, async () => {
        const observer = everyMethod(call);
        const { device, transport, clock } = setUp(
          { observers: [observer], onObserverError: call },
          { breakerFailures: 1, breakerResetMs: 1000 },
        );
        const all = [device.toggle({ state: true, observer }), device.toggle({ state: 'flip', observer })];
        await transport.endLast();
        await transport.endLast(REFUSED);
        all.push(device.toggle({ state: true, observer }));
        await clock.advance(1000);
        all.push(device.toggle({ state: true, observer }), device.toggle({ state: true, observer }));
        device.close();
        assert.deepEqual((await Promise.all(all)).map(summary), [
          'confirmed',
          'failed/connection_failed',
          'dropped/circuit_open',
          'unknown/closed',
          'dropped/circuit_open',
        ]);
      });

      it(`a state store and its error handler, ${how}`, async () => {
        const stateStore = { load: call, save: call };
        const { device, transport } = setUp({ stateStore, onStateStoreError: call });
        const verdict = device.toggle({ state: 'flip' });
        await settled();
        await transport.endLast();
        assert.equal((await verdict).outcome, 'confirmed');
        device.close();
      });
    }

    const rubbish: readonly (readonly [name: string, newMsgId: () => unknown])[] = [
      ['throws', broken.throwing],
      ['is empty', () => ''],
      ['is too long', () => 'x'.repeat(65)],
      ['is a number', () => 7],
      ['is undefined', () => undefined],
      ['is a promise', () => Promise.resolve('id')],
      ['rejects', broken.rejecting],
      ['has a line break', () => 'a\nb'],
      ['has no prototype', () => Object.create(null)],
    ];
    for (const [name, newMsgId] of rubbish) {
      it(`a msgId that ${name} is dropped/invalid_settings, and the lane goes on`, async () => {
        const { device, transport } = setUp({ newMsgId: newMsgId as () => string });
        const verdict = await device.toggle({ state: true });
        assert.equal(summary(verdict), 'dropped/invalid_settings');
        assert.equal(typeof verdict.msgId, 'string');
        const next = device.toggle({ state: true, msgId: 'own' });
        await transport.endLast();
        assert.equal((await next).outcome, 'confirmed');
      });
    }

    const noSockets: readonly (readonly [name: string, connect: () => unknown, text: RegExp])[] = [
      ['throws', broken.throwing, /^connect failed: observer$/],
      ['rejects', broken.rejecting, /^connect returned no socket$/],
      ['returns nothing', () => undefined, /^connect returned no socket$/],
      ['returns half a socket', () => ({ write: () => undefined }), /^connect returned no socket$/],
      ['throws what has no text', throwNoText, /^connect failed: an error without a message$/],
    ];
    for (const connection of ['per-toggle', 'persistent'] as const) {
      for (const [name, connect, text] of noSockets) {
        it(`${connection}: a connect that ${name} is a connection that failed, and the lane goes on`, async () => {
          const clock = fakeClock();
          const options = { connect: connect as unknown as NonNullable<DeviceOptions['connect']>, clock };
          const device = new Device(settingsWith({ connection, maxAttempts: 2 }), options);
          const verdicts = [device.toggle({ state: true }), device.toggle({ state: false })];
          await clock.advance(20_000);
          for (const verdict of await Promise.all(verdicts)) {
            assert.equal(summary(verdict), 'failed/connection_failed');
            assert.match(verdict.error ?? '', text);
          }
          device.close();
        });
      }
    }

    for (const [name, random] of [
      ['throws', broken.throwing],
      ['rejects', broken.rejecting],
      ['is NaN', () => Number.NaN],
      ['is no number', () => '0.5'],
      ['is far too large', () => 1e9],
    ] as const) {
      it(`a random that ${name}: the next attempt comes all the same`, async () => {
        const { device, transport, clock } = setUp({ random: random as () => number }, { maxAttempts: 2 });
        const verdict = device.toggle({ state: true });
        await transport.endLast(REFUSED);
        await clock.advance(400);
        await transport.endLast();
        assert.deepEqual([summary(await verdict), transport.attempts.length], ['confirmed', 2]);
      });
    }

    it('a random that is sound draws the jitter', async () => {
      const { device, transport, clock } = setUp(
        { random: () => 1 },
        { maxAttempts: 2, backoffBaseMs: 50, jitterMs: 100 },
      );
      void device.toggle({ state: true });
      await transport.endLast(REFUSED);
      await clock.advance(149);
      assert.equal(transport.attempts.length, 1);
      await clock.advance(1);
      assert.equal(transport.attempts.length, 2);
    });

    it('warns by default', async () => {
      const warnings: string[] = [];
      const onWarning = ({ message }: Error) => warnings.push(message);
      process.on('warning', onWarning);
      const throwing = (value: unknown) => ({
        attemptStarted: () => {
          throw value;
        },
      });
      const { device, transport } = setUp({ observers: [new Error('observer'), 'not an error', 7].map(throwing) });
      const verdict = device.toggle({ state: true });
      await transport.endLast();
      await verdict;
      await settled();
      process.off('warning', onWarning);
      assert.deepEqual(warnings, ['observer', 'not an error', '7']);
    });

    it('an unexpected error of the transport rejects its toggle, and the lane goes on', async () => {
      const { device, transport } = setUp();
      const exchange = transport.exchange.bind(transport);
      transport.exchange = () => Promise.reject(new Error('bug'));
      const first = device.toggle({ state: true });
      const second = device.toggle({ state: false });
      await assert.rejects(first, /bug/);
      await assert.rejects(second, /bug/);
      transport.exchange = exchange;
      const third = device.toggle({ state: true });
      await transport.endLast();
      assert.equal((await third).outcome, 'confirmed');
    });
  });

  describe('invalid commands', () => {
    const throwing = {
      get state(): boolean {
        throw new Error('getter');
      },
    };
    const hostile = {
      get state(): boolean {
        throw Object.defineProperty(new Error(), 'message', { get: broken.throwing });
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const cases: readonly (readonly [name: string, command: unknown, expected: string, text: RegExp])[] = [
      ['no state', {}, 'invalid_state', /not undefined/],
      ['a function as state', { state: () => true }, 'invalid_state', /a function/],
      ['an undefined deviceId', { state: true, deviceId: undefined }, 'invalid_settings', /deviceId/],
      [
        'half of a surrogate pair in deviceId',
        { state: true, deviceId: 'lamp-\ud800' },
        'invalid_settings',
        /surrogate/,
      ],
      ['an object as deviceId', { state: true, deviceId: Object.create(null) }, 'invalid_settings', /deviceId/],
      ['an undefined msgId', { state: true, msgId: undefined }, 'invalid_settings', /msgId/],
      ['a getter that throws', throwing, 'invalid_settings', /could not be read: getter/],
      ['an error without a message', hostile, 'invalid_settings', /without a message/],
      ['a revoked proxy', proxy, 'invalid_settings', /could not be read/],
      ['null', null, 'invalid_settings', /could not be read/],
    ];
    for (const [name, command, expected, text] of cases) {
      it(`${name}: dropped/${expected}`, async () => {
        const { device, transport } = setUp();
        const verdict = await device.toggle(command as ToggleCommand);
        assert.equal(summary(verdict), `dropped/${expected}`);
        assert.match(verdict.error ?? '', text);
        assert.equal(transport.attempts.length, 0);
      });
    }
  });

  it('the verdict on a refused toggle has the state that was asked for, if that is known', async () => {
    const { device } = setUp();
    const states = async (command: object) => (await device.toggle(command as ToggleCommand)).state;
    assert.equal(await states({ state: false, deviceId: '' }), false);
    assert.equal(await states({ state: 'on' }), undefined);
    device.close();
    assert.equal(await states({ state: true }), true);
    assert.equal(await states({ state: 'flip' }), undefined);
  });

  it('nothing in the device id of a command is an environment variable', async () => {
    const { device, transport } = setUp();
    for (const deviceId of ['${HOME}', 'a${b}c']) void device.toggle({ state: true, deviceId });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      transport.attempts.map(({ request }) => request.deviceId),
      ['${HOME}', 'a${b}c'],
    );
  });

  describe('stop and close', () => {
    it('stop ends the toggles of one requester only', async () => {
      const { device, transport } = setUp();
      const [a, b, c] = [
        device.toggle({ state: true, requester: 'one' }),
        device.toggle({ state: true, requester: 'two' }),
        device.toggle({ state: true, requester: 'one' }),
      ];
      device.stop('cancelled', 'two');
      assert.equal(summary(await b), 'dropped/cancelled');
      device.stop('cancelled', 'one');
      assert.deepEqual([summary(await a), summary(await c)], ['unknown/cancelled', 'dropped/cancelled']);
      assert.equal(transport.attempts.length, 1);
    });

    it('stop spares what an observer submits because of it', async () => {
      const { device, transport } = setUp();
      let again: Promise<Verdict> | undefined;
      const observer = {
        verdict: ({ reason }: Verdict) => {
          if (reason === 'cancelled') again ??= device.toggle({ state: false, deviceId: 'pump' });
        },
      };
      const running = device.toggle({ state: true });
      const waiting = device.toggle({ state: true, observer });
      device.stop('cancelled');
      await Promise.all([running, waiting]);
      await transport.endLast();
      assert.equal((await again)?.outcome, 'confirmed');
    });

    it('stop spares what an observer submits to a device id that is stopped after its own', async () => {
      const { device, transport } = setUp();
      let again: Promise<Verdict> | undefined;
      const observer = {
        verdict: () => {
          again ??= device.toggle({ state: false, deviceId: 'pump', msgId: 'again' });
        },
      };
      const stopped = [
        device.toggle({ state: true }),
        device.toggle({ state: true, observer }),
        device.toggle({ state: true, deviceId: 'pump' }),
      ];
      device.stop('cancelled');
      await Promise.all(stopped);
      await transport.endLast();
      assert.equal(summary(await (again ?? Promise.reject(new Error('nothing was submitted')))), 'confirmed');
    });

    it('close ends everything once, and drops what comes later', async () => {
      const { device, transport } = setUp();
      const all = [device.toggle({ state: true }), device.toggle({ state: true })];
      device.close();
      device.close();
      assert.deepEqual((await Promise.all(all)).map(summary), ['unknown/closed', 'dropped/closed']);
      const late = await device.toggle({ state: true, msgId: 'late' });
      assert.deepEqual([summary(late), late.msgId, late.deviceId], ['dropped/closed', 'late', 'lamp']);
      assert.equal(transport.closed, 1);
    });

    it('drops a toggle that cannot be tried, and tells the observers', () => {
      const told: Verdict[] = [];
      const { device } = setUp({ observers: [{ verdict: (verdict) => told.push(verdict) }] });
      const ids = { deviceId: 'lamp', msgId: 'm1', requester: undefined, requestId: undefined };
      const verdict = device.drop({ reason: 'invalid_state', error: 'no state', ...ids });
      assert.equal(summary(verdict), 'dropped/invalid_state');
      assert.deepEqual(told, [verdict]);
    });

    it('close reports open circuits as closed, and nothing about them after that', async () => {
      const circuits: string[] = [];
      const { device, transport, clock } = setUp(
        { observers: [{ circuitState: (deviceId, state) => circuits.push(`${deviceId} ${state}`) }] },
        { breakerFailures: 1, breakerResetMs: 1000 },
      );
      for (const deviceId of ['lamp', 'pump']) {
        const verdict = device.toggle({ state: true, deviceId });
        await transport.endLast(REFUSED);
        await verdict;
      }
      await clock.advance(1000);
      const probe = device.toggle({ state: true });
      circuits.length = 0;
      device.close();
      assert.equal(summary(await probe), 'unknown/closed');
      await settled();
      assert.deepEqual(circuits.toSorted(), ['lamp closed', 'pump closed']);
    });
  });

  describe('observers that submit toggles', () => {
    it('latest: a toggle from a superseded verdict does not run beside another of its device id', async () => {
      const { device, transport } = setUp({}, { queueMode: 'latest' });
      const all: Promise<Verdict>[] = [];
      const resubmit = (depth: number): ToggleCommand => ({
        state: true,
        observer: {
          verdict: () => {
            if (depth > 0) all.push(device.toggle(resubmit(depth - 1)));
          },
        },
      });
      all.push(device.toggle(resubmit(3)), device.toggle(resubmit(3)), device.toggle(resubmit(3)));
      let ended = 0;
      while (transport.attempts.length > ended) {
        assert.equal(transport.attempts.length, ended + 1, 'one attempt at a time');
        ended += 1;
        await transport.endLast();
      }
      for (const verdict of await Promise.all(all)) assert.match(summary(verdict), /^(confirmed|dropped\/superseded)$/);
    });
  });

  describe('bounds', () => {
    it('forgets the circuits of the lanes that have been idle longest', async () => {
      const circuits = new Map<string, string>();
      const transport = { exchange: () => Promise.resolve(REFUSED), closeIdle() {}, close() {} };
      const { device } = setUp(
        { transport, observers: [{ circuitState: (deviceId, state) => circuits.set(deviceId, state) }] },
        { breakerFailures: 1 },
      );
      const fail = (deviceId: string) => device.toggle({ state: true, deviceId });
      for (let i = 0; i < MAX_IDLE_LANES * 1.1; i += 1) await fail(`d${i}`);
      assert.equal(summary(await fail('d0')), 'dropped/circuit_open');
      await fail('new');
      await settled();
      const states = ['d0', 'd1', 'd1001', 'd1002', 'new'].map((deviceId) => circuits.get(deviceId));
      assert.deepEqual(states, ['open', 'closed', 'closed', 'open', 'open']);
      assert.equal(summary(await fail('d1')), 'failed/connection_failed');
      assert.equal(summary(await fail('d0')), 'dropped/circuit_open');
      device.close();
    });

    // Half of the ids leave a failure to remember, the other half a state: enough to exceed the limit several times over.
    const IDS = 80_000;
    const MAX_HEAP_GROWTH_BYTES = 20_000_000;
    for (const breakerFailures of [0, 3]) {
      it(`memory stays bounded over ${IDS} device ids, with breakerFailures ${breakerFailures}`, async function () {
        this.timeout(60_000);
        const exchange = ({ request }: Attempt) => Promise.resolve(request.state ? SUCCESS : REFUSED);
        const { device } = setUp({ transport: { exchange, closeIdle() {}, close() {} } }, { breakerFailures });
        const before = heapUsed();
        for (let i = 0; i < IDS; i += 100) {
          const ids = Array.from({ length: 100 }, (_, j) => i + j);
          await Promise.all(ids.map((id) => device.toggle({ state: id % 2 === 0, deviceId: `id-${id}` })));
        }
        const growth = heapUsed() - before;
        // Also keeps the device reachable until the heap has been measured.
        assert.deepEqual([device.knownState('id-0'), device.knownState(`id-${IDS - 2}`)], [undefined, true]);
        assert.ok(growth < MAX_HEAP_GROWTH_BYTES, `the heap grew by ${growth} bytes`);
      });
    }
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes on the heap after a garbage collection. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
