/** The two clocks of the trace: one for durations, and one for dates that runs as evenly. */

export interface ClockOptions {
  /** A monotonic clock in ms; `performance.now` by default. */
  readonly now?: () => number;
  /** ms since 1970; `Date.now` by default. */
  readonly unixTimeMs?: () => number;
}

/** The system clock was set if it is off by more. */
const CLOCK_STEP_MS = 20;
/** How often the system clock is looked at: to read it takes longer than most of what is recorded. */
const CHECK_INTERVAL_MS = 100;

/** The global one is a getter, which takes a quarter of the time of a reading. */
const monotonic = performance;

export class TraceClock {
  readonly now: () => number;
  private readonly readUnixTimeMs: () => number;
  private offsetMs = NaN;
  private checkedAt = -Infinity;

  constructor({ now = () => monotonic.now(), unixTimeMs = Date.now }: ClockOptions = {}) {
    this.now = now;
    this.readUnixTimeMs = unixTimeMs;
  }

  /** The date of a reading of `now`, in ms since 1970 with fractions. */
  unixTimeMs(now: number): number {
    if (now - this.checkedAt >= CHECK_INTERVAL_MS) this.check(now);
    return now + this.offsetMs;
  }

  private check(now: number): void {
    this.checkedAt = now;
    const offsetMs = this.readUnixTimeMs() - now;
    if (!(Math.abs(offsetMs - this.offsetMs) < CLOCK_STEP_MS)) this.offsetMs = offsetMs;
  }
}
