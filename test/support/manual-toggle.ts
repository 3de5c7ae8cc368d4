/** A toggle of a lane that runs until the test ends it. */
import assert from 'node:assert/strict';
import type { LaneToggle } from '../../src/device/lane';
import type { StopSignal } from '../../src/stop-signal';
import type { Verdict } from '../../src/verdict';

export class ManualToggle implements LaneToggle {
  readonly requestedAt: number;
  readonly hasBegun = true;
  started = false;
  signal: StopSignal | undefined;
  readonly settled: Promise<Verdict>;
  resolve!: (verdict: Verdict) => void;
  reject!: (error: unknown) => void;
  private finish: ((verdict: Verdict) => void) | undefined;

  constructor(
    readonly msgId: string,
    clock: { now(): number },
    readonly requester: string | undefined,
  ) {
    this.requestedAt = clock.now();
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  state = () => true;

  run(signal: StopSignal): Promise<Verdict> {
    this.started = true;
    this.signal = signal;
    return new Promise((resolve) => {
      this.finish = resolve;
      signal.onStop(() => this.end('unknown'));
    });
  }

  end(outcome: Verdict['outcome'] = 'confirmed', reason?: Verdict['reason']): void {
    assert.ok(this.finish, `${this.msgId} does not run`);
    const known = { outcome, deviceId: 'lamp', msgId: this.msgId, attempts: 1, elapsedMs: 0 };
    this.finish(reason ? { ...known, reason } : known);
  }
}
