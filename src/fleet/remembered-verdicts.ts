/** Verdicts that are out, for commands that come once more. */
import { overflow } from '../overflow';
import type { Verdict } from '../verdict';
import type { FleetCommand } from './command-message';

/** Commands that come again do so within seconds, unless their sender repeats them. */
export const MAX_REMEMBERED = 10_000;

export interface RememberedVerdict {
  readonly verdict: Verdict;
  /** What the command asked for. */
  readonly asked: FleetCommand['state'];
}

export class RememberedVerdicts {
  private readonly verdicts = new Map<string, RememberedVerdict>();

  get(deviceId: string, msgId: string): RememberedVerdict | undefined {
    return this.verdicts.get(keyOf(deviceId, msgId));
  }

  add(verdict: Verdict, asked: FleetCommand['state']): void {
    const key = keyOf(verdict.deviceId, verdict.msgId);
    this.verdicts.delete(key);
    this.verdicts.set(key, { verdict, asked });
    for (const oldest of overflow(this.verdicts, MAX_REMEMBERED)) this.verdicts.delete(oldest);
  }
}

/** One text for a command; a sender's own msg_id may be unique only for its device. */
export function keyOf(deviceId: string, msgId: string): string {
  return JSON.stringify([deviceId, msgId]);
}
