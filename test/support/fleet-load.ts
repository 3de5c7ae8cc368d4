/** Commands for the devices of a plant, several at a time for each device, and what their verdicts and devices say. */
import assert from 'node:assert/strict';
import type { Fleet } from '../../src/fleet/fleet';
import type { Verdict } from '../../src/verdict';
import type { FleetPlant } from './fleet-plant';

export interface LoadOptions {
  /** Commands in all. */
  readonly commands: number;
  /** Commands of one device that are under way at a time. */
  readonly perDevice?: number;
}

export interface LoadReport {
  /** By message id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly perSecond: number;
}

/** The message id of a command says its device and its place. */
const idOf = (deviceId: string, place: number) => `${deviceId}.${place}`;
const placeOf = (msgId: string) => Number(msgId.slice(msgId.lastIndexOf('.') + 1));

/** Asks for on and off by turns; resolves when every command has its verdict. */
export class FleetLoad {
  readonly verdicts = new Map<string, Verdict>();
  private readonly places = new Map<string, number>();

  constructor(
    private readonly fleet: Pick<Fleet, 'toggle'>,
    private readonly plant: FleetPlant,
  ) {}

  /** Goes on until each device has had `commands / devices` commands, or `until` says so. */
  async run({ commands, perDevice = 3 }: LoadOptions): Promise<LoadReport> {
    const { ids } = this.plant;
    const each = Math.ceil(commands / ids.length);
    const startedAt = performance.now();
    await Promise.all(
      ids.flatMap((deviceId) => {
        const last = (this.places.get(deviceId) ?? 0) + each;
        return Array.from({ length: perDevice }, () => this.chain(deviceId, last));
      }),
    );
    const perSecond = (commands / (performance.now() - startedAt)) * 1000;
    return { verdicts: this.verdicts, perSecond };
  }

  /** One command at a time for each device, again and again. */
  async keepBusy(isDone: () => boolean): Promise<void> {
    await Promise.all(
      this.plant.ids.map(async (deviceId) => {
        while (!isDone()) await this.toggle(deviceId);
      }),
    );
  }

  private async toggle(deviceId: string): Promise<Verdict> {
    const place = (this.places.get(deviceId) ?? 0) + 1;
    this.places.set(deviceId, place);
    const msgId = idOf(deviceId, place);
    const verdict = await this.fleet.toggle({ deviceId, msgId, state: place % 2 === 1 });
    assert.ok(!this.verdicts.has(msgId), `${msgId} has two verdicts`);
    this.verdicts.set(msgId, verdict);
    return verdict;
  }

  /** How many verdicts there are of each outcome and reason. */
  get outcomes(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { outcome, reason } of this.verdicts.values()) {
      const key = reason === undefined ? outcome : `${outcome}/${reason}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  /**
   * By the devices' own records: each applied its commands in the order in which they were asked for, none of them twice,
   * all that were confirmed, and the last one that it applied is the last one that it was asked for.
   */
  assertOrder(): void {
    for (const [deviceId, { record }] of this.plant.devices) {
      const applied = record.filter(({ kind }) => kind === 'applied').map(({ msgId }) => placeOf(msgId));
      for (const [index, place] of applied.entries()) {
        const before = applied[index - 1] ?? 0;
        assert.ok(place > before, `${deviceId} applied command ${place} after ${before}`);
      }
      const places = new Set(applied);
      for (let place = 1; place <= (this.places.get(deviceId) ?? 0); place += 1) {
        const verdict = this.verdicts.get(idOf(deviceId, place));
        assert.ok(verdict, `${deviceId}: command ${place} has no verdict`);
        if (verdict.outcome === 'confirmed') assert.ok(places.has(place), `${deviceId} has not seen ${place}`);
        else if (verdict.outcome === 'failed' || verdict.outcome === 'dropped') {
          assert.ok(!places.has(place), `${deviceId} has applied ${place}, which ended ${verdict.outcome}`);
        }
      }
    }
  }

  assertLastStates(): void {
    for (const [deviceId, { record }] of this.plant.devices) {
      const last = record.filter(({ kind }) => kind === 'applied').at(-1);
      assert.equal(last?.msgId, idOf(deviceId, this.places.get(deviceId) ?? 0), `last command of ${deviceId}`);
    }
  }

  private async chain(deviceId: string, last: number): Promise<void> {
    while ((this.places.get(deviceId) ?? 0) < last) await this.toggle(deviceId);
  }
}
