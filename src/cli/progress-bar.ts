/** Progress bar on a terminal, redrawn at most ten times a second; disabled elsewhere. */
const CELLS = 30;
const REDRAW_MS = 100;
const BACK_AND_CLEAR = '\r\u001B[K';

/** Output stream of the bar. */
export interface BarStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class ProgressBar {
  private drawnAt = -Infinity;
  private shown = false;

  constructor(
    private readonly stream: BarStream,
    private readonly total: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  update(done: number, note: string): void {
    if (!this.stream.isTTY || this.now() - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = this.now();
    this.shown = true;
    const filled = Math.floor((done / this.total) * CELLS);
    const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
    this.stream.write(`${BACK_AND_CLEAR}${bar} ${done}/${this.total}${note}`);
  }

  /** Clears the bar before other output or at the end; the next update draws it again. */
  clear(): void {
    if (this.shown) this.stream.write(BACK_AND_CLEAR);
    this.shown = false;
  }
}
