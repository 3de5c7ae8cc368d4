/** The status of a toggle node: what it is doing, and the last confirmed state of its device. */
import type { AttemptReport, AttemptStart } from '../../src/observer';
import type { Verdict } from '../../src/verdict';
import type { StatusLine } from '../status-line';
import {
  attemptStatus,
  knownStateStatus,
  retryStatus,
  settingStatus,
  verdictStatus,
  waitingStatus,
  type Translate,
} from './status-texts';

export class ToggleStatus {
  constructor(
    private readonly line: StatusLine,
    private readonly translate: Translate,
  ) {}

  showProblem(problem: string): void {
    this.line.set(() => settingStatus(problem, this.translate));
  }

  /** `count` is read when the status is shown. */
  showWaiting(count: () => number): void {
    this.line.set(() => waitingStatus(count(), this.translate));
  }

  showAttempt(start: AttemptStart): void {
    this.line.set(() => attemptStatus(start, this.translate));
  }

  showRetry(report: AttemptReport): void {
    this.line.set(() => retryStatus(report, this.translate));
  }

  showVerdict(verdict: Verdict): void {
    this.line.set(() => verdictStatus(verdict, this.translate));
  }

  showKnownState(state: boolean, isRestored: boolean): void {
    this.line.set(() => knownStateStatus(state, isRestored, this.translate));
  }

  close(): void {
    this.line.close();
  }
}
