/** Owns one device id's queue: order, latest-wins, limit, time-to-live, circuit, stop. Does not know how a toggle is done. */
import { CircuitBreaker, type CircuitBreakerSettings } from './circuit-breaker';
import type { CancelTimer, Clock } from '../clock';
import type { CircuitState, DropReason, StopReason } from '../outcomes';
import type { QueueMode } from '../settings/device';
import { droppedVerdict, type Verdict } from '../verdict';

export interface LaneSettings extends CircuitBreakerSettings {
  readonly queueMode: QueueMode;
  /** Most that may wait, beside the one that runs. */
  readonly queueLimit: number;
  /** Longest wait in ms; 0 = no limit. */
  readonly queueTtlMs: number;
}

/** A toggle in its lane. */
export interface Job {
  readonly msgId: string;
  /** Who asked, so that it can take back what it asked for. */
  readonly requester: string | undefined;
  readonly askedAt: number;
  /** The state asked for; read when the job's turn comes, since a flip depends on those before it. */
  state(): boolean;
  run(signal: AbortSignal): Promise<Verdict>;
  /** Takes the verdict; called once, and before the next job's turn comes. */
  settle(verdict: Verdict): void;
  /** Takes a bug, in place of the verdict. */
  fail(bug: unknown): void;
}

/** Hears how a lane is. */
export interface LaneListener {
  /** How many wait, on each change. */
  depth(waiting: number): void;
  /** The circuit, on each change. */
  circuit(state: CircuitState): void;
}

const SENTENCES = {
  superseded: 'a newer toggle took its place in the queue',
  expired: 'waited longer than queueTtlMs allows',
  cancelled: 'cancelled while waiting',
  closed: 'its node or device was closed while it waited',
} as const satisfies Partial<Record<DropReason, string>>;

/** Toggles for one device id run one at a time, in order. */
export class Lane {
  private waiting: Job[] = [];
  private running: { readonly job: Job; readonly stop: AbortController } | undefined;
  private cancelExpiry: CancelTimer | undefined;
  private readonly breaker: CircuitBreaker;

  constructor(
    private readonly deviceId: string,
    private readonly settings: LaneSettings,
    private readonly clock: Clock,
    private readonly listener: LaneListener,
  ) {
    this.breaker = new CircuitBreaker(settings, clock, (state) => listener.circuit(state));
  }

  /** Neither running nor waiting for anything. */
  get idle(): boolean {
    return !this.running && this.waiting.length === 0;
  }

  get circuit(): CircuitState {
    return this.breaker.state;
  }

  /** Idle, and with nothing to remember: another lane in its place would do the same. */
  get spent(): boolean {
    return this.idle && this.breaker.hasNoFailures;
  }

  /** Runs `job` when its turn comes; whatever happens, it gets its verdict. */
  submit(job: Job): void {
    const { queueMode, queueLimit } = this.settings;
    if (!this.breaker.admit()) return this.drop(job, 'circuit_open', this.breaker.refusal());
    if (this.idle) return this.start(job);
    if (queueMode === 'latest') this.dropWhere(() => true, 'superseded', SENTENCES.superseded);
    if (this.waiting.length >= queueLimit) {
      return this.drop(job, 'queue_full', `${this.waiting.length} already wait, and queueLimit is ${queueLimit}`);
    }
    this.waiting.push(job);
    this.waitingChanged();
  }

  /** Drops what waits and aborts what runs; with `requester`, only what that one asked for. */
  stop(reason: StopReason, requester?: string): void {
    const concerned = (job: Job) => requester === undefined || job.requester === requester;
    this.dropWhere(concerned, reason, SENTENCES[reason]);
    if (this.running && concerned(this.running.job)) this.running.stop.abort(reason);
  }

  private start(job: Job): void {
    const stop = new AbortController();
    this.running = { job, stop };
    const finish = (tell: () => void) => {
      this.running = undefined;
      tell();
      if (this.breaker.state === 'open') this.dropWhere(() => true, 'circuit_open', this.breaker.refusal());
      this.startNext();
    };
    job.run(stop.signal).then(
      (verdict) =>
        finish(() => {
          this.breaker.record(verdict);
          this.settle(job, verdict);
        }),
      (bug: unknown) =>
        finish(() => {
          this.breaker.releaseProbe();
          job.fail(bug);
        }),
    );
  }

  private startNext(): void {
    this.dropExpired();
    // Whoever took the verdict may have asked for something at once, and be running already.
    const next = this.running ? undefined : this.waiting.shift();
    if (!next) return;
    this.start(next);
    this.waitingChanged();
  }

  private dropWhere(concerned: (job: Job) => boolean, reason: DropReason, error: string): void {
    const dropped = this.waiting.filter((job) => concerned(job));
    if (dropped.length === 0) return;
    this.waiting = this.waiting.filter((job) => !concerned(job));
    this.waitingChanged();
    for (const job of dropped) this.drop(job, reason, error);
  }

  private drop(job: Job, reason: DropReason, error: string): void {
    const elapsedMs = this.clock.now() - job.askedAt;
    const { deviceId } = this;
    this.settle(job, droppedVerdict({ reason, error, deviceId, msgId: job.msgId, state: job.state(), elapsedMs }));
  }

  private settle(job: Job, verdict: Verdict): void {
    job.settle(this.settings.breakerFailures > 0 ? { ...verdict, circuit: this.breaker.state } : verdict);
  }

  private waitingChanged(): void {
    this.listener.depth(this.waiting.length);
    this.armExpiry();
  }

  /** All wait equally long at most, so the first in the queue is the first to expire: one timer does. */
  private armExpiry(): void {
    this.cancelExpiry?.();
    this.cancelExpiry = undefined;
    const first = this.waiting[0];
    if (!first || this.settings.queueTtlMs === 0) return;
    const leftMs = first.askedAt + this.settings.queueTtlMs - this.clock.now();
    this.cancelExpiry = this.clock.after(Math.max(leftMs, 0), () => this.dropExpired());
  }

  private dropExpired(): void {
    const { queueTtlMs } = this.settings;
    const now = this.clock.now();
    if (queueTtlMs > 0) this.dropWhere(({ askedAt }) => now - askedAt >= queueTtlMs, 'expired', SENTENCES.expired);
    this.armExpiry();
  }
}
