/** Owns the last confirmed state of each device id, kept in the node's context so that a store on disk outlives a restart. */
import type { Context } from '../red';

const KEY = 'confirmedStates';

export class ConfirmedStates {
  private readonly states = new Map<string, boolean>();

  constructor(
    private readonly context: Context,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Reads what an earlier run left; never rejects. */
  load(): Promise<void> {
    return new Promise((resolve) => {
      this.context.get(KEY, (error, saved) => {
        if (error) this.onError(error);
        for (const [deviceId, state] of Object.entries(saved ?? {})) {
          if (typeof state === 'boolean' && !this.states.has(deviceId)) this.states.set(deviceId, state);
        }
        resolve();
      });
    });
  }

  /** The state to ask for on a flip: the opposite of the last confirmed one; on, while none is known. */
  flipped(deviceId: string): boolean {
    return this.states.get(deviceId) !== true;
  }

  confirm(deviceId: string, state: boolean): void {
    if (this.states.get(deviceId) === state) return;
    this.states.set(deviceId, state);
    this.context.set(KEY, Object.fromEntries(this.states), (error) => {
      if (error) this.onError(error);
    });
  }
}
