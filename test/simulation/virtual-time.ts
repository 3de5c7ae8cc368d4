/** Virtual time: events of a simulated world in a fixed order, and the clock that the core reads. */
import type { CancelTimer, Clock } from '../../src/clock';

/**
 * Order of events that fall due at the same time. The network moves before the process looks; a process runs its timers
 * before it reads its sockets, and `afterReading` comes when everything that had arrived was read.
 */
const PHASES = { world: 0, timer: 1, io: 2, read: 3 } as const;
type Phase = keyof typeof PHASES;

interface Event {
  dueMs: number;
  sequence: number;
  readonly phase: number;
  readonly fire: () => void;
  isCancelled: boolean;
}

/** Turns of the real event loop that are queued at once; promises settle after each. */
const TURNS_AT_ONCE = 200;
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
    let pending = 0;
    const timer = (ms: number, phase: Phase, fire: () => void): CancelTimer => {
      pending += 1;
      let isPending = true;
      const end = (): void => {
        if (isPending) pending -= 1;
        isPending = false;
      };
      const cancel = this.schedule(ms, phase, () => {
        end();
        fire();
      });
      return () => {
        end();
        cancel();
      };
    };
    return {
      now: () => this.nowMs,
      // A timer of Node.js takes a millisecond at least.
      after: (ms, fire) => timer(Math.max(1, Math.ceil(ms)) - this.options.earlyMs(), 'timer', fire),
      afterReading: (fire) => timer(0, 'read', fire),
      pendingTimers: () => pending,
    };
  }

  /** Something that happens outside of the process. */
  world(ms: number, fire: () => void): CancelTimer {
    return this.schedule(ms, 'world', fire);
  }

  /** Something that a socket of the process reports. */
  io(ms: number, fire: () => void): CancelTimer {
    return this.schedule(ms, 'io', fire);
  }

  /** A user acts, in the process. */
  act(ms: number, fire: () => void): CancelTimer {
    return this.schedule(ms, 'timer', fire);
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
      let hasEnded = false;
      const turn = (): void => {
        if (hasEnded) return;
        try {
          onSettled();
          if (!isDone() && this.step()) return;
          hasEnded = true;
          resolve();
        } catch (error) {
          hasEnded = true;
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      // Node.js lets promises settle between two callbacks of one turn of its loop, so that few turns are needed.
      const turns = (): void => {
        if (hasEnded) return;
        for (let each = 0; each < TURNS_AT_ONCE; each += 1) setImmediate(turn);
        setImmediate(turns);
      };
      turns();
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
      event.isCancelled = true;
      event.fire();
      if (event.phase !== PHASES.world) return true;
    }
  }

  private schedule(ms: number, phase: Phase, fire: () => void): CancelTimer {
    const event: Event = { dueMs: this.nowMs + ms, sequence: 0, phase: PHASES[phase], fire, isCancelled: false };
    this.push(event);
    return () => {
      event.isCancelled = true;
    };
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

function isBefore(a: Event, b: Event): boolean {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs;
  return a.phase === b.phase ? a.sequence < b.sequence : a.phase < b.phase;
}
