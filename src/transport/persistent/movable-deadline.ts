/** A deadline that is moved on with each step of a request. */
import type { CancelTimer, Clock } from '../../clock';

/** To put it off costs no timer: the one that runs looks when it fires whether the deadline has been put off. */
export class MovableDeadline {
  private fire: (() => void) | undefined;
  private dueAt = 0;
  /** When the timer that runs fires. */
  private timerAt = Infinity;
  private cancelTimer: CancelTimer | undefined;

  constructor(private readonly clock: Clock) {}

  /** Calls `fire` like `deadline` does, `ms` from now, in place of what was set before. */
  set(ms: number, fire: () => void): void {
    this.fire = fire;
    this.dueAt = this.clock.now() + ms;
    if (this.timerAt <= this.dueAt) return;
    this.cancelTimer?.();
    this.wait(ms);
  }

  /** Passes at once if it is due by then: of two timers that are due, the later one may fire first. */
  passBy(time: number): void {
    if (this.dueAt > time) return;
    this.cancelTimer?.();
    this.pass();
  }

  /** Nothing is called any more. */
  clear(): void {
    this.fire = undefined;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.timerAt = Infinity;
  }

  private wait(ms: number): void {
    this.timerAt = this.dueAt;
    this.cancelTimer = this.clock.after(ms, () => this.looked());
  }

  private looked(): void {
    if (this.timerAt < this.dueAt) return this.wait(Math.max(0, this.dueAt - this.clock.now()));
    // From now on it can only be replaced.
    this.timerAt = Infinity;
    this.cancelTimer = this.clock.afterReading(() => this.pass());
  }

  private pass(): void {
    const { fire } = this;
    this.clear();
    fire?.();
  }
}
