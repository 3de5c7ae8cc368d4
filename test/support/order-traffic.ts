/** Users who switch many device ids through a fault proxy, and stop, rest and replace their devices at random. */
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from '../../src/device/device';
import { parseSettings } from '../../src/settings/field';
import { deviceFields } from '../../src/settings/device';
import { seededRandom } from '../../src/simulator/seeded-random';
import type { TlsOptions } from '../../src/transport/tls';
import type { AskedToggle } from './order-oracle';
import type { NextNumber } from './recording-device';

export interface TrafficOptions {
  readonly seed: number;
  /** Of the proxies: each owner uses one, because lanes of an address that once refused a connection take turns. */
  readonly ports: readonly number[];
  /** Settings of the devices, besides address and deadlines. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tls?: TlsOptions;
  readonly toggles: number;
  /** Device ids in all; if there are too many, every toggle waits for the processor until its deadline. */
  readonly lanes: number;
  readonly nextNumber: NextNumber;
}

/** Shorter than the longest delays of the proxy, so that what is given up is often still under way. */
const LIMITS = {
  connectTimeoutMs: 150,
  ioTimeoutMs: 60,
  maxAttempts: 3,
  backoffBaseMs: 2,
  backoffMaxMs: 20,
  jitterMs: 8,
};
const CHANCES = { burst: 0.3, cancel: 0.15, closeIdle: 0.01, replace: 0.01, pause: 0.2 };
const LONGEST_BURST = 4;
const LONGEST_PAUSE_MS = 40;

/** Resolves when every toggle that was asked for has its verdict. */
export async function orderTraffic(options: TrafficOptions): Promise<AskedToggle[]> {
  const asked: AskedToggle[] = [];
  const owners = options.ports.map((port, index) => new Owner(index, port, options, asked));
  await Promise.all(owners.map((owner) => owner.play()));
  return asked;
}

/** Who uses one device after the other, as a config node does across deploys. */
class Owner {
  private device: Device;

  constructor(
    private readonly index: number,
    private readonly port: number,
    private readonly options: TrafficOptions,
    private readonly asked: AskedToggle[],
  ) {
    this.device = this.newDevice();
  }

  async play(): Promise<void> {
    const { seed, ports, lanes: all } = this.options;
    const own = all / ports.length;
    const lanes = Array.from({ length: own }, (_, lane) => {
      const number = this.index * own + lane;
      return this.playLane(`lamp-${number}`, seededRandom(Math.imul(seed, 31) + number));
    });
    await Promise.all(lanes);
    this.device.close();
  }

  private async playLane(deviceId: string, random: () => number): Promise<void> {
    const happens = (chance: number) => random() < chance;
    while (this.asked.length < this.options.toggles) {
      const burst = happens(CHANCES.burst) ? 1 + Math.floor(random() * LONGEST_BURST) : 1;
      const verdicts = Array.from({ length: burst }, () => this.ask(deviceId, random() < 0.5));
      const waitMs = random() * LONGEST_PAUSE_MS;
      if (happens(CHANCES.cancel)) setTimeout(() => this.device.stop('cancelled', deviceId), waitMs);
      if (happens(CHANCES.closeIdle)) setTimeout(() => this.device.closeIdle(), waitMs);
      if (happens(CHANCES.replace)) setTimeout(() => this.replace(), waitMs);
      await Promise.all(verdicts);
      if (happens(CHANCES.pause)) await pause(random() * LONGEST_PAUSE_MS);
    }
  }

  private ask(deviceId: string, state: boolean): Promise<unknown> {
    const { asked, options } = this;
    const msgId = `m${asked.length}`;
    const toggle: AskedToggle = { deviceId, msgId, state, verdicts: [] };
    asked.push(toggle);
    return this.device.toggle({
      deviceId,
      msgId,
      state,
      requester: deviceId,
      observer: { verdict: (verdict) => toggle.verdicts.push({ verdict, sequence: options.nextNumber() }) },
    });
  }

  /** As a deploy does: what runs or waits is closed, and a new device takes over at once. */
  private replace(): void {
    // Timers may outlive the traffic.
    if (this.asked.length >= this.options.toggles) return;
    this.device.close();
    this.device = this.newDevice();
  }

  private newDevice(): Device {
    const { port, options } = this;
    const { settings, tls } = options;
    const own = { deviceId: `owner-${this.index}`, host: '127.0.0.1', port };
    const parsed = parseSettings(deviceFields, { ...LIMITS, ...own, ...settings });
    if (!parsed.ok) throw new Error(parsed.problems.join());
    return new Device(parsed.settings, tls ? { tls } : {});
  }
}
