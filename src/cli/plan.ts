/** What one run of phase0-toggle does: one device, perhaps many times, or many devices of an inventory. */
import type { Observer } from '../observer';
import type { Metrics } from '../observers/metrics';
import type { Settings } from '../settings/field';
import type { ReplyPolicy } from '../trace/trace-owner';
import type { Verdict } from '../verdict';
import type { CliContext } from './cli-context';
import type { toggleCommand } from './toggle-command';

export type Values = Settings<typeof toggleCommand.fields>;

/** What a plan is made with, besides the options. */
export interface PlanDeps {
  readonly context: CliContext;
  readonly metrics: Metrics;
  /** What writes lines of the toggles. */
  readonly observers: readonly Observer[];
}

export interface Plan {
  /** Toggles in all. */
  readonly total: number;
  /** Resolves when every toggle that was started has its verdict. */
  run(onVerdict: (verdict: Verdict) => void): Promise<void>;
  /** Ends what runs, as cancelled. */
  stop(): void;
  close(): void;
  /** How replies of a device are judged. */
  replyOf(deviceId: string): ReplyPolicy;
  /** The verdict in words on each device that did not do it. */
  failures(): readonly string[];
}
