/** Store of the states of a controller, which its devices use one after the other. */
import type { StateStore } from '../../src/device/known-states';
import type { VirtualTime } from './virtual-time';

/** How long a save takes. */
const SAVE_MS = 1;

export class SimStore {
  saved: Readonly<Record<string, boolean>> = {};
  /** Loads that have not ended. */
  loading = 0;
  /** When the device before has loaded, and what it had to write thereupon is on its way. */
  private isFree = Promise.resolve();

  constructor(
    private readonly time: VirtualTime,
    private readonly loadMs: number,
  ) {}

  /** For the next device. As in the nodes, one that was closed before it had loaded writes before the next one reads. */
  open(): StateStore {
    const before = this.isFree;
    let free: () => void;
    this.isFree = new Promise((resolve) => (free = resolve));
    this.loading += 1;
    return {
      load: async () => {
        await before;
        const states = await this.read();
        this.time.io(SAVE_MS, () => {
          this.loading -= 1;
          free();
        });
        return states;
      },
      save: (states) => this.write(states),
    };
  }

  /** Takes no less than a write: a load does not overtake the save before it. */
  private read(): Promise<unknown> {
    return new Promise((resolve) => {
      this.time.io(SAVE_MS + this.loadMs, () => resolve(this.saved));
    });
  }

  private write(states: Readonly<Record<string, boolean>>): Promise<void> {
    return new Promise((resolve) => {
      this.time.io(SAVE_MS, () => {
        this.saved = states;
        resolve();
      });
    });
  }
}
