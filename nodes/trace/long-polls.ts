/** Requests that wait for news, bounded in number and time. Looks by a timer: recording must not cost more for them. */
import { errorText } from '../../src/printable';
import { refuse } from '../admin';
import type { AdminResponse } from '../red';

/** Requests that wait at once, over all editors. */
const MAX_WAITING = 16;
const MAX_WAIT_MS = 25_000;
/** How often is looked for news; so many come in one answer as there are until then. */
const INTERVAL_MS = 250;

interface Waiting {
  readonly until: number;
  /** Answers if there is news, or `isLate`. */
  look(isLate: boolean): void;
}

export class LongPolls {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * What `ask` says, at once or when `isNews` holds of it; undefined when the request was closed or refused meanwhile.
   * `wait` is how many ms the client would wait.
   */
  answer<Answer>(
    wait: number,
    response: AdminResponse,
    ask: () => Answer,
    isNews: (answer: Answer) => boolean,
  ): Promise<Answer | undefined> {
    const waitMs = Math.min(MAX_WAIT_MS, wait);
    const answer = ask();
    if (waitMs <= 0 || isNews(answer)) return Promise.resolve(answer);
    if (this.waiting.size >= MAX_WAITING) {
      response.set({ 'retry-after': '5' });
      refuse(response, 429, `${MAX_WAITING} requests are waiting already`);
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      const settle = (found: Answer | undefined) => {
        this.remove(waiting);
        resolve(found);
      };
      const waiting: Waiting = {
        until: performance.now() + waitMs,
        look: (isLate) => {
          try {
            const latest = ask();
            if (isLate || isNews(latest)) settle(latest);
          } catch (bug) {
            this.remove(waiting);
            reject(bug instanceof Error ? bug : new Error(errorText(bug)));
          }
        },
      };
      response.on('close', () => settle(undefined));
      this.add(waiting);
    });
  }

  private add(waiting: Waiting): void {
    this.waiting.add(waiting);
    this.timer ??= setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  private remove(waiting: Waiting): void {
    this.waiting.delete(waiting);
    if (this.waiting.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const now = performance.now();
    for (const each of this.waiting) each.look(now >= each.until);
  }
}
