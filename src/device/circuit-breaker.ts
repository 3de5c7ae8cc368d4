/** Owns a lane's circuit breaker: counts failures, says who may pass. Pure; knows no lanes and no timers. */
import type { Clock } from '../clock';
import type { CircuitState } from '../outcomes';
import type { Verdict } from '../verdict';

export interface CircuitBreakerSettings {
  /** Toggles in a row that must end `failed` or `unknown` for the circuit to open; 0 = it never does. */
  readonly breakerFailures: number;
  /** From opening to the first probe, in ms. */
  readonly breakerResetMs: number;
}

/** Closed at first; opened by failures in a row, closed again by a probe that the device answers. */
export class CircuitBreaker {
  private current: CircuitState = 'closed';
  private failures = 0;
  private openedAt = 0;

  /** `onState` hears of each change. */
  constructor(
    private readonly settings: CircuitBreakerSettings,
    private readonly clock: Clock,
    private readonly onState: (state: CircuitState) => void,
  ) {}

  get state(): CircuitState {
    return this.current;
  }

  /** Nothing to remember: no failure since the last answer. */
  get hasNoFailures(): boolean {
    return this.failures === 0;
  }

  /** Whether a toggle may be tried now; the first one that is, once `breakerResetMs` have passed, is the probe. */
  admit(): boolean {
    if (this.current === 'closed') return true;
    if (this.current === 'half_open' || this.leftMs() > 0) return false;
    this.change('half_open');
    return true;
  }

  /** Why a toggle is not admitted, in words. */
  refusal(): string {
    const failed = `${this.failures} toggles in a row failed`;
    if (this.current === 'half_open') return `the circuit is open after ${failed}; a probe is under way`;
    return `the circuit is open after ${failed}; the next probe may go in ${Math.ceil(this.leftMs())} ms`;
  }

  /** Takes the verdict on a toggle that was admitted. */
  record({ outcome, reason }: Verdict): void {
    if (this.settings.breakerFailures === 0) return;
    if (outcome === 'confirmed' || outcome === 'rejected') return this.close();
    if (reason === 'cancelled' || reason === 'closed') return this.releaseProbe();
    this.failures += 1;
    if (this.current === 'closed' && this.failures < this.settings.breakerFailures) return;
    this.openedAt = this.clock.now();
    this.change('open');
  }

  /** One that was stopped tells nothing of the device; after such a probe the next toggle may probe at once. */
  releaseProbe(): void {
    if (this.current === 'half_open') this.change('open');
  }

  private close(): void {
    this.failures = 0;
    if (this.current !== 'closed') this.change('closed');
  }

  private leftMs(): number {
    return Math.max(0, this.openedAt + this.settings.breakerResetMs - this.clock.now());
  }

  private change(state: CircuitState): void {
    this.current = state;
    this.onState(state);
  }
}
