/** Laws of one lane: order, queue, time to live, breaker, stops. Compares what is reported with a small model. */
import type { CircuitState } from '../../src/outcomes';
import type { Verdict } from '../../src/verdict';
import {
  name,
  textOf,
  TINY_MS,
  TIMER_MS,
  wasStopped,
  type Broken,
  type Era,
  type Moment,
  type ToggleFact,
  type What,
} from './facts';

export class LaneLaws {
  private readonly waiting: ToggleFact[] = [];
  /** Those that must be dropped, because a newer one has started. */
  private readonly passedOver = new Set<ToggleFact>();
  /** The last one that was asked for while nothing ran or waited. */
  private startsAtOnce: ToggleFact | undefined;
  private running: ToggleFact | undefined;
  private circuit: CircuitState = 'closed';
  private failures = 0;
  private probeAtMs = 0;
  private reportedDepth = 0;
  /** How many waited when the settings changed: they stay. */
  private mayWait = 0;
  private changedAtMs = -Infinity;
  /** It began under settings that have changed since: the circuit does not count it. */
  private outdated: ToggleFact | undefined;
  private reportedCircuit: CircuitState = 'closed';
  /** When the newest one was stopped: it may be of those who heard that it waits, before others hear that it replaced them. */
  private newestStoppedAtMs = -1;

  constructor(
    private era: Era,
    private readonly now: () => Moment,
    private readonly broken: Broken,
  ) {}

  get current(): ToggleFact | undefined {
    return this.running;
  }

  asked(toggle: ToggleFact): void {
    if (!this.running && this.waiting.length === 0) this.startsAtOnce = toggle;
    this.waiting.push(toggle);
    if (this.isChanging) this.mayWait = this.waiting.length;
  }

  /** When a toggle expires at the latest. One whose settings changed while it waited has a timer of its old time to live. */
  private longestWaitMs({ asked }: ToggleFact): number {
    const { queueTtlMs } = this.era.settings;
    const changedAfterMs = this.changedAtMs - asked.atMs;
    return changedAfterMs < 0 ? queueTtlMs + TIMER_MS : Math.max(queueTtlMs, changedAfterMs) + 2 * TIMER_MS;
  }

  /** In the call that changes rows, those that are gone end before those that stay get their settings. */
  private get isChanging(): boolean {
    return this.changedAtMs === this.now().atMs;
  }

  started(toggle: ToggleFact): void {
    if (this.running === toggle) return;
    if (this.running) return this.fault('one at a time', `${name(toggle)} started while ${name(this.running)} ran`);
    const place = this.waiting.indexOf(toggle);
    if (place === -1) return this.fault('order', `${name(toggle)} started, and did not wait`);
    // Who hears that one is dropped may ask for another one before the others are reported, which are dropped as well.
    for (const each of this.waiting.splice(0, place)) this.passedOver.add(each);
    this.take(toggle);
  }

  verdict(toggle: ToggleFact, verdict: Verdict): void {
    if (verdict.outcome === 'dropped') this.judgeDrop(toggle, verdict);
    else if (this.running !== toggle) this.fault('one at a time', `${name(toggle)} ended, and did not run`);
    if (this.running === toggle) {
      this.running = undefined;
      if (this.outdated !== toggle) this.record(verdict);
    }
    this.passedOver.delete(toggle);
    const place = this.waiting.indexOf(toggle);
    if (place === this.waiting.length - 1 && wasStopped(toggle, verdict.reason))
      this.newestStoppedAtMs = this.now().atMs;
    if (place !== -1) this.waiting.splice(place, 1);
    const expected = this.era.settings.breakerFailures > 0 ? this.circuit : undefined;
    if (verdict.circuit !== expected && !this.isChanging) {
      this.fault('circuit', `the circuit of ${name(toggle)} is ${verdict.circuit}, and should be ${expected}`);
    }
  }

  /** The row has other settings, or is gone: its circuit begins anew, and what waits stays or is stopped. */
  changed(era: Era): void {
    this.era = era;
    this.circuit = 'closed';
    this.failures = 0;
    const { running } = this;
    const hasBegun = running !== undefined && running.attempts.length > 0;
    this.outdated = hasBegun ? running : undefined;
    this.mayWait = this.waiting.length;
    this.changedAtMs = this.now().atMs;
    for (const toggle of this.waiting) toggle.era = era;
    // It has not taken its settings yet: a flip waits for the stored states.
    if (running && !hasBegun) running.era = era;
  }

  depthReported(depth: number): void {
    this.reportedDepth = depth;
  }

  circuitReported(state: CircuitState): void {
    this.reportedCircuit = state;
  }

  /** When nothing in the process is under way. */
  settled(): void {
    this.promote();
    const { waiting, running, era } = this;
    const { queueMode, queueLimit } = era.settings;
    const [first] = waiting;
    for (const toggle of this.passedOver) this.fault('order', `${name(toggle)} was passed over`);
    if (first && !running) this.fault('liveness', `${name(first)} waits, and nothing runs`);
    if (this.reportedDepth !== waiting.length) {
      this.fault('queue depth', `${this.reportedDepth} was reported, and ${waiting.length} wait`);
    }
    this.mayWait = Math.min(this.mayWait, waiting.length);
    if (waiting.length > Math.max(queueLimit, this.mayWait))
      this.fault('queue limit', `${waiting.length} wait, and the limit is ${queueLimit}`);
    if (queueMode === 'latest' && waiting.length > Math.max(1, this.mayWait))
      this.fault('latest', `${waiting.length} wait`);
    if (this.circuit === 'open' && waiting.length > 0)
      this.fault('circuit', `${waiting.length} wait behind an open circuit`);
    if (this.reportedCircuit !== this.circuit && !era.life.isClosed) {
      this.fault('circuit', `${this.reportedCircuit} was reported, and it is ${this.circuit}`);
    }
    if (era.life.isClosed && this.reportedCircuit !== 'closed')
      this.fault('circuit', 'a closed device has an open circuit');
    for (const toggle of running ? [running, ...waiting] : waiting) {
      if (toggle.stopped.length > 0) this.fault('stop', `${name(toggle)} was stopped, and has no verdict`);
    }
  }

  /** A flip may run, and have to wait for its first attempt. `asked` is the one that was just asked for, if one was. */
  promote(asked?: ToggleFact): void {
    const [first] = this.waiting;
    if (asked && (first !== asked || this.startsAtOnce !== asked)) return;
    if (!this.running && first?.requested === 'flip' && !first.verdict) this.take(first);
  }

  private take(toggle: ToggleFact): void {
    const { queueTtlMs } = this.era.settings;
    const waitedMs = this.now().atMs - toggle.asked.atMs;
    if (queueTtlMs > 0 && waitedMs >= queueTtlMs && !this.isChanging)
      this.fault('ttl', `${name(toggle)} started after ${waitedMs} ms`);
    if (this.circuit === 'half_open') this.fault('circuit', `${name(toggle)} started beside a probe`);
    if (this.circuit === 'open') {
      if (this.now().atMs < this.probeAtMs) this.fault('circuit', `${name(toggle)} started while the circuit was open`);
      this.circuit = 'half_open';
    }
    this.waiting.shift();
    this.running = toggle;
  }

  private record({ outcome, reason }: Verdict): void {
    const { breakerFailures, breakerResetMs } = this.era.settings;
    if (breakerFailures === 0) return;
    if (outcome === 'confirmed' || outcome === 'rejected') {
      this.circuit = 'closed';
      this.failures = 0;
    } else if (reason === 'cancelled' || reason === 'closed' || reason === 'device_removed') {
      if (this.circuit === 'half_open') this.open(0);
    } else {
      this.failures += 1;
      if (this.circuit !== 'closed' || this.failures >= breakerFailures) this.open(breakerResetMs);
    }
  }

  private open(resetMs: number): void {
    this.circuit = 'open';
    this.probeAtMs = this.now().atMs + resetMs;
  }

  private judgeDrop(toggle: ToggleFact, { reason }: Verdict): void {
    const { queueMode, queueLimit, queueTtlMs } = this.era.settings;
    const { atMs, heldMs } = this.now();
    const waitedMs = atMs - toggle.asked.atMs;
    const others = this.waiting.filter((each) => each !== toggle);
    const isNewest = this.waiting.at(-1) === toggle;
    const wasRunning = this.running === toggle;
    const check = (isTrue: boolean, why: What) => {
      if (!isTrue) this.fault('drop', `${name(toggle)} is dropped/${reason}: ${textOf(why)}`);
    };
    if (toggle.attempts.length > 0) this.fault('drop', `${name(toggle)} was attempted, and is dropped/${reason}`);
    if (wasRunning && !wasStopped(toggle, reason))
      return this.fault('drop', `${name(toggle)} ran, and is dropped/${reason}`);
    if (this.isChanging) return undefined;
    switch (String(reason)) {
      case 'superseded':
        return check(
          queueMode === 'latest' &&
            (!isNewest ||
              this.passedOver.has(toggle) ||
              this.changedAtMs >= toggle.asked.atMs ||
              this.newestStoppedAtMs === atMs),
          'nothing newer waits, or all may',
        );
      case 'queue_full':
        return check(
          isNewest && others.length >= queueLimit,
          () => `${others.length} wait, and the limit is ${queueLimit}`,
        );
      case 'expired':
        check(queueTtlMs > 0 && waitedMs >= queueTtlMs, () => `it waited ${waitedMs} ms`);
        return check(waitedMs <= this.longestWaitMs(toggle) + heldMs - toggle.asked.heldMs + TINY_MS, () => {
          return `it waited ${waitedMs} ms`;
        });
      case 'circuit_open':
        check(this.circuit !== 'closed', 'the circuit is closed');
        return check(this.running !== undefined || this.circuit !== 'open' || atMs < this.probeAtMs, 'it could probe');
      case 'cancelled':
      case 'closed':
      case 'device_removed':
        return check(wasStopped(toggle, reason), 'nobody stopped it');
      default:
        return check(false, 'there is no such reason in a lane');
    }
  }

  private fault(law: string, what: string): void {
    this.broken(law, `${what} [controller ${this.era.controller}]`);
  }
}
