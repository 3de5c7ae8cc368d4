/** Toggles that a query finds, read while somebody looks at them, and kept when nobody does. Pure. */
import type { TogglesAnswer } from '../../../src/trace/answers';
import { LongPoll, type Get, type Later } from './long-poll';
import { ToggleStore } from './toggle-store';

export class ToggleFeed {
  readonly store = new ToggleStore();
  private query: string | undefined;
  private readonly poll: LongPoll<TogglesAnswer>;

  /** `path`: what to ask for, by query and cursor. */
  constructor(
    get: Get,
    later: Later,
    session: () => string | undefined,
    path: (query: string, cursor: string | undefined) => string,
    changed: () => void,
  ) {
    this.poll = new LongPoll(get, later, {
      path: (cursor) => path(this.query ?? '', cursor),
      take: (answer: TogglesAnswer) => {
        const next = this.store.take(answer);
        changed();
        return { since: next };
      },
      // What keeps one route from answering keeps the other one, too.
      trouble: () => undefined,
      session,
    });
  }

  /** Other ones than before are read from the beginning. */
  ask(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.store.restart();
    this.poll.reset();
  }

  read(isWanted: boolean): void {
    if (isWanted) this.poll.start();
    else this.poll.stop();
  }
}
