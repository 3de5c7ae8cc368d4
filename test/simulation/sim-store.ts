/** Store of the states of a controller, which its devices use one after the other. */
import type { StateStore } from '../../src/device/known-states';
import type { VirtualTime } from './virtual-time';

/** How long a call takes at least. */
const CALL_MS = 1;

export class SimStore {
  saved: Readonly<Record<string, boolean>> = {};
  /** Calls that have not ended. */
  private calls = 0;
  /** Resolves when the latest call has ended: they take effect in order. */
  private latest: Promise<unknown> = Promise.resolve();
  /** When the device before has loaded, and has asked for what it has to write thereupon. */
  private isFree = Promise.resolve();

  constructor(
    private readonly time: VirtualTime,
    /** How much longer than usual a call takes. */
    private readonly slowMs: number,
  ) {}

  get isBusy(): boolean {
    return this.calls > 0;
  }

  /** For the next device. As in the nodes, one that was closed before it had loaded writes before the next one reads. */
  open(): StateStore {
    const before = this.isFree;
    let free: () => void;
    this.isFree = new Promise((resolve) => (free = resolve));
    this.calls += 1;
    return {
      load: async () => {
        await before;
        const states = await this.call(() => this.saved);
        this.time.io(CALL_MS, () => {
          this.calls -= 1;
          free();
        });
        return states;
      },
      save: (states) => this.call(() => void (this.saved = states)),
    };
  }

  private call<T>(act: () => T): Promise<T> {
    const { latest } = this;
    this.calls += 1;
    const result = new Promise<T>((resolve) => {
      void latest.then(() =>
        this.time.io(CALL_MS + this.slowMs, () => {
          this.calls -= 1;
          resolve(act());
        }),
      );
    });
    this.latest = result;
    return result;
  }
}
