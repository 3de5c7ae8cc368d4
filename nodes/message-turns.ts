/** Messages that a node is working on: begun in the order in which they came, each ended exactly once. */
import type { StopReason } from '../src/outcomes';
import { errorText } from '../src/printable';

/** The work on one message. */
export interface Work<T> {
  /** Resolves when the next message may begin; the result may come later. `signal` is aborted by a stop. */
  begin(signal: AbortSignal): Promise<{ readonly result: Promise<T> | T }>;
  end(result: T): void;
  /** Only a bug gets here. It is the error of this message; it must not end the process. */
  failed(bug: Error): void;
}

export class MessageTurns {
  private readonly running = new Set<Promise<void>>();
  private isClosing = false;
  private stopping = new AbortController();
  /** Contexts and expressions may answer late; chained, messages are begun in the order in which they came. */
  private turn: Promise<unknown> = Promise.resolve();

  /** Messages that are being worked on. */
  get count(): number {
    return this.running.size;
  }

  /** A close has begun. */
  get closing(): boolean {
    return this.isClosing;
  }

  /** Brings one message to its end; never throws. */
  add<T>(work: Work<T>): void {
    const { signal } = this.stopping;
    const begun = this.turn.then(() => work.begin(signal));
    this.turn = begun.catch(() => undefined);
    const handled = begun
      .then(({ result }) => result)
      .then((result) => {
        // Here and not only at the end: of several that end together, the last one must find the others gone.
        this.running.delete(handled);
        work.end(result);
      })
      .catch((bug: unknown) => work.failed(bug instanceof Error ? bug : new Error(errorText(bug))))
      .finally(() => this.running.delete(handled));
    this.running.add(handled);
  }

  /** Aborts the signal of every message so far. */
  stop(reason: StopReason): void {
    this.stopping.abort(reason);
    this.stopping = new AbortController();
  }

  /** Aborts the signal of every message, also of those that are still to come; resolves when all have ended. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.stop('closed');
    this.stopping.abort('closed');
    await Promise.all(this.running);
  }
}
