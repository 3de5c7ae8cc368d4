/** Owns the lines that a reader is too slow for: left out while it is far behind, and counted in a line of their own. */
import type { Log } from './log';
import type { CliContext } from './cli-context';

export class DroppedLines {
  private leftOut = 0;

  constructor(
    private readonly shell: CliContext,
    private readonly log: Log,
  ) {}

  /** Tells, or counts what is not told. */
  tell(write: () => void): void {
    if (this.shell.isFull) {
      this.leftOut += 1;
      return;
    }
    this.close();
    write();
  }

  /** Says how many were left out, if any were. */
  close(): void {
    const lines = this.leftOut;
    this.leftOut = 0;
    if (lines > 0) this.log.event('WARNING', 'left_out', `${lines} lines left out`, { lines });
  }
}
