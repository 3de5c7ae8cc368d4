/** Asks for what the sidebar asks for, as often, and shows nothing: what the tab costs Node-RED without its browser. */
import { setTimeout } from 'node:timers/promises';
import type { PlantUnderLoad } from './sidebar-scene';

/** As in the sidebar. */
const GAP_MS = 500;
const PART_MS = 100;
const DEVICES = '/phase0/devices';
const WAIT_MS = 1000;

export class TraceReader {
  requests = 0;
  private isStopped = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly plant: PlantUnderLoad,
    private readonly readsToggles: boolean,
  ) {}

  /** Resolves when everything was read once, as it is in a tab that is open. */
  async start(): Promise<void> {
    const paths = ['/phase0/devices?', ...(this.readsToggles ? ['/phase0/toggles?limit=200&'] : [])];
    const sinces = await Promise.all(paths.map((path) => this.readAll(path)));
    this.loops = Promise.all(paths.map((path, index) => this.loop(path, sinces[index] ?? '')));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loops;
  }

  private async readAll(path: string): Promise<string> {
    for (let since = ''; ;) {
      const { cursor, more } = await this.plant.get(`${path}${since}`);
      since = `since=${encodeURIComponent(cursor)}`;
      if (!more || !path.startsWith(DEVICES)) return since;
    }
  }

  private async loop(path: string, from: string): Promise<void> {
    for (let since = from; !this.isStopped;) {
      this.requests += 1;
      const { cursor, more } = await this.plant.get(`${path}${since}${since && `&wait=${WAIT_MS}`}`);
      const goesOn = !more || path.startsWith(DEVICES);
      // Of toggles the latest ones are enough: the sidebar skips what it cannot read in time.
      since = goesOn ? `since=${encodeURIComponent(cursor)}` : '';
      await setTimeout(more && goesOn ? PART_MS : GAP_MS);
    }
  }
}
