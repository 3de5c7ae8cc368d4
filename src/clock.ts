/** Clock interface, deadlines and an abortable sleep. Injected, so that tests control time. */

/** Ends a deadline before it falls due; calling it later, or twice, does nothing. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds on a monotonic scale; only differences mean something. */
  now(): number;
  /** Calls `fire` once, `ms` from now. */
  after(ms: number, fire: () => void): CancelTimer;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fire) {
    // Timers count whole milliseconds; rounding up keeps a wait from ending early.
    const timer = setTimeout(fire, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

/**
 * Calls `fire` once `ms` have passed and what arrived by then has been read: timers run before sockets are read, and a
 * loop that was held up must look for the reply before it gives up.
 */
export function deadline(clock: Clock, ms: number, fire: () => void): CancelTimer {
  let afterReading: NodeJS.Immediate | undefined;
  const cancelTimer = clock.after(ms, () => {
    afterReading = setImmediate(fire);
  });
  return () => {
    cancelTimer();
    clearImmediate(afterReading);
  };
}

/** Resolves after `ms`, or at once when `signal` aborts; either way no timer and no listener remains. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      cancelTimer();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancelTimer = clock.after(ms, wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
