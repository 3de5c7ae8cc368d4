/** Laws that every recorded timeline obeys, whatever toggles, tests, stops and connections do at the same time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Device } from '../../src/device/device';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { PcapngWriter } from '../../src/trace/pcapng';
import type { FakeSocket } from '../support/fake-sockets';
import { tracedDevice } from '../support/traced';

const SETTINGS = fc.record({
  connection: fc.constantFrom('per-toggle', 'persistent'),
  reply: fc.constantFrom('any', 'framed', 'auto'),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  queueMode: fc.constantFrom('fifo', 'latest'),
  breakerFailures: fc.constantFrom(0, 2),
});

const SOCKET_EVENTS = ['open', 'ack', 'reply', 'noise', 'break', 'stick', 'flush', 'free'] as const;
const STEP = fc.oneof(
  fc.record({ kind: fc.constant('toggle' as const), deviceId: fc.constantFrom('lamp', 'fan') }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 7, 60, 400, 2000) }),
  fc.record({
    kind: fc.constant('socket' as const),
    fromLast: fc.integer({ min: 1, max: 4 }),
    event: fc.constantFrom(...SOCKET_EVENTS),
  }),
  fc.record({ kind: fc.constantFrom('test' as const, 'stop' as const) }),
);
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

function play(socket: FakeSocket, event: (typeof SOCKET_EVENTS)[number], open: WeakSet<FakeSocket>): void {
  if (event === 'open') {
    open.add(socket);
    socket.open();
  } else if (event === 'break' || event === 'free' || event === 'flush') socket[event]();
  else if (event === 'stick') socket.isStuck = true;
  else if (!open.has(socket) || socket.ending !== 'none') return;
  else if (event === 'ack') socket.ack();
  else if (event === 'noise') socket.receive('HT');
  else for (const msgId of socket.msgIds) socket.reply(msgId, { state: true });
}

async function timelinesOf(
  settings: object,
  story: readonly Step[],
  delayMs: number,
): Promise<readonly ToggleTimeline[]> {
  const { device, network, clock, recorder } = tracedDevice(settings, { delayMs });
  const open = new WeakSet<FakeSocket>();
  const verdicts: Promise<unknown>[] = [];
  const devices = [device];
  for (const step of story) {
    if (step.kind === 'toggle') verdicts.push(device.toggle({ state: true, deviceId: step.deviceId }));
    else if (step.kind === 'wait') await clock.advance(step.ms);
    else if (step.kind === 'stop') device.stop('cancelled');
    else if (step.kind === 'socket') {
      const socket = network.sockets.at(-step.fromLast);
      if (socket) play(socket, step.event, open);
    } else if (recorder.device('n1:lamp')?.isBusy === false) {
      const observer = recorder.testObserver('n1');
      const deps = { connect: network.connect, clock, random: () => 0 };
      const tester = new Device(
        { ...device.settings, connection: 'per-toggle' },
        { ...deps, observers: observer ? [observer] : [] },
      );
      devices.push(tester);
      verdicts.push(tester.toggle({ state: true }));
    }
  }
  await clock.advance(20_000);
  for (const each of devices) each.close();
  for (const socket of network.sockets) socket.free();
  await clock.advance(0);
  await Promise.all(verdicts);
  return recorder.toggles({ limit: 500 }).toggles;
}

/** What is against the laws. */
function breachesOf({ attempts, steps, elapsedUs, at }: ToggleTimeline): readonly string[] {
  const found: string[] = [];
  const law = (holds: boolean, text: string) => holds || found.push(text);
  law(Number.isFinite(at) && Number.isFinite(elapsedUs), 'dates are numbers');
  for (const [index, { kind, at: start, us = 0, attempt: number }] of steps.entries()) {
    law(start >= (steps[index - 1]?.at ?? 0), `${kind} comes in order`);
    law(us >= 0 && start + us <= elapsedUs, `${kind} lies within the toggle`);
    const attempt = attempts.find((each) => each.attempt === number);
    if (!attempt) continue;
    const next = attempts.find((each) => each.attempt === attempt.attempt + 1);
    const end = kind === 'retry_wait' ? (next?.at ?? elapsedUs) : attempt.end;
    law(start >= attempt.at && start + us <= end, `${kind} lies within its attempt`);
  }
  for (const { attempt, at: start, end } of attempts) {
    law(start <= end && end <= elapsedUs, 'an attempt lies within the toggle');
    const own = steps.filter((step) => step.attempt === attempt);
    const count = (kind: string) => own.filter((step) => step.kind === kind && step.us !== undefined).length;
    const sent = own.filter(({ kind }) => kind === 'bytes_out').length;
    law(sent <= count('send'), 'what went out has a send that ended');
    law(count('connect') <= Math.max(1, sent), 'each connection is for a packet');
  }
  return found;
}

describe('trace: laws', () => {
  const cases = [
    ['of every timeline, and each can be exported', 0],
    ['also where the recorder hears of all later and later', 0.3],
  ] as const;
  for (const [title, delayMs] of cases)
    it(title, async () => {
      await fc.assert(
        fc.asyncProperty(SETTINGS, fc.array(STEP, { minLength: 3, maxLength: 40 }), async (settings, story) => {
          const writer = new PcapngWriter();
          for (const timeline of await timelinesOf(settings, story, delayMs)) {
            assert.deepEqual(breachesOf(timeline), [], JSON.stringify(timeline));
            const sent = timeline.steps.some(({ kind }) => kind === 'bytes_out');
            assert.equal(writer.toggle(timeline).includes('"opcode":"toggle"'), sent);
          }
        }),
        { numRuns: 300 },
      );
    }).timeout(60_000);
});
