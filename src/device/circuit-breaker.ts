/** Circuit breaker for one lane. */
import type { Clock } from '../clock';
import type { CircuitState } from '../outcomes';
import type { Verdict } from '../verdict';

export interface CircuitBreakerSettings {
  /** Consecutive `failed` or `unknown` toggles that open the circuit; 0 = the breaker is off. */
  readonly breakerFailures: number;
  /** Time from opening to the first probe, in ms. */
  readonly breakerResetMs: number;
}

type Circuit =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly failures: number; readonly probeAt: number }
  | { readonly state: 'half_open'; readonly failures: number };

/** Opens after consecutive failures, and closes again when the device answers a probe. */
export class CircuitBreaker {
  private circuit: Circuit = { state: 'closed', failures: 0 };

  /** Calls `onState` on each change of state. */
  constructor(
    private readonly settings: CircuitBreakerSettings,
    private readonly clock: Clock,
    private readonly onState: (state: CircuitState) => void,
  ) {}

  get state(): CircuitState {
    return this.circuit.state;
  }

  /** Whether no toggle has failed since the device last answered. */
  get hasNoFailures(): boolean {
    return this.circuit.failures === 0;
  }

  /**
   * Whether a toggle may start now. Once `breakerResetMs` have passed, one toggle may start as the probe; its verdict
   * must be recorded, or the probe released.
   */
  tryAcquire(): boolean {
    const { circuit } = this;
    if (circuit.state === 'closed') return true;
    if (circuit.state === 'half_open' || this.clock.now() < circuit.probeAt) return false;
    this.change({ state: 'half_open', failures: circuit.failures });
    return true;
  }

  /** Why a toggle may not start. */
  rejectionMessage(): string {
    const { circuit } = this;
    const opened = `the circuit is open after ${circuit.failures} consecutive failures`;
    if (circuit.state !== 'open') return `${opened}; a probe is in progress`;
    const leftMs = Math.max(0, Math.ceil(circuit.probeAt - this.clock.now()));
    return `${opened}; the next probe is allowed in ${leftMs} ms`;
  }

  /** Evaluates the verdict on a toggle that was allowed to start. */
  record({ outcome, reason }: Verdict): void {
    const { breakerFailures, breakerResetMs } = this.settings;
    if (breakerFailures === 0) return;
    if (outcome === 'confirmed' || outcome === 'rejected') return this.change({ state: 'closed', failures: 0 });
    if (reason === 'cancelled' || reason === 'closed' || reason === 'device_removed') return this.releaseProbe();
    const failures = this.circuit.failures + 1;
    if (this.circuit.state === 'closed' && failures < breakerFailures) {
      this.circuit = { state: 'closed', failures };
    } else {
      this.change({ state: 'open', failures, probeAt: this.clock.now() + breakerResetMs });
    }
  }

  /** Allows the next toggle to probe at once: a probe that was stopped says nothing about the device. */
  releaseProbe(): void {
    const { state, failures } = this.circuit;
    if (state === 'half_open') this.change({ state: 'open', failures, probeAt: this.clock.now() });
  }

  private change(next: Circuit): void {
    const changed = next.state !== this.circuit.state;
    this.circuit = next;
    if (changed) this.onState(next.state);
  }
}
