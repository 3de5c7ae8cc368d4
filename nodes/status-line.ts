/** Rate limit of a node's status: shown on change, at most four times a second, the last one always. */
import type { CancelTimer, Clock } from '../src/clock';
import type { Status } from './red';

/** Every status goes to all open editors and Status nodes, so a fast flow must not show all of them. */
const INTERVAL_MS = 250;

export class StatusLine {
  private shown: Status | undefined;
  private shownAt = -Infinity;
  private wanted: (() => Status) | undefined;
  private cancelTimer: CancelTimer | undefined;
  private isClosed = false;

  constructor(
    private readonly show: (status: Status) => void,
    private readonly clock: Clock,
  ) {}

  /** Calls `wanted` only when the status is shown: most statuses of a fast flow never are. */
  set(wanted: () => Status): void {
    this.wanted = wanted;
    if (this.isClosed || this.cancelTimer) return;
    const waitMs = this.shownAt + INTERVAL_MS - this.clock.now();
    if (waitMs <= 0) return this.flush();
    this.cancelTimer = this.clock.after(waitMs, () => this.flush());
  }

  /** Shows no further status. */
  close(): void {
    this.isClosed = true;
    this.cancelTimer?.();
  }

  private flush(): void {
    this.cancelTimer = undefined;
    const wanted = this.wanted?.();
    if (!wanted || same(wanted, this.shown)) return;
    this.shown = wanted;
    this.shownAt = this.clock.now();
    this.show(this.shown);
  }
}

function same(a: Status, b: Status | undefined): boolean {
  return a.text === b?.text && a.fill === b.fill && a.shape === b.shape;
}
