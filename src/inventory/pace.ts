/** Pace of group runs: how many members run at a time, and how quickly they start. */
import { systemClock, type CancelTimer, type Clock } from '../clock';

export interface PaceOptions {
  /** Members that are switched at a time; 0 = no limit. */
  readonly concurrency?: number;
  /** Least time between two starts, in ms. */
  readonly staggerMs?: number;
  readonly clock?: Clock;
}

/** The part of a run that starts members. */
interface Starter {
  hasWaiting(): boolean;
  startNext(): void;
}

/**
 * Starts the members of runs one after the other. Several runs may share a pace: it then holds for all of them together,
 * and the members of a run start only after those of the runs before it, so that what was asked last is done last.
 */
export class GroupPace {
  private readonly runs: Starter[] = [];
  private readonly clock: Clock;
  private nextStartAt = -Infinity;
  private running = 0;
  private cancelTimer: CancelTimer | undefined;

  constructor(private readonly options: PaceOptions = {}) {
    this.clock = options.clock ?? systemClock;
  }

  /** @internal */
  add(run: Starter): void {
    this.runs.push(run);
    this.startNext();
  }

  /**
   * A member that was started has ended.
   * @internal
   */
  ended(): void {
    this.running -= 1;
    this.startNext();
  }

  /**
   * A run has dropped the members that were waiting.
   * @internal
   */
  dropped(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.startNext();
  }

  private get hasRoom(): boolean {
    const { concurrency = 0 } = this.options;
    return concurrency === 0 || this.running < concurrency;
  }

  private startNext(): void {
    const { staggerMs = 0 } = this.options;
    for (;;) {
      const [run] = this.runs;
      if (!run || this.cancelTimer || !this.hasRoom) return;
      if (!run.hasWaiting()) {
        this.runs.shift();
        continue;
      }
      const leftMs = this.nextStartAt - this.clock.now();
      if (leftMs > 0) {
        this.cancelTimer = this.clock.after(leftMs, () => {
          this.cancelTimer = undefined;
          this.startNext();
        });
        return;
      }
      this.nextStartAt = this.clock.now() + staggerMs;
      this.running += 1;
      run.startNext();
    }
  }
}
