/** Rows that wait for their test, and those that are being tested: a few at a time. Pure. */

/** A row is known by itself: its place in the table changes when others are deleted. */
export interface RowQueueDeps<Row> {
  readonly atATime: number;
  /** Starts the test of a row, unless the row is gone. What it returns aborts the test; `ended` is called once. */
  start(row: Row, state: boolean, ended: () => void): (() => void) | undefined;
  /** The row was waiting, and is not tested. */
  cancelled(row: Row): void;
  /** No row is waiting or being tested. */
  idle(): void;
}

export class RowQueue<Row> {
  /** With the state that each is to be switched to. */
  private readonly waiting = new Map<Row, boolean>();
  private readonly running = new Map<Row, () => void>();

  constructor(private readonly deps: RowQueueDeps<Row>) {}

  get isIdle(): boolean {
    return this.waiting.size === 0 && this.running.size === 0;
  }

  /** A row that is waiting already keeps its turn, and takes the new state. */
  add(rows: readonly Row[], state: boolean): void {
    for (const row of rows) this.waiting.set(row, state);
    this.startNext();
  }

  cancel(): void {
    const rows = [...this.waiting.keys()];
    this.waiting.clear();
    for (const row of rows) this.deps.cancelled(row);
    for (const abort of this.running.values()) abort();
  }

  private startNext(): void {
    for (const [row, state] of this.waiting) {
      if (this.running.size >= this.deps.atATime) return;
      // Its tests come one after the other.
      if (this.running.has(row)) continue;
      this.waiting.delete(row);
      const abort = this.deps.start(row, state, () => this.ended(row));
      if (abort) this.running.set(row, abort);
    }
    if (this.isIdle) this.deps.idle();
  }

  private ended(row: Row): void {
    this.running.delete(row);
    this.startNext();
  }
}
