/** Lane of one device id: its toggles run one at a time, in order. */
import type { Clock } from '../clock';
import type { CircuitState, DropReason, StopReason } from '../outcomes';
import type { QueueMode } from '../settings/device';
import { StopSignal } from '../stop-signal';
import { droppedVerdict, type Verdict } from '../verdict';
import { CircuitBreaker, type CircuitBreakerSettings } from './circuit-breaker';
import { WaitingQueue } from './waiting-queue';

export interface LaneSettings extends CircuitBreakerSettings {
  readonly queueMode: QueueMode;
  /** Most toggles that may wait, besides the running one. */
  readonly queueLimit: number;
  /** Longest wait in ms; 0 = no limit. */
  readonly queueTtlMs: number;
}

/** A toggle that a lane runs. */
export interface LaneToggle {
  readonly msgId: string;
  /** Who requested it; `stop()` can be limited to one requester. */
  readonly requester: string | undefined;
  readonly requestedAt: number;
  /** Whether it has taken its settings: until then, it will take those that its lane has. */
  readonly hasBegun: boolean;
  /** The requested state, for the verdict if it is dropped. A flip depends on the toggles before it. */
  state(): boolean;
  run(signal: StopSignal): Promise<Verdict>;
  /** Receives the verdict, once, before the next toggle starts. */
  resolve(verdict: Verdict): void;
  /** Receives an unexpected error instead of the verdict. */
  reject(error: unknown): void;
}

/** Receives what changes in a lane. */
export interface LaneListener {
  /** How many toggles wait, on each change. */
  queueDepth(waiting: number): void;
  /** The state of the circuit, on each change. */
  circuitState(state: CircuitState): void;
  /** The last toggle ended, and none waits. */
  idle(): void;
}

const DROP_MESSAGES = {
  superseded: 'replaced in the queue by a newer toggle',
  expired: 'waited longer than queueTtlMs allows',
  cancelled: 'cancelled while waiting',
  closed: 'its node or device was closed while it waited',
  device_removed: 'its device was removed from the inventory while it waited',
} as const satisfies Partial<Record<DropReason, string>>;

interface Running {
  readonly toggle: LaneToggle;
  readonly signal: StopSignal;
  /** The circuit of its settings: what it finds out says nothing of a device that has others by then. */
  breaker: CircuitBreaker;
}

/** Does not know how a toggle is done; see {@link LaneToggle.run}. */
export class Lane {
  private running: Running | undefined;
  private readonly waiting: WaitingQueue<LaneToggle>;
  private breaker: CircuitBreaker;

  constructor(
    private readonly deviceId: string,
    private settings: LaneSettings,
    private readonly clock: Clock,
    private readonly listener: LaneListener,
  ) {
    this.breaker = this.closedBreaker();
    this.waiting = new WaitingQueue(clock, {
      ttlMs: settings.queueTtlMs,
      onLength: (length) => listener.queueDepth(length),
      onExpired: (toggle) => this.drop(toggle, 'expired', DROP_MESSAGES.expired),
    });
  }

  /** Whether nothing runs and nothing waits. */
  get idle(): boolean {
    return !this.running && this.waiting.length === 0;
  }

  get hasCircuit(): boolean {
    return this.settings.breakerFailures > 0;
  }

  get circuitState(): CircuitState {
    return this.breaker.state;
  }

  /** Whether a new lane in its place would behave the same: idle, and no failures to remember. */
  get disposable(): boolean {
    return this.idle && this.breaker.hasNoFailures;
  }

  /** Runs `toggle` when its turn comes. In any case it receives exactly one verdict or error. */
  submit(toggle: LaneToggle): void {
    const { queueMode, queueLimit } = this.settings;
    // Only a toggle that starts at once can be the probe: one that waits might be dropped, and the circuit stay half open.
    const allowed = this.idle ? this.breaker.tryAcquire() : this.breaker.state === 'closed';
    if (!allowed) return this.drop(toggle, 'circuit_open', this.breaker.rejectionMessage());
    if (this.idle) return this.start(toggle);
    const replaces = queueMode === 'latest';
    // Before any is replaced: one that is dropped replaces nothing.
    if ((replaces ? 0 : this.waiting.length) >= queueLimit) {
      const error = `${this.waiting.length} toggles already wait, and queueLimit is ${queueLimit}`;
      return this.drop(toggle, 'queue_full', error);
    }
    if (!replaces) return this.waiting.push(toggle);
    // After it waits itself: whoever receives these verdicts may submit a toggle, which is newer than this one.
    for (const each of this.waiting.replaceAll(toggle)) this.drop(each, 'superseded', DROP_MESSAGES.superseded);
  }

  /** Lets the circuit begin anew, closed. */
  forgetFailures(): void {
    this.reconfigure(this.settings);
  }

  /** Takes other settings for the next toggles: what waits stays, in order, and the circuit begins anew, closed. */
  reconfigure(settings: LaneSettings): void {
    const wasOpen = this.breaker.state !== 'closed';
    this.settings = settings;
    this.breaker = this.closedBreaker();
    // A flip may still wait for the stored states.
    if (this.running?.toggle.hasBegun === false) this.running.breaker = this.breaker;
    this.waiting.setTtl(settings.queueTtlMs);
    if (wasOpen || this.hasCircuit) this.listener.circuitState('closed');
  }

  /** Those that run or wait; with `requester`, only those of that requester. */
  toggles(requester?: string): ReadonlySet<LaneToggle> {
    const all = this.running ? [this.running.toggle, ...this.waiting.all] : this.waiting.all;
    return new Set(all.filter((toggle) => requester === undefined || toggle.requester === requester));
  }

  /** Drops those of `toggles` that wait, and aborts the running one if it is among them. */
  stop(reason: StopReason, toggles: ReadonlySet<LaneToggle>): void {
    const { running } = this;
    this.dropWaiting(reason, DROP_MESSAGES[reason], (toggle) => toggles.has(toggle));
    if (running && toggles.has(running.toggle)) running.signal.stop(reason);
  }

  private start(toggle: LaneToggle): void {
    this.running = { toggle, signal: new StopSignal(), breaker: this.breaker };
    void this.run(this.running);
  }

  /** Never rejects, and always goes on with the next toggle. */
  private async run(running: Running): Promise<void> {
    const { toggle } = running;
    try {
      const verdict = await toggle.run(running.signal);
      running.breaker.record(verdict);
      this.running = undefined;
      this.resolve(toggle, verdict);
    } catch (error) {
      running.breaker.releaseProbe();
      this.running = undefined;
      toggle.reject(error);
    }
    if (this.breaker.state === 'open') this.dropWaiting('circuit_open', this.breaker.rejectionMessage());
    this.waiting.expire();
    // The receiver of a verdict may already have submitted the next toggle, and the lane may run it.
    if (!this.running) this.waiting.startFirst((next) => this.start(next));
    if (this.idle) this.listener.idle();
  }

  private closedBreaker(): CircuitBreaker {
    const breaker: CircuitBreaker = new CircuitBreaker(this.settings, this.clock, (state) => {
      if (this.breaker === breaker) this.listener.circuitState(state);
    });
    return breaker;
  }

  private dropWaiting(reason: DropReason, error: string, matches: (toggle: LaneToggle) => boolean = () => true): void {
    for (const toggle of this.waiting.remove(matches)) this.drop(toggle, reason, error);
  }

  private drop(toggle: LaneToggle, reason: DropReason, error: string): void {
    const { msgId, requestedAt } = toggle;
    const elapsedMs = this.clock.now() - requestedAt;
    const { deviceId } = this;
    this.resolve(toggle, droppedVerdict({ reason, error, deviceId, msgId, state: toggle.state(), elapsedMs }));
  }

  private resolve(toggle: LaneToggle, verdict: Verdict): void {
    // Not with a spread: on Node.js 20 it takes 3 µs to add to what one has made.
    toggle.resolve(this.hasCircuit ? Object.assign({}, verdict, { circuit: this.breaker.state }) : verdict);
  }
}
