/** Writes of the known states to a store: at most one per second, and one at a time but for what is written at the end. */
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
  /** Writes that have not ended. */
  private writes = 0;
  /** A change came during a write. Only one write may wait: a store that hangs must not collect them. */
  private changedDuringWrite = false;
  /** The latest write that ended has failed. */
  private hasFailed = false;
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

  close(): void {
    this.closed = true;
    this.flush();
  }

  /**
   * Writes at once what has not been written, also beside a write that has not ended: the next device with this store may
   * load before that one ends.
   */
  flush(): void {
    if (!this.cancelTimer && !this.changedDuringWrite && !this.hasFailed) return;
    // A write that waits until the store has been read will have it.
    if (this.isReady) this.begin();
    else this.write();
  }

  private write(): void {
    if (this.writes === 0) return this.begin();
    this.stopTimer();
    this.changedDuringWrite = true;
  }

  private begin(): void {
    this.stopTimer();
    this.writes += 1;
    void this.writeWhenReady();
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private async writeWhenReady(): Promise<void> {
    // At once if possible: whoever reads the store after `close()` must find what is written here.
    if (!this.isReady) await this.states.ready;
    do {
      this.changedDuringWrite = false;
      this.hasFailed = false;
      try {
        await this.states.save();
      } catch (error) {
        this.hasFailed = true;
        callSafely(
          () => this.states.onError(error),
          () => undefined,
        );
      }
    } while (this.changedDuringWrite);
    this.writes -= 1;
  }
}
