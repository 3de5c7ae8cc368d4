/** Devices of a plant that refuse connections for seconds, one after the other, at random. */
import type { FleetPlant } from './fleet-plant';

const AWAY_MS = 2000;

export class Refusals {
  private isEnding = false;
  private ended = Promise.resolve();

  constructor(
    private readonly plant: FleetPlant,
    private readonly random: () => number,
  ) {}

  start(): void {
    this.ended = this.refuse();
  }

  /** Resolves when all of them are back. */
  end(): Promise<void> {
    this.isEnding = true;
    return this.ended;
  }

  private async refuse(): Promise<void> {
    const devices = [...this.plant.devices.values()];
    while (!this.isEnding) {
      const device = devices[Math.floor(this.random() * devices.length)];
      const port = await device?.goAway();
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await device?.comeBack(port ?? 0);
    }
  }
}
