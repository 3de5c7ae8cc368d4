/** Log lines dropped while the reader of standard output is too slow, and the line that reports their count. */
import type { CliContext } from './cli-context';
import type { Log } from './log';

export class DroppedLines {
  private count = 0;

  constructor(
    private readonly context: CliContext,
    private readonly output: Log,
  ) {}

  /** Calls `write`, or counts a dropped line while the output buffer is full. */
  log(write: () => void): void {
    if (this.context.isFull) {
      this.count += 1;
      return;
    }
    this.close();
    write();
  }

  /** Reports how many lines were dropped, if any. */
  close(): void {
    const lines = this.count;
    this.count = 0;
    if (lines > 0) this.output.event('WARNING', 'left_out', `${lines} lines left out`, { lines });
  }
}
