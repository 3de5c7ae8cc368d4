/** Asks for what the sidebar asks for, as often, and shows nothing: what the tab costs Node-RED without its browser. */
import { setTimeout } from 'node:timers/promises';
import type { PlantUnderLoad } from './sidebar-scene';

/** As in the sidebar. */
const GAP_MS = 500;
const WAIT_MS = 1000;

export class TraceReader {
  requests = 0;
  private isStopped = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly plant: PlantUnderLoad,
    private readonly readsToggles: boolean,
  ) {}

  start(): void {
    const paths = ['/phase0/devices?', ...(this.readsToggles ? ['/phase0/toggles?limit=200&'] : [])];
    this.loops = Promise.all(paths.map((path) => this.loop(path)));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loops;
  }

  private async loop(path: string): Promise<void> {
    const goesOn = path.startsWith('/phase0/devices');
    for (let since = ''; !this.isStopped;) {
      this.requests += 1;
      const { cursor, more } = await this.plant.get(`${path}${since}`);
      // Of toggles the latest ones are enough: the sidebar skips what it cannot read in time.
      since = more && !goesOn ? '' : `since=${encodeURIComponent(cursor)}&wait=${WAIT_MS}`;
      if (!more || !goesOn) await setTimeout(GAP_MS);
    }
  }
}
