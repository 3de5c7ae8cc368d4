/** A fixed number of toggles through a faulty network, with nothing kept of them but their count by outcome. */
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from '../../src/device/device';
import { Metrics } from '../../src/observers/metrics';
import { deviceFields, type DeviceSettings } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import { seededRandom } from '../../src/simulator/seeded-random';
import { FaultProxy } from '../support/fault-proxy';
import type { ProxyFaults } from '../support/fault-schedule';

export interface TrafficOptions {
  readonly seed: number;
  readonly toggles: number;
  readonly connection: DeviceSettings['connection'];
  /** Called after each verdict with the count of verdicts. */
  readonly onVerdict: (count: number) => Promise<void> | void;
}

/** Faults that most toggles survive: otherwise the soak would be spent waiting for deadlines. */
const FAULTS: ProxyFaults = {
  delay: { chance: 0.01, maxMs: 100 },
  split: 0.02,
  coalesce: 0.01,
  duplicate: 0.005,
  corrupt: 0.002,
  truncate: 0.002,
  reset: 0.005,
  halfOpen: 0.005,
  blackHole: 0.002,
  up: { duplicate: 0 },
};
/** Each with an address of its own. */
const OWNERS = 8;
/** With many more, a busy machine spends its time on connections whose deadline has passed. */
const LANES_OF_OWNER = { 'per-toggle': 3, persistent: 12 } as const;
/** How often a user does something else. */
const CHANCES = { cancel: 0.01, rest: 0.002, deploy: 0.0005, pause: 0.01, second: 0.05 };
const LONGEST_PAUSE_MS = 20;

/** Resolves with the verdicts by outcome when all have come. */
export async function soakTraffic(options: TrafficOptions): Promise<ReadonlyMap<string, number>> {
  const simulator = new DeviceSimulator({ port: 0, reply: 'framed', mode: 'flaky', failureRate: 0.01 });
  await simulator.start();
  const proxies = await Promise.all(
    Array.from({ length: OWNERS }, (_, owner) =>
      FaultProxy.start({ seed: options.seed * 100 + owner, port: simulator.port, faults: FAULTS }),
    ),
  );
  const traffic = new Traffic(options);
  await Promise.all(proxies.map(({ port }, owner) => traffic.own(owner, port)));
  for (const proxy of proxies) await proxy.close();
  await simulator.close();
  return traffic.outcomes;
}

class Traffic {
  readonly outcomes = new Map<string, number>();
  private readonly metrics = new Metrics();
  private begun = 0;
  private ended = 0;

  constructor(private readonly options: TrafficOptions) {}

  /** Who switches the device ids behind one address, through deploys. */
  async own(owner: number, port: number): Promise<void> {
    let device = this.device(owner, port);
    const deploy = () => {
      device.close();
      device = this.device(owner, port);
    };
    const { connection, seed, toggles } = this.options;
    const length = LANES_OF_OWNER[connection];
    const lanes = Array.from({ length }, async (_, index) => {
      const deviceId = `lamp-${owner}-${index}`;
      const random = seededRandom(Math.imul(seed, 31) + owner * length + index);
      while (this.begun < toggles) await this.round(random, () => device, deviceId, deploy);
    });
    await Promise.all(lanes);
    device.close();
  }

  private async round(random: () => number, device: () => Device, deviceId: string, deploy: () => void): Promise<void> {
    const happens = (chance: number) => random() < chance;
    const asked = Array.from({ length: happens(CHANCES.second) ? 2 : 1 }, () => {
      this.begun += 1;
      return device().toggle({ deviceId, state: random() < 0.5, requester: deviceId });
    });
    if (happens(CHANCES.cancel)) device().stop('cancelled', deviceId);
    if (happens(CHANCES.rest)) device().closeIdle();
    if (happens(CHANCES.deploy)) deploy();
    for (const verdict of asked) {
      const { outcome } = await verdict;
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
      this.ended += 1;
      await this.options.onVerdict(this.ended);
    }
    if (happens(CHANCES.pause)) await pause(random() * LONGEST_PAUSE_MS);
  }

  private device(owner: number, port: number): Device {
    const { connection } = this.options;
    const id = `owner-${owner}`;
    const parsed = parseSettings(deviceFields, {
      deviceId: id,
      host: '127.0.0.1',
      port,
      connection,
      reply: 'framed',
      connectTimeoutMs: 500,
      ioTimeoutMs: 400,
      maxAttempts: 3,
      backoffBaseMs: 2,
      backoffMaxMs: 20,
      jitterMs: 8,
      breakerFailures: 20,
      breakerResetMs: 50,
    });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    return new Device(parsed.settings, { observers: [this.metrics.observer(id, id)] });
  }
}
