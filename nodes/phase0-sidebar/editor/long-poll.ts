/** Long polling of one route: asks again as soon as an answer came, and only while somebody looks. Pure. */

/** Why no answer comes. */
export type PollTrouble =
  /** No answer at all, or an error of the server: it is restarting, or the network is down. */
  | 'away'
  /** The session has ended: nothing is asked until there is another one. */
  | 'loggedOut'
  /** The user may not read. */
  | 'forbidden'
  /** More pages ask than the server answers. */
  | 'busy'
  /** Node-RED runs another version of this package than its editor. */
  | 'missing';

export interface PollAnswer {
  readonly cursor: string;
  readonly more: boolean;
}

/** Sends a GET request. Calls exactly one of `answered` and `failed`, and none after the returned function was called. */
export type Get = (path: string, answered: (answer: unknown) => void, failed: (status: number) => void) => () => void;

/** Calls `action` once, unless the returned function is called before. */
export type Later = (ms: number, action: () => void) => () => void;

export interface PollEvents<Answer> {
  /** What to ask for since the cursor; without one from the beginning. */
  path(cursor: string | undefined): string;
  take(answer: Answer): Next;
  /** `undefined`: answers come again. */
  trouble(trouble: PollTrouble | undefined): void;
  /** Another one after each login. */
  session(): string | undefined;
}

export interface Next {
  /** Where to go on: usually the cursor of the answer. */
  readonly since: string | undefined;
  /** When to ask again; absent for as soon as the answer allows. */
  readonly inMs?: number;
}

/** Between two answers: changes that come faster are read together. */
const GAP_MS = 500;
/** Between two parts of an answer, once all was read: all parts at once would hold up the toggles. */
const PART_MS = 100;
const TROUBLES: Readonly<Record<number, PollTrouble>> = {
  401: 'loggedOut',
  403: 'forbidden',
  404: 'missing',
  429: 'busy',
};
/** How often is looked for another session. */
const LOGIN_MS = 1000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;

export class LongPoll<Answer extends PollAnswer> {
  private cursor: string | undefined;
  /** Whether everything was read since it began. */
  private hasRead = false;
  private failures = 0;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly get: Get,
    private readonly later: Later,
    private readonly events: PollEvents<Answer>,
  ) {}

  /** Goes on from where it stopped. Does nothing while it runs. */
  start(): void {
    if (!this.cancel) this.ask();
  }

  /** Nothing is sent any more, and nothing that comes is taken. */
  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  /** Stops, and will begin anew: for something else. */
  reset(): void {
    this.stop();
    this.cursor = undefined;
    this.hasRead = false;
  }

  private ask(): void {
    this.cancel = this.get(
      this.events.path(this.cursor),
      (answer) => this.answered(answer),
      (status) => this.failed(status),
    );
  }

  private answered(answer: unknown): void {
    if (!isAnswer(answer)) return this.failed(0);
    this.failures = 0;
    this.events.trouble(undefined);
    const { since, inMs = this.gapMs(answer, since) } = this.events.take(answer as Answer);
    this.cursor = since;
    this.hasRead ||= !answer.more;
    // Who took the answer may want no more.
    if (this.cancel) this.askIn(inMs);
  }

  private gapMs({ more }: PollAnswer, since: string | undefined): number {
    if (!more || since === undefined) return GAP_MS;
    return this.hasRead ? PART_MS : 0;
  }

  private failed(status: number): void {
    const trouble = TROUBLES[status] ?? 'away';
    this.events.trouble(trouble);
    if (trouble === 'loggedOut') return this.awaitLogin(this.events.session());
    const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    this.askIn(wait);
  }

  /** Asks nothing: a server that is asked again and again without a login may lock the user out. */
  private awaitLogin(ended: string | undefined): void {
    this.cancel = this.later(LOGIN_MS, () => (this.events.session() === ended ? this.awaitLogin(ended) : this.ask()));
  }

  private askIn(ms: number): void {
    this.cancel = this.later(ms, () => this.ask());
  }
}

/** A proxy may answer with a page of its own. */
function isAnswer(answer: unknown): answer is PollAnswer {
  const { cursor, more } = (answer ?? {}) as Partial<PollAnswer>;
  return typeof cursor === 'string' && typeof more === 'boolean';
}
