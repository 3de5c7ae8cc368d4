/** Messages that a node is working on: begun in the order in which they came, each ended exactly once. */
import type { StopReason } from '../src/outcomes';
import { errorText } from '../src/printable';

/** The work on one message. */
export interface Work<T> {
  /** Resolves when the next message may begin; the result may come later. `signal` is aborted by a stop, which ends it soon. */
  begin(signal: AbortSignal): Promise<{ readonly result: Promise<T> | T }>;
  end(result: T): void;
  /** Only a bug gets here. It is the error of this message; it must not end the process. */
  failed(bug: Error): void;
}

const NONE: readonly (() => void)[] = [];

export class MessageTurns {
  private running = 0;
  private isClosing = false;
  /** Of the messages since the last stop; absent while there are none. */
  private stopping: AbortController | undefined;
  /** Contexts and expressions may answer late; chained, messages are begun in the order in which they came. Never rejects. */
  private turn: Promise<void> | undefined;
  /** Closes that wait for the end of every message. */
  private closes: readonly (() => void)[] = NONE;

  /** Messages that are being worked on. */
  get count(): number {
    return this.running;
  }

  /** A close has begun. */
  get closing(): boolean {
    return this.isClosing;
  }

  /** Brings one message to its end; never throws. */
  add<T>(work: Work<T>): void {
    this.running += 1;
    this.stopping ??= new AbortController();
    this.turn = this.begin(work, this.turn, this.stopping.signal);
  }

  /** Aborts the signal of every message so far. */
  stop(reason: StopReason): void {
    this.stopping?.abort(reason);
    this.stopping = undefined;
  }

  /** Aborts the signal of every message, also of those that are still to come; resolves when all have ended. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.stop('closed');
    this.stopping = new AbortController();
    this.stopping.abort('closed');
    if (this.running > 0) await new Promise<void>((resolve) => (this.closes = this.closes.concat(resolve)));
  }

  private async begin<T>(work: Work<T>, before: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
    // For the first message as well: `add` returns before it begins.
    await before;
    try {
      const { result } = await work.begin(signal);
      void this.end(work, result);
    } catch (bug) {
      this.fail(work, bug);
    }
  }

  private async end<T>(work: Work<T>, coming: Promise<T> | T): Promise<void> {
    let result: T;
    try {
      result = await coming;
    } catch (bug) {
      return this.fail(work, bug);
    }
    // Before its end: of several that end together, the last one must find the others gone.
    this.ended();
    try {
      work.end(result);
    } catch (bug) {
      work.failed(errorOf(bug));
    }
  }

  private fail<T>(work: Work<T>, bug: unknown): void {
    this.ended();
    work.failed(errorOf(bug));
  }

  private ended(): void {
    this.running -= 1;
    if (this.running > 0) return;
    const { closes } = this;
    this.closes = NONE;
    for (const resolve of closes) resolve();
  }
}

function errorOf(bug: unknown): Error {
  return bug instanceof Error ? bug : new Error(errorText(bug));
}
