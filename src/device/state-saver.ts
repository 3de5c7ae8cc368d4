/** Writes of the known states to a store: at most one per second, and one at a time. */
import { callSafely, type ErrorHandler } from '../call-safely';
import type { CancelTimer, Clock } from '../clock';

/** All states are written at once, so not more often than this. */
const SAVE_INTERVAL_MS = 1000;

/** What is saved. */
export interface SavedStates {
  /** No write starts before it resolves. */
  readonly ready: Promise<void>;
  save(): Promise<void>;
  readonly onError: ErrorHandler;
}

export class StateSaver {
  private cancelTimer: CancelTimer | undefined;
  private writing = false;
  /** A change came during a write. Only one write may wait: a store that hangs must not collect them. */
  private changedDuringWrite = false;
  private closed = false;
  private isReady = false;

  constructor(
    private readonly clock: Clock,
    private readonly states: SavedStates,
  ) {
    void states.ready.then(() => {
      this.isReady = true;
    });
  }

  /** Writes soon; at once after `close()`. */
  schedule(): void {
    if (this.cancelTimer) return;
    if (this.closed) this.write();
    else this.cancelTimer = this.clock.after(SAVE_INTERVAL_MS, () => this.write());
  }

  /** Writes at once what is scheduled. */
  close(): void {
    this.closed = true;
    if (this.cancelTimer) this.write();
  }

  private write(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.writing) {
      this.changedDuringWrite = true;
      return;
    }
    this.writing = true;
    void this.writeWhenReady();
  }

  private async writeWhenReady(): Promise<void> {
    // At once if possible: whoever reads the store after `close()` must find what is written here.
    if (!this.isReady) await this.states.ready;
    do {
      this.changedDuringWrite = false;
      try {
        await this.states.save();
      } catch (error) {
        callSafely(
          () => this.states.onError(error),
          () => undefined,
        );
      }
    } while (this.changedDuringWrite);
    this.writing = false;
  }
}
