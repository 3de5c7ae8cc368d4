/** What was asked of devices from the sidebar: on, off and tests, and how far they are. */
import type { VerdictOutcome } from '../../../src/outcomes';
import { printable } from '../../../src/printable';
import type { ActionRequest } from '../../../src/trace/answers';
import { endedWithoutVerdict } from '../../editor/words';
import type { DeviceTestEvent } from '../../phase0-device/device-test-event';
import { act } from './routes';
import { duration, say, verdictWords } from './words';

export interface ActionProgress {
  readonly words: string;
  /** Absent while it runs. */
  readonly outcome?: VerdictOutcome;
  readonly isRunning: boolean;
}

/** So long a result stays in the line of its device. */
const SHOWN_MS = 15_000;

export class Actions {
  private readonly progress = new Map<string, ActionProgress>();

  constructor(private readonly changed: () => void) {}

  of(key: string): ActionProgress | undefined {
    return this.progress.get(key);
  }

  /** One at a time for each device. Its buttons are not disabled meanwhile: they would lose the focus. */
  run(request: ActionRequest): void {
    const { key, action } = request;
    if (this.progress.get(key)?.isRunning) return;
    let shown = 0;
    const name = say(`action.${action}`);
    const running = (words: string) => this.set(key, { words: `${name}: ${words}`, isRunning: true });
    running('…');
    const take = (answer: string) => {
      const end = answer.lastIndexOf('\n') + 1;
      for (const line of answer.slice(shown, end).split('\n').filter(Boolean)) {
        const event = JSON.parse(line) as DeviceTestEvent;
        if (event.event === 'started') running(say('attempt', { attempt: event.attempt, max: event.maxAttempts }));
        if (event.event === 'verdict') {
          const words = `${name}: ${verdictWords(event)} · ${duration(event.elapsedMs * 1000)}`;
          this.end(key, { words, outcome: event.outcome, isRunning: false });
        }
      }
      shown = end;
    };
    act(request, {
      lines: take,
      ended: () => {
        if (!this.progress.get(key)?.isRunning) return;
        this.end(key, { words: `${name}: ${endedWithoutVerdict()}`, outcome: 'unknown', isRunning: false });
      },
      failed: (why, didNotRun) => {
        const outcome = didNotRun ? 'dropped' : 'unknown';
        this.end(key, { words: `${name}: ${printable(why)}`, outcome, isRunning: false });
      },
    });
  }

  private end(key: string, result: ActionProgress): void {
    this.set(key, result);
    window.setTimeout(() => {
      if (this.progress.get(key) !== result) return;
      this.progress.delete(key);
      this.changed();
    }, SHOWN_MS);
  }

  private set(key: string, progress: ActionProgress): void {
    this.progress.set(key, progress);
    this.changed();
  }
}
