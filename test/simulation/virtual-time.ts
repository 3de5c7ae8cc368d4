/** Virtual time: events of a simulated world in a fixed order, and the clock that the core reads. */
import type { CancelTimer, Clock } from '../../src/clock';

/**
 * Order of events that fall due at the same time. The network moves before the process looks; a process runs its timers
 * before it reads its sockets, and `afterReading` comes when everything that had arrived was read.
 */
const PHASES = { world: 0, timer: 1, io: 2, read: 3 } as const;
type Phase = keyof typeof PHASES;

/** Whose events happen no more once it is over, without being cancelled one by one. */
interface Owner {
  readonly isOver: boolean;
}

interface Event {
  dueMs: number;
  sequence: number;
  readonly phase: number;
  readonly fire: () => void;
  readonly owner: Owner | undefined;
  /** What counts it until it has fired or was cancelled. */
  readonly counter: { pending: number } | undefined;
  isCancelled: boolean;
}

/** Each so many events, the real event loop has its turn. */
const TURNS_OF_LOOP = 1000;
/** Events at one time, after which nothing else will ever happen. */
const MOST_EVENTS_NOW = 100_000;

export interface VirtualTimeOptions {
  /** Timers of the process fire up to this much early, as those of Node.js may: less than 1 ms. */
  readonly earlyMs: () => number;
}

export interface CountedClock extends Clock {
  pendingTimers(): number;
}

export class VirtualTime {
  nowMs = 0;
  /** How long the process has been held up, in all. */
  heldMs = 0;
  private readonly heap: Event[] = [];
  private sequence = 0;
  private eventsNow = 0;
  private heldUntilMs = 0;

  constructor(private readonly options: VirtualTimeOptions) {}

  /** A clock for a part of the process, with the number of its timers that have neither fired nor been cancelled. */
  newClock(): CountedClock {
    const counter = { pending: 0 };
    const timer = (ms: number, phase: Phase, fire: () => void): CancelTimer =>
      cancelOf(this.schedule(ms, phase, fire, undefined, counter));
    return {
      now: () => this.nowMs,
      // A timer of Node.js takes a millisecond at least.
      after: (ms, fire) => timer(Math.max(1, Math.ceil(ms)) - this.options.earlyMs(), 'timer', fire),
      afterReading: (fire) => timer(0, 'read', fire),
      pendingTimers: () => counter.pending,
    };
  }

  /** Something that happens outside of the process, unless its owner is over by then. */
  world(ms: number, fire: () => void, owner?: Owner): void {
    this.schedule(ms, 'world', fire, owner);
  }

  /** The same, at a point in time: a sum of differences may be a little less than what it should be. */
  worldAt(dueMs: number, fire: () => void, owner?: Owner): void {
    this.scheduleAt(dueMs, 'world', fire, owner);
  }

  /** The same, and it can be cancelled. */
  cancellable(ms: number, fire: () => void): CancelTimer {
    return cancelOf(this.schedule(ms, 'world', fire));
  }

  /** Something that a socket of the process reports, unless its owner is over by then. */
  io(ms: number, fire: () => void, owner?: Owner): void {
    this.schedule(ms, 'io', fire, owner);
  }

  /** A user acts, in the process. */
  act(ms: number, fire: () => void): void {
    this.schedule(ms, 'timer', fire);
  }

  /** The event loop is held up: timers and sockets of the process wait, the rest of the world goes on. */
  hold(ms: number): void {
    const until = Math.max(this.heldUntilMs, this.nowMs + ms);
    this.heldMs += until - Math.max(this.heldUntilMs, this.nowMs);
    this.heldUntilMs = until;
  }

  /**
   * Runs events until `isDone`, or until none is left. After each event of the process its promises settle, and then
   * `onSettled` is called.
   */
  run(isDone: () => boolean, onSettled: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let turns = 0;
      const turn = (): void => {
        try {
          onSettled();
          if (isDone() || !this.step()) return resolve();
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        turns += 1;
        // A turn of the real loop takes longer, but signals come only then.
        if (turns % TURNS_OF_LOOP === 0) setImmediate(turn);
        else queueMicrotask(next);
      };
      // From a promise, it is called when no promise has anything to do any more.
      const next = (): void => process.nextTick(turn);
      setImmediate(turn);
    });
  }

  /** Runs what happens outside, up to and with the next event of the process; false if nothing is left. */
  private step(): boolean {
    for (;;) {
      const event = this.pop();
      if (!event) return false;
      if (event.isCancelled) continue;
      if (event.phase !== PHASES.world && event.dueMs < this.heldUntilMs) {
        event.dueMs = this.heldUntilMs;
        this.push(event);
        continue;
      }
      if (event.dueMs > this.nowMs) this.eventsNow = 0;
      this.eventsNow += 1;
      if (this.eventsNow > MOST_EVENTS_NOW) throw new Error(`time stands still at ${this.nowMs} ms`);
      this.nowMs = Math.max(this.nowMs, event.dueMs);
      end(event);
      if (event.owner?.isOver !== true) event.fire();
      if (event.phase !== PHASES.world) return true;
    }
  }

  private schedule(ms: number, phase: Phase, fire: () => void, owner?: Owner, counter?: Event['counter']): Event {
    return this.scheduleAt(this.nowMs + ms, phase, fire, owner, counter);
  }

  private scheduleAt(dueMs: number, phase: Phase, fire: () => void, owner?: Owner, counter?: Event['counter']): Event {
    const event: Event = { dueMs, sequence: 0, phase: PHASES[phase], fire, owner, counter, isCancelled: false };
    if (counter) counter.pending += 1;
    this.push(event);
    return event;
  }

  private push(event: Event): void {
    this.sequence += 1;
    event.sequence = this.sequence;
    const { heap } = this;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  private pop(): Event | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      if (right && isBefore(right, left)) child += 1;
      const smaller = heap[child] ?? left;
      if (isBefore(last, smaller)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function cancelOf(event: Event): CancelTimer {
  return () => end(event);
}

function end(event: Event): void {
  if (event.counter && !event.isCancelled) event.counter.pending -= 1;
  event.isCancelled = true;
}

function isBefore(a: Event, b: Event): boolean {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs;
  return a.phase === b.phase ? a.sequence < b.sequence : a.phase < b.phase;
}
