/** Clock interface, deadlines and an abortable sleep. Injected, so that tests control time. */

import type { StopSignal } from './stop-signal';

/** Ends a deadline before it falls due; calling it later, or twice, does nothing. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds on a monotonic scale; only differences mean something. */
  now(): number;
  /** Calls `fire` once, `ms` from now. */
  after(ms: number, fire: () => void): CancelTimer;
  /** Calls `fire` once, after everything that has arrived at the process by now was read and handled. */
  afterReading(fire: () => void): CancelTimer;
}

/** Turns of the event loop that handle what has arrived; a connection that was made needs the most, 4. */
const READING_TURNS = 5;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fire) {
    // Timers count whole milliseconds; rounding up keeps a wait from ending early.
    const timer = setTimeout(fire, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
  afterReading(fire) {
    let turn: NodeJS.Immediate;
    const wait = (turns: number) => {
      turn = setImmediate(() => (turns > 1 ? wait(turns - 1) : fire()));
    };
    wait(READING_TURNS);
    return () => clearImmediate(turn);
  },
};

/**
 * Calls `fire` once `ms` have passed and what arrived by then has been read: timers run before sockets are read, and a
 * loop that was held up must look for the reply before it gives up.
 */
export function deadline(clock: Clock, ms: number, fire: () => void): CancelTimer {
  let cancel = clock.after(ms, () => {
    cancel = clock.afterReading(fire);
  });
  return () => cancel();
}

/** Calls `wake` when something has happened that a sleeper should not sleep through, and returns how to stop listening. */
export type EarlyWake = (wake: () => void) => CancelTimer | undefined;

/** Resolves after `ms`, at once when `signal` stops, or on `early`; in any case no timer and no listener remains. */
export function sleep(clock: Clock, ms: number, signal: StopSignal, early?: EarlyWake): Promise<void> {
  return new Promise((resolve) => {
    if (signal.reason !== undefined) return resolve();
    const wake = () => {
      cancelTimer();
      stopListening?.();
      signal.removeListener(wake);
      resolve();
    };
    const cancelTimer = clock.after(ms, wake);
    const stopListening = early?.(wake);
    signal.onStop(wake);
  });
}
