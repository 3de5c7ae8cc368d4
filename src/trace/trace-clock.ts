/** The two clocks of the trace: one for durations, and one for dates that runs as evenly. */

export interface ClockOptions {
  /** A monotonic clock in ms; `performance.now` by default. */
  readonly now?: () => number;
  /** ms since 1970; `Date.now` by default. */
  readonly unixTimeMs?: () => number;
}

/** The system clock was set if it is off by more. */
const CLOCK_STEP_MS = 20;

export class TraceClock {
  readonly now: () => number;
  private readonly readUnixTimeMs: () => number;
  private offsetMs = NaN;

  constructor({ now = () => performance.now(), unixTimeMs = Date.now }: ClockOptions = {}) {
    this.now = now;
    this.readUnixTimeMs = unixTimeMs;
  }

  /** The date of a reading of `now`, in ms since 1970 with fractions. */
  unixTimeMs(now: number): number {
    const offsetMs = this.readUnixTimeMs() - now;
    if (!(Math.abs(offsetMs - this.offsetMs) < CLOCK_STEP_MS)) this.offsetMs = offsetMs;
    return now + this.offsetMs;
  }
}
