/** Rate limit of a node's status: made at most four times a second, shown on change, the last one always. */
import type { CancelTimer, Clock } from '../src/clock';
import type { Status } from './red';

/** Every status goes to all open editors and Status nodes, so a fast flow must not show all of them. */
const INTERVAL_MS = 250;

export class StatusLine {
  private shown: Status | undefined;
  private madeAt = -Infinity;
  private wanted: (() => Status) | undefined;
  private cancelTimer: CancelTimer | undefined;
  private isClosed = false;

  constructor(
    private readonly node: { status(shown: Status): void },
    private readonly clock: Clock,
  ) {}

  /** Calls `wanted` only when its turn has come: most statuses of a fast flow are never shown. */
  set(wanted: () => Status): void {
    this.wanted = wanted;
    if (this.isClosed || this.cancelTimer) return;
    const waitMs = this.madeAt + INTERVAL_MS - this.clock.now();
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
    // Also if it is the same again: to find that out may take as long as thousands of device ids do.
    this.madeAt = this.clock.now();
    if (!wanted || same(wanted, this.shown)) return;
    this.shown = wanted;
    this.node.status(this.shown);
  }
}

function same(a: Status, b: Status | undefined): boolean {
  return a.text === b?.text && a.fill === b.fill && a.shape === b.shape;
}
