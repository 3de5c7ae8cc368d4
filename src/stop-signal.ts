/** Signal that ends one toggle early. */
import type { StopReason } from './outcomes';

/**
 * An AbortSignal would do, but costs several times as much as all else in a toggle: each is an EventTarget that the
 * garbage collector has to track. The steps of a toggle run one after the other, so one listener at a time is enough.
 */
export class StopSignal {
  private stopReason: StopReason | undefined;
  private listener: (() => void) | undefined;

  /** Why the toggle was stopped; undefined while it was not. */
  get reason(): StopReason | undefined {
    return this.stopReason;
  }

  /** Calls `listener` once, when the toggle is stopped. The step that sets it ends with `removeListener`. */
  onStop(listener: () => void): void {
    this.listener = listener;
  }

  /** Does nothing if another step has set its listener since. */
  removeListener(listener: () => void): void {
    if (this.listener === listener) this.listener = undefined;
  }

  /** The first reason counts; later calls do nothing. */
  stop(reason: StopReason): void {
    if (this.stopReason !== undefined) return;
    this.stopReason = reason;
    const { listener } = this;
    this.listener = undefined;
    listener?.();
  }
}
